/// What survives what, from the moment a call returns.
///
/// Calls are recovered whole and in their order: what survives is a prefix of what was logged. `Store.sync()` makes all that was
/// logged before survive a loss of power, whatever the durability; ``Store/close()`` does, too. After a sync that failed nothing can
/// be logged any more, since nobody knows what is on the disk; open the store again then. The call whose sync failed throws, and
/// may or may not be there. See ``BackPressure`` for what a disk that stalls means.
public enum Durability: String, Sendable, CaseIterable {
    /// The call returns once the event is in memory. It survives the end of the process through `close()`; a background
    /// thread writes every 10 ms and syncs every 100 ms, so that a crash loses at most that much. The fastest.
    case buffered
    /// The event has been handed to the operating system: it survives SIGKILL of the process.
    case written
    /// The event is on the disk: it survives power loss. Concurrent callers share one sync; the `async` forms hold no thread
    /// while they wait for it. Takes twice the disk's bandwidth for the log, whose files are written over and used again.
    case durable
}

/// How a store is opened.
public struct StoreOptions: Sendable {
    /// What a call has achieved when it returns.
    public var durability = Durability.buffered
    /// Rows in memory are sealed into segments when all memtables together hold this many bytes. A second set may fill
    /// while the first is sealed; what happens to a caller who finds that one full too says ``backPressure``. So memory for
    /// rows stays below about three times this.
    public var memtableByteCount = 32 << 20
    /// How many bytes of events that no file has yet the log keeps in memory, one call apart; then ``backPressure`` decides.
    /// Reached only where writing stalls.
    public var logMemoryByteCount = 64 << 20
    /// What becomes of events when memory is full because the disk does not keep up.
    public var backPressure = BackPressure.block
    /// Bounds on what is kept.
    public var limits = StoreLimits()
    /// How often buffered events are handed to the operating system.
    public var flushMilliseconds = 10
    /// How often what was handed over is synced to the disk.
    public var syncMilliseconds = 100
    /// Where the task's clock comes from: the wall clock (live), or the events' own times (a replay of the past).
    public var arrival = ArrivalClock.wall
    /// How sealed files are read.
    public var fileAccess = FileAccess.mapped

    /// For whom new files are. Files that there are stay as they are.
    public var access = StoreAccess.owner {
        didSet {
            if environment.fileSystem is PosixFileSystem { environment.fileSystem = PosixFileSystem(access) }
        }
    }

    /// The defaults: buffered, 32 MB of rows in memory.
    public init() {}

    /// The disk, the time and the threads; tests put simulated ones here.
    package var environment = StoreEnvironment()
}

/// What counts as the time at which an event arrived.
public enum ArrivalClock: Sendable {
    /// The wall clock at the moment of the call.
    case wall
    /// The event's own time: for replays.
    case eventTime
}

/// Everything through which a store touches the world outside.
package struct StoreEnvironment: Sendable {
    package var fileSystem: any FileSystem = PosixFileSystem()
    package var clock: any StoreClock = SystemClock()
    /// Makes an executor of the given name; nil makes a thread.
    package var makeExecutor: @Sendable (String) -> any BackgroundExecutor = { ThreadExecutor(name: $0) }
    /// Masks the hash of indexed keys. Only a test that wants collisions changes it.
    package var indexHashMask: UInt32 = .max
    /// How much of the disk a log takes at a time. A simulated disk has less to give.
    package var logChunkByteCount = 16 << 20
    /// Behind so many bytes of log an opening has the rest read by a second thread. When that runs is no function of a seed: in a
    /// simulation the one that opens does both.
    package var readAheadFrom = 4 << 20

    package init() {}
}
