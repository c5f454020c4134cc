import Synchronization

/// Stops a periodic job. A run that has begun goes on.
package final class BackgroundCancellation: Sendable {
    private let cancelled = Atomic<Bool>(false)

    package init() {}

    package var isCancelled: Bool { cancelled.load(ordering: .acquiring) }

    package func cancel() { cancelled.store(true, ordering: .releasing) }
}
