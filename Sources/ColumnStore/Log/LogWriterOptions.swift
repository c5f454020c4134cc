/// How a log takes memory and disk, and how soon it writes by itself.
package struct LogWriterOptions: Sendable {
    /// The disk space taken at a time.
    package var chunkByteCount = 16 << 20
    /// How much may wait in memory before it is written without delay.
    package var flushByteCount = 1 << 20
    /// How much may wait in memory at most, one call apart; there is no room for an append beyond it.
    package var pendingByteLimit = 64 << 20
    /// How long an appended frame waits in memory for others.
    package var flushDelayMilliseconds = 10
    /// How long a written frame waits for its sync.
    package var syncDelayMilliseconds = 100
    /// Appends of up to so many bytes wait in memory for disk space that the background is still taking, instead of taking
    /// it themselves; nil for none.
    package var unreservedByteLimit: Int?
    /// A retired log becomes the next one: see `LogWriter.recycle(_:)`.
    package var recyclesLogs = false

    package init() {}

    /// How much of the disk has to be ours ahead of an append, so that what is accepted can be written.
    var marginByteCount: Int { chunkByteCount / 8 }
    /// Up to where space is taken when a file has just been begun and does not exist yet.
    var initialReservation: Int { chunkByteCount > 0 ? chunkByteCount : .max }
}
