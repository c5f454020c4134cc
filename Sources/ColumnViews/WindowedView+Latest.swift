extension WindowedView {
    /// The newest windows of a kind that hold a prediction, `count` at most, in order of time; the one of `cumulative` and of
    /// `trailing`, whatever `includingOpen` says. Cost: about that of a summary for each of them, also where others have gone
    /// before, or there was nothing for long.
    package func latestWindows(
        _ window: Window, count: Int, includingOpen: Bool = true
    ) throws(ViewError) -> [WindowInterval] {
        try window.validate()
        guard count > 0 else { return [] }
        guard let grid = WindowGrid(window) else { return try currentWindows(window) }
        guard let first = try state.panes.firstPane(), let time = clock.time else { return [] }
        let oldest = grid.firstOrdinal(containing: paneWidth.start(first))
        let newestClosed = grid.lastOrdinal(endingAtOrBefore: clock.watermark ?? time)
        let end = includingOpen ? Int64.max : grid.start(newestClosed).saturatingAdd(1)
        // Further back as long as there are too few: gaps cost a step each time, not one for each window in them.
        var reach = Int64(clamping: count)
        while true {
            let from = newestClosed.saturatingSubtract(reach)
            let found = try currentWindows(window, from: from < oldest ? .min : grid.start(from), to: end)
            if found.count >= count || from < oldest { return Array(found.suffix(count)) }
            reach = reach.multipliedReportingOverflow(by: 4).overflow ? .max : reach * 4
        }
    }
}
