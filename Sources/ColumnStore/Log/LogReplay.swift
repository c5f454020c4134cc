package import ColumnFormat

/// Reads all the logs that hold what is in no segment yet, in order.
package struct LogReplay: Sendable {
    /// The number that the next frame of the store has to begin with; nil if there was no log.
    package internal(set) var nextSequence: UInt64?
    /// The number that the next log has to have.
    package internal(set) var nextNumber: UInt64
    /// The logs that were read.
    package internal(set) var numbers: [UInt64] = []
    /// Whether the newest log holds nothing at all, so that the next one may take its number and its place.
    package internal(set) var endsEmpty = false
    /// Where the newest log ends, in bytes, if bytes follow there that are no frame. To be recorded in the manifest
    /// (``ManifestEdit/logValidLength(number:byteCount:)``) before the next log is made.
    package internal(set) var torn: (number: UInt64, validByteCount: Int)?

    init(nextNumber: UInt64) { self.nextNumber = nextNumber }

    /// Calls `body` with the frames of the logs from number `start` on, some at a time, which are valid until it returns.
    ///
    /// A log that another follows was complete and durable before that one was made, so it may not be torn, unless an earlier
    /// recovery recorded where it ends. Never changes a file.
    ///
    /// - Parameters:
    ///   - validByteCounts: Where torn logs end, from the manifest.
    ///   - onlyDurable: End before the first frame that the log does not tell to be durable. For a reader.
    ///   - makeDurable: Sync each log after reading: what a killed process had written is then as durable as the frames of the
    ///     next log will claim. For a writer.
    ///   - readAheadFrom: Behind so many bytes another thread reads and checks the next frames while `body` has those before. `body` gets
    ///     the same ones, on the thread of the caller, and errors come in the same order.
    /// - Throws: `.corrupt`; `.notFound` if a log was retired meanwhile, and a reader then starts over; what `body` throws.
    package init(
        fileSystem: any FileSystem, directory: String, from start: UInt64, validByteCounts: [UInt64: Int],
        onlyDurable: Bool = false, makeDurable: Bool, readAheadFrom: Int = .max,
        body: ([LogFrame]) throws(StoreError) -> Void
    ) throws(StoreError) {
        let source = try LogSource(
            fileSystem: fileSystem, directory: directory, from: start, validByteCounts: validByteCounts,
            onlyDurable: onlyDurable, makeDurable: makeDurable)
        let batch = LogBatch()
        var byteCount = 0
        while byteCount < readAheadFrom, try source.next(batch) {
            try Self.pass(batch, to: body)
            byteCount &+= batch.byteCount
        }
        if byteCount >= readAheadFrom {
            try LogReadAhead(source).forEachBatch { batch throws(StoreError) in try Self.pass(batch, to: body) }
        }
        self = source.result
    }

    private static func pass(
        _ batch: LogBatch, to body: ([LogFrame]) throws(StoreError) -> Void
    ) throws(StoreError) {
        do throws(StoreError) {
            try body(batch.frames)
        } catch {
            var placed = error
            placed.path = placed.path ?? batch.path
            throw placed
        }
    }
}
