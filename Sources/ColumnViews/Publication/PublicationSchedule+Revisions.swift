extension PublicationSchedule {
    /// How often a window was published; 0 for one that was not, or whose kind is not registered.
    func revision(of interval: WindowInterval) -> Int {
        guard let entry = entries.first(where: { $0.window == interval.window }) else { return 0 }
        guard let grid = entry.grid, let start = interval.start else { return entry.lastRevision }
        let ordinal = grid.ordinals(startingFrom: start, to: start.saturatingAdd(1)).lowerBound
        let key = WatchedWindow.Key(identifier: entry.identifier, ordinal: ordinal)
        return watched[key]?.revision ?? entry.revisions[ordinal]
    }
}

extension WindowedView {
    /// How often the values of a window were published.
    package func revision(of interval: WindowInterval) -> Int { state.schedule.revision(of: interval) }
}
