package import ColumnFormat

/// What the logs of a store hold: the rows that are in no segment yet.
package struct LogInspection: Sendable {
    /// One of the files.
    package struct Content: Sendable {
        package let number: UInt64
        package let path: String
        /// Bytes of the file, which is made larger than what it holds.
        package fileprivate(set) var byteCount = 0
        /// Bytes of its header and its whole frames.
        package fileprivate(set) var usedByteCount = 0
        package fileprivate(set) var frameCount = 0
        package fileprivate(set) var rowCount = 0
        /// The number of its first row, and the one behind its last; nil without a frame.
        package fileprivate(set) var sequences: Range<UInt64>?
        /// When its first and its last call came, in µs since 1970; nil without a frame.
        package fileprivate(set) var arrivals: ClosedRange<Int64>?
    }

    /// In the order of their numbers; those that could be begun to be read.
    package private(set) var files: [Content] = []
    /// The numbers of the logs, ascending.
    package private(set) var numbers: [UInt64] = []
    /// Bytes of the files, which are made larger than what they hold.
    package private(set) var byteCount = 0
    /// Bytes of headers and whole frames.
    package private(set) var usedByteCount = 0
    package private(set) var frameCount = 0
    /// Rows by the number of their table.
    package private(set) var rowCounts: [UInt32: Int] = [:]
    /// What calls removed, by the number of the table.
    package private(set) var removals: [UInt32: RowRemoval] = [:]
    /// The number behind the last row that is logged; 0 where no frame is left.
    package private(set) var endSequence: UInt64 = 0
    /// Rows with lower numbers were durable when the last frame was written.
    package private(set) var durableUpTo: UInt64 = 0
    /// Where the newest log ends in bytes that are no whole frame, which a crash leaves.
    package private(set) var torn: (path: String, offset: Int)?

    /// Reads the frames, but no row in them, and not what was made ready behind them for more: of that, only whether it
    /// begins with zeros. What is wrong goes to `damages`; throws `.io` or `.unsupportedVersion`.
    init(
        _ state: ManifestState, directory: String, _ fileSystem: any FileSystem, damages: inout [Damage]
    ) throws(StoreError) {
        numbers = try LogFile.numbers(in: directory, fileSystem).filter { $0 >= state.logStart }
        // Only a new store may lack its first log.
        if numbers.first != state.logStart, !numbers.isEmpty || state.logStart > 1 {
            damages.append(Damage("the log is missing", path: LogFile.path(directory, state.logStart)))
        }
        var nextSequence: UInt64?
        for (index, number) in numbers.enumerated() {
            let path = LogFile.path(directory, number)
            do throws(StoreError) {
                if index > 0, number != numbers[index - 1] + 1 {
                    throw .corrupt("\(LogFile.name(number - 1)) is missing before it", path: path)
                }
                nextSequence = try read(
                    path, number: number, validByteCount: state.logValidByteCounts[number],
                    firstSequence: nextSequence, isLast: number == numbers.last, fileSystem)
            } catch {
                guard error.isDamage else { throw error }
                // Sealed, and made another log, meanwhile.
                if try Manifest.load(fileSystem, directory).state.logStart > number { continue }
                damages.append(Damage(error, path: path))
                nextSequence = nil
            }
        }
    }

    /// Reads one log; returns the sequence number with which the next one has to begin.
    private mutating func read(
        _ path: String, number: UInt64, validByteCount: Int?, firstSequence: UInt64?, isLast: Bool,
        _ fileSystem: any FileSystem
    ) throws(StoreError) -> UInt64 {
        let file = try fileSystem.open(path, .read)
        defer { file.close() }
        let size = try file.byteCount()
        byteCount += size
        files.append(Content(number: number, path: path))
        let place = files.count - 1
        files[place].byteCount = size
        let reader = try LogReader(file: file, number: number, validByteCount: validByteCount)
        defer {
            usedByteCount += reader.offset
            files[place].usedByteCount = reader.offset
        }
        if let firstSequence, reader.header.firstSequence != firstSequence {
            throw .corrupt(
                "the log begins with sequence number \(reader.header.firstSequence), \(firstSequence) expected",
                path: path, offset: 40)
        }
        var hasMore = true
        while hasMore {
            while let frame = try reader.next() { try add(frame, path) }
            if validByteCount == nil, try endsInZeros(file, from: reader.offset) { break }
            let end = try reader.finish()
            hasMore = end.hasMore
            guard end.isTorn else { continue }
            guard isLast else {
                throw .corrupt(
                    "the log is damaged, although it was complete when the next one was begun", path: path,
                    offset: end.validByteCount)
            }
            torn = (path, end.validByteCount)
        }
        guard try reader.isCurrent() else { throw StoreError(.notFound, "the log was retired", path: path) }
        return reader.nextSequence
    }

    private mutating func add(_ frame: LogFrame, _ path: String) throws(StoreError) {
        frameCount += 1
        endSequence = max(endSequence, frame.header.endSequence)
        durableUpTo = max(durableUpTo, frame.header.durableUpTo)
        let place = files.count - 1
        files[place].frameCount += 1
        files[place].sequences = (files[place].sequences?.lowerBound ?? frame.header.baseSequence)..<endSequence
        let arrival = frame.header.arrivalMicroseconds
        let arrivals = files[place].arrivals ?? arrival...arrival
        files[place].arrivals = min(arrivals.lowerBound, arrival)...max(arrivals.upperBound, arrival)
        do throws(FormatError) {
            var sections = frame.sections
            while let section = try sections.next() {
                if section.kind == .removal {
                    removals[section.tableID, default: RowRemoval()].formUnion(
                        unsafe try RowRemoval(reading: section.bytes))
                }
                guard section.kind == .rows else { continue }
                rowCounts[section.tableID, default: 0] += section.rowCount
                files[place].rowCount += section.rowCount
            }
        } catch {
            throw .corrupt(error.message, path: path, offset: error.offset)
        }
    }

    /// Whether nothing was begun behind the last frame. A log is mostly room for later: to read all of it would take longer
    /// than all else.
    private func endsInZeros(_ file: any File, from offset: Int) throws(StoreError) -> Bool {
        let count = min(4_096, try file.byteCount() - offset)
        if count <= 0 { return true }
        return try file.read(count, at: offset).allSatisfy { $0 == 0 }
    }
}

extension StoreError {
    /// Whether the error tells of one file that is damaged or missing, so that others can still be looked at.
    var isDamage: Bool { code == .corrupt || code == .notFound }
}
