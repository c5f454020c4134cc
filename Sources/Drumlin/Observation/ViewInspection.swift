package import ColumnFormat
package import ColumnStore
package import ColumnViews

/// The windowed state of a task, as one sees it from outside.
package struct ViewInspection: Sendable {
    /// The windows of one kind.
    package struct Kind: Sendable {
        package let window: Window
        /// The metrics that are kept over it.
        package let metrics: [String]
        /// Windows that hold a prediction.
        package let count: Int
        /// Those of them that have not closed.
        package let openCount: Int
        /// The start of the newest one.
        package let newest: Timestamp?
    }

    package let task: String
    package let kinds: [Kind]
    package let paneWidth: TimeSpan
    /// Predictions that are counted, and those of them without a label.
    package let predictions: Int
    package let unlabeled: Int
    package let cellCount: Int
    /// Bytes of memory.
    package let byteCount: Int
    package let clock: Timestamp?
    /// What the state was made of when the task was opened: `checkpoint`, `log` or `rows`.
    package let origin: String
}

extension MonitoredTask {
    /// Looks at the windowed state. O(windows).
    package func inspectView() throws(StoreError) -> ViewInspection {
        try store.read { _ throws(StoreError) in
            let state = shared.state
            let view = state.view
            var kinds: [ViewInspection.Kind] = []
            do throws(ViewError) {
                for window in view.windows {
                    let intervals = try view.currentWindows(window)
                    var openCount = 0
                    for interval in intervals where try view.status(of: interval) == .open { openCount += 1 }
                    kinds.append(
                        ViewInspection.Kind(
                            window: window,
                            metrics: state.registrations.filter { $0.windows.contains(window) }.map(\.name),
                            count: intervals.count, openCount: openCount,
                            newest: intervals.last?.start.map { Timestamp(microseconds: $0) }))
                }
            } catch {
                throw StoreError(.io, "task '\(name)': \(error)")
            }
            return ViewInspection(
                task: name, kinds: kinds, paneWidth: view.paneWidth.span,
                predictions: Int(clamping: view.total.predictions), unlabeled: Int(clamping: view.total.unlabeled),
                cellCount: view.cellCount, byteCount: view.byteCount,
                clock: view.clock.time.map { Timestamp(microseconds: $0) }, origin: state.origin.rawValue)
        }
    }
}
