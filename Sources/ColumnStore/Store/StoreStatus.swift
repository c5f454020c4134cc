internal import ColumnFormat

/// An open store at a glance: what waits in memory and on the disk, and what back-pressure did.
///
/// Calls are counted since the store was made; after a crash, those that were counted after the last seal are forgotten.
public struct StoreStatus: Sendable {
    /// Rows that are in no segment yet, of all tables.
    public var memoryRows = 0
    /// About how many bytes these take in memory.
    public var memoryByteCount = 0
    /// Sets of rows that wait to be sealed.
    public var unsealedSets = 0
    /// Bytes of events that the log has in memory and no file has yet; at most ``StoreOptions/logMemoryByteCount``, one call
    /// apart.
    public var unwrittenByteCount = 0
    /// The number that the next event gets. Numbers count the rows of all calls, in the order in which they were logged.
    public var nextSequence: UInt64 = 0
    /// Events with lower numbers survive the end of the process.
    public var writtenUpTo: UInt64 = 0
    /// Events with lower numbers survive a loss of power.
    public var durableUpTo: UInt64 = 0
    /// Segments of all tables.
    public var segments = 0
    /// Index runs of all tables; with the segments bounded by ``StoreLimits/files``.
    public var indexRuns = 0
    /// About how many bytes of the logs an opening would have to read; bounded by ``StoreLimits/logByteCount`` and what
    /// memory holds.
    public var logByteCount = 0
    /// Calls that waited for memory.
    public var waitedCalls = 0
    /// How long those waited, together.
    public var waitedMicroseconds = 0
    /// Calls that were refused because memory was full.
    public var refusedCalls = 0
    /// Calls that were dropped because memory was full, or the disk.
    public var droppedCalls = 0
    /// Predictions, pieces of feedback and rows of these calls.
    public var droppedEvents = 0
    /// Why rows in memory could not be sealed the last time; nil where they could.
    public var sealFailure: StoreError?
    /// Why nothing can be logged any more, or the disk was full at the last attempt; nil where all is well.
    public var logFailure: StoreError?

    package init() {}
}

extension Store {
    /// The store at a glance. Of a store that was opened for reading only the rows are told.
    public var status: StoreStatus {
        var status = StoreStatus()
        let log = read { core in
            status.memoryRows = core.tables.values.reduce(0) { $0 + Int($1.endRow - $1.sealedEndRow) }
            status.memoryByteCount = core.memoryByteCount
            status.unsealedSets = core.generations.count
            status.logByteCount = core.logByteCount
            status.segments = core.tables.values.reduce(0) { $0 + $1.segments.count }
            status.indexRuns = core.tables.values.reduce(0) { $0 + $1.runs.count }
            status.nextSequence = core.nextSequence
            return core.log
        }
        let own = counters[""]
        status.waitedCalls = own[.waitedCalls]
        status.waitedMicroseconds = own[.waitedMicroseconds]
        status.refusedCalls = own[.refusedCalls]
        status.droppedCalls = own[.droppedCalls]
        status.droppedEvents = own[.droppedEvents]
        status.sealFailure = sealer?.lastFailure
        guard let log else { return status }
        status.unwrittenByteCount = log.unwrittenByteCount
        status.writtenUpTo = log.writtenUpTo
        status.durableUpTo = log.durableUpTo
        status.logFailure = log.poison ?? log.fullDisk
        return status
    }

    /// Events with lower numbers survive a loss of power: see ``StoreStatus/nextSequence``. 0 in a store that was opened for
    /// reading.
    public var durableUpTo: UInt64 { read { $0.log }?.durableUpTo ?? 0 }
}
