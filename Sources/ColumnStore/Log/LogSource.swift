internal import ColumnFormat

/// The frames of all logs from one on, batch by batch: see ``LogReplay``.
///
/// For one thread at a time.
final class LogSource: @unchecked Sendable {
    /// What was found so far; all of it when there is no more batch.
    private(set) var result: LogReplay

    private let fileSystem: any FileSystem
    private let directory: String
    private let validByteCounts: [UInt64: Int]
    private let makeDurable: Bool
    private let durableEnd: UInt64
    private let newest: UInt64?
    /// The logs that are left.
    private var rest: ArraySlice<UInt64>
    private var current: (number: UInt64, path: String, file: any File, reader: LogReader)?

    init(
        fileSystem: any FileSystem, directory: String, from start: UInt64, validByteCounts: [UInt64: Int],
        onlyDurable: Bool, makeDurable: Bool
    ) throws(StoreError) {
        self.fileSystem = fileSystem
        self.directory = directory
        self.validByteCounts = validByteCounts
        self.makeDurable = makeDurable
        result = LogReplay(nextNumber: start)
        let found = try LogFile.numbers(in: directory, fileSystem).filter { $0 >= start }
        // A log is made before the manifest lets the store begin with it; only a new store may have none.
        guard !found.isEmpty || start <= 1 else {
            throw .corrupt("the log is missing", path: LogFile.path(directory, start))
        }
        durableEnd =
            onlyDurable
            ? try Self.durableEnd(fileSystem, directory, newest: found.last, validByteCounts) : UInt64.max
        newest = found.last
        rest = found[...]
    }

    deinit { close() }

    /// Fills a batch with the next frames; false where there are no more.
    func next(_ batch: LogBatch) throws(StoreError) -> Bool {
        do throws(StoreError) {
            while true {
                if current == nil { try open() }
                guard let current else { return false }
                try current.reader.next(batch)
                guard let last = batch.frames.last else {
                    try finish()
                    continue
                }
                batch.path = current.path
                if last.header.endSequence > durableEnd {
                    batch.frames.removeAll { $0.header.endSequence > durableEnd }
                    result.numbers.append(current.number)
                    rest = []
                    close()
                }
                return true
            }
        } catch {
            rest = []
            close()
            throw error
        }
    }

    private func close() {
        current?.file.close()
        current = nil
    }

    /// Goes on with the next log, if there is one.
    private func open() throws(StoreError) {
        guard let number = rest.popFirst() else { return }
        let path = LogFile.path(directory, number)
        guard number == result.nextNumber else {
            throw .corrupt("\(LogFile.name(result.nextNumber)) is missing before it", path: path)
        }
        let file = try fileSystem.open(path, makeDurable ? .readWrite : .read)
        let reader: LogReader
        do throws(StoreError) {
            reader = try LogReader(file: file, number: number, validByteCount: validByteCounts[number])
            if let nextSequence = result.nextSequence, reader.header.firstSequence != nextSequence {
                throw .corrupt(
                    "the log begins with sequence number \(reader.header.firstSequence), \(nextSequence) expected",
                    path: path, offset: 40)
            }
        } catch {
            file.close()
            throw error
        }
        current = (number, path, file, reader)
    }

    /// Judges the end of the log that is open, and closes it, if that is its end.
    private func finish() throws(StoreError) {
        guard let (number, path, file, reader) = current else { return }
        let end = try reader.finish()
        if end.hasMore { return }
        if !makeDurable, try !reader.isCurrent() {
            throw StoreError(.notFound, "the log was retired while it was read", path: path)
        }
        if end.isTorn {
            guard number == newest else {
                throw .corrupt(
                    "the log is damaged, although it was complete when the next one was begun", path: path,
                    offset: end.validByteCount)
            }
            result.torn = (number, end.validByteCount)
            #if DRUMLIN_INJECTED_BUGS
                if InjectedBug.dropTornTailCheck.isOn { result.torn = nil }
            #endif
        }
        if makeDurable { try file.sync() }
        result.endsEmpty =
            end.validByteCount == LogFileHeader.byteCount && !end.isTorn && validByteCounts[number] == nil
        result.nextSequence = end.nextSequence
        result.nextNumber = number + 1
        result.numbers.append(number)
        close()
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
