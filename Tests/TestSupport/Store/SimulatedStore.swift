import ColumnFormat
package import ColumnStore
import Synchronization

/// What a store needs to live on a simulated disk: its executors run when the test says.
package final class SimulatedStore: Sendable {
    package let fileSystem: SimulatedFileSystem
    package let clock: ManualClock
    private let state: Mutex<State>

    private struct State {
        var executors: [InlineExecutor] = []
        /// Chooses which jobs run between others; nil where each executor's run when it is waited for and not before.
        var generator: SeededGenerator?
        /// Within a job, or a call that holds what jobs wait for.
        var isExclusive = false
    }

    /// With a seed, jobs of different executors take turns as it says, and the clock moves with ``advance(milliseconds:)``.
    package init(_ fileSystem: SimulatedFileSystem, clock: ManualClock = ManualClock(), seed: UInt64? = nil) {
        self.fileSystem = fileSystem
        self.clock = clock
        state = Mutex(State(generator: seed.map { SeededGenerator(seed: $0) }))
    }

    /// Options for a store with small memtables and logs.
    package func options(_ durability: Durability = .buffered, memtableByteCount: Int = 1 << 20) -> StoreOptions {
        var options = StoreOptions()
        options.durability = durability
        options.memtableByteCount = memtableByteCount
        options.environment.fileSystem = fileSystem
        options.environment.clock = clock
        options.environment.logChunkByteCount = 4_096
        options.environment.readAheadFrom = .max
        options.environment.makeExecutor = { [weak self] _ in
            let executor = InlineExecutor(
                interlude: { [weak self] executor in self?.runOthers(than: executor) },
                run: { [weak self] job in
                    guard let self else { return job() }
                    exclusively(job)
                })
            self?.state.withLock { $0.executors.append(executor) }
            return executor
        }
        return options
    }

    /// Lets time pass for the background: flushes, syncs and seals that are due run.
    package func advance(milliseconds: Int) {
        let executors = state.withLock { state in
            guard state.generator != nil else { return state.executors }
            return state.executors.shuffled(using: &state.generator!)
        }
        if state.withLock({ $0.generator != nil }) {
            clock.advance(by: TimeSpan(microseconds: Int64(milliseconds) * 1_000))
        }
        for executor in executors {
            executor.drain()
            executor.advance(milliseconds: milliseconds)
        }
    }

    /// Runs `body` without jobs between its own: for calls that hold what jobs of other executors wait for.
    package func exclusively<R>(_ body: () throws -> R) rethrows -> R {
        let wasExclusive = state.withLock { state in
            defer { state.isExclusive = true }
            return state.isExclusive
        }
        defer { state.withLock { $0.isExclusive = wasExclusive } }
        return try body()
    }

    /// Runs some jobs of other executors, if the seed says so.
    private func runOthers(than waiting: InlineExecutor) {
        while true {
            let chosen = state.withLock { state -> InlineExecutor? in
                guard state.generator != nil, !state.isExclusive,
                    Int.random(in: 0..<3, using: &state.generator!) == 0
                else { return nil }
                return state.executors.filter { $0 !== waiting && $0.pendingCount > 0 }
                    .randomElement(using: &state.generator!)
            }
            guard let chosen else { return }
            chosen.step()
        }
    }
}
