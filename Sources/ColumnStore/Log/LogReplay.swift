package import ColumnFormat

/// Reads all the logs that hold what is in no segment yet, in order.
package struct LogReplay: Sendable {
    /// The number that the next frame of the store has to begin with; nil if there was no log.
    package private(set) var nextSequence: UInt64?
    /// The number that the next log has to have.
    package private(set) var nextNumber: UInt64
    /// The logs that were read.
    package private(set) var numbers: [UInt64] = []
    /// Whether the newest log holds nothing at all, so that the next one may take its number and its place.
    package private(set) var endsEmpty = false
    /// Where the newest log ends, in bytes, if bytes follow there that are no frame. To be recorded in the manifest
    /// (``ManifestEdit/logValidLength(number:byteCount:)``) before the next log is made.
    package private(set) var torn: (number: UInt64, validByteCount: Int)?

    /// Calls `body` with each frame of the logs from number `start` on.
    ///
    /// A log that another follows was complete and durable before that one was made, so it may not be torn, unless an earlier
    /// recovery recorded where it ends. Never changes a file.
    ///
    /// - Parameters:
    ///   - validByteCounts: Where torn logs end, from the manifest.
    ///   - onlyDurable: End before the first frame that the log does not tell to be durable. For a reader.
    ///   - makeDurable: Sync each log after reading: what a killed process had written is then as durable as the frames of the
    ///     next log will claim. For a writer.
    /// - Throws: `.corrupt`; `.notFound` if a log was retired meanwhile, and a reader then starts over; what `body` throws.
    package init(
        fileSystem: any FileSystem, directory: String, from start: UInt64, validByteCounts: [UInt64: Int],
        onlyDurable: Bool = false, makeDurable: Bool, body: (LogFrame) throws(StoreError) -> Void
    ) throws(StoreError) {
        nextNumber = start
        let found = try LogFile.numbers(in: directory, fileSystem).filter { $0 >= start }
        // A log is made before the manifest lets the store begin with it; only a new store may have none.
        guard !found.isEmpty || start <= 1 else {
            throw .corrupt("the log is missing", path: LogFile.path(directory, start))
        }
        let durableEnd =
            onlyDurable
            ? try Self.durableEnd(fileSystem, directory, newest: found.last, validByteCounts) : UInt64.max
        for number in found {
            let path = LogFile.path(directory, number)
            guard number == nextNumber else {
                throw .corrupt("\(LogFile.name(nextNumber)) is missing before it", path: path)
            }
            let file = try fileSystem.open(path, makeDurable ? .readWrite : .read)
            defer { file.close() }
            let reader = try LogReader(file: file, number: number, validByteCount: validByteCounts[number])
            if let nextSequence, reader.header.firstSequence != nextSequence {
                throw .corrupt(
                    "the log begins with sequence number \(reader.header.firstSequence), \(nextSequence) expected",
                    path: path, offset: 40)
            }
            var end: LogEnd
            repeat {
                while let frame = try reader.next() {
                    if frame.header.endSequence > durableEnd {
                        numbers.append(number)
                        return
                    }
                    do throws(StoreError) {
                        try body(frame)
                    } catch {
                        var placed = error
                        placed.path = placed.path ?? path
                        throw placed
                    }
                }
                end = try reader.finish()
            } while end.hasMore
            if !makeDurable, try !reader.isCurrent() {
                throw StoreError(.notFound, "the log was retired while it was read", path: path)
            }
            if end.isTorn {
                guard number == found.last else {
                    throw .corrupt(
                        "the log is damaged, although it was complete when the next one was begun", path: path,
                        offset: end.validByteCount)
                }
                torn = (number, end.validByteCount)
                #if DRUMLIN_INJECTED_BUGS
                    if InjectedBug.dropTornTailCheck.isOn { torn = nil }
                #endif
            }
            if makeDurable { try file.sync() }
            endsEmpty =
                end.validByteCount == LogFileHeader.byteCount && !end.isTorn && validByteCounts[number] == nil
            nextSequence = end.nextSequence
            nextNumber = number + 1
            numbers.append(number)
        }
    }
    /// The number up to which the newest log's own frames tell that everything is durable; the logs before it are, wholly.
    private static func durableEnd(
        _ fileSystem: any FileSystem, _ directory: String, newest: UInt64?, _ validByteCounts: [UInt64: Int]
    ) throws(StoreError) -> UInt64 {
        // Where a log ends is recorded when that is durable.
        guard let newest, validByteCounts[newest] == nil else { return .max }
        let file = try fileSystem.open(LogFile.path(directory, newest), .read)
        defer { file.close() }
        let reader = try LogReader(file: file, number: newest)
        var end = reader.header.firstSequence
        while let frame = try reader.next() { end = max(end, frame.header.durableUpTo) }
        return end
    }
}
