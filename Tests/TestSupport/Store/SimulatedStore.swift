package import ColumnStore
import Synchronization

/// What a store needs to live on a simulated disk: its executors run when the test says.
package final class SimulatedStore: Sendable {
    package let fileSystem: SimulatedFileSystem
    package let clock = ManualClock()
    private let executors = Mutex<[InlineExecutor]>([])

    package init(_ fileSystem: SimulatedFileSystem) { self.fileSystem = fileSystem }

    /// Options for a store with small memtables and logs.
    package func options(_ durability: Durability = .buffered, memtableByteCount: Int = 1 << 20) -> StoreOptions {
        var options = StoreOptions()
        options.durability = durability
        options.memtableByteCount = memtableByteCount
        options.environment.fileSystem = fileSystem
        options.environment.clock = clock
        options.environment.logChunkByteCount = 4_096
        options.environment.makeExecutor = { [weak self] _ in
            let executor = InlineExecutor()
            self?.executors.withLock { $0.append(executor) }
            return executor
        }
        return options
    }

    /// Lets time pass for the background: flushes, syncs and seals that are due run.
    package func advance(milliseconds: Int) {
        for executor in executors.withLock({ $0 }) {
            executor.drain()
            executor.advance(milliseconds: milliseconds)
        }
    }
}
