internal import CDrumlinShims

/// Tells the process that made it from one that was forked off later.
///
/// A fork copies one thread of many: in the child nobody writes, syncs or seals, locks may be held for ever, and the files
/// and the lock of the store are shared with the parent. So the child must not use what the parent has opened.
struct ProcessMark: Sendable {
    private let forkCount: Int32

    init() {
        drumlin_watch_forks()
        forkCount = drumlin_fork_count()
    }

    /// A look at one integer.
    var isOurs: Bool { drumlin_fork_count() == forkCount }
}
