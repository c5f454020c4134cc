/// How a log takes memory and disk, and how soon it writes by itself.
package struct LogWriterOptions: Sendable {
    /// The disk space taken at a time.
    package var chunkByteCount = 16 << 20
    /// How much may wait in memory before it is written without delay.
    package var flushByteCount = 1 << 20
    /// How much may wait in memory at most; an append that finds more writes first, or fails.
    package var pendingByteLimit = 64 << 20
    /// How long an appended frame waits in memory for others.
    package var flushDelayMilliseconds = 10
    /// How long a written frame waits for its sync.
    package var syncDelayMilliseconds = 100

    package init() {}
}
