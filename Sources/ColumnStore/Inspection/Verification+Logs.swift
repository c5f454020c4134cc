internal import ColumnFormat

extension Verification {
    /// `CURRENT`, and each frame of the manifest that it names.
    mutating func verifyManifest(of store: String) throws(StoreError) {
        let current = FilePath.join(store, Manifest.currentName)
        try attempt(current, fileName: nil) { (verification) throws(StoreError) in
            let number = try Manifest.currentNumber(verification.fileSystem, store)
            verification.count(bytes: try verification.fileSystem.byteCount(of: current))
            let path = Manifest.path(store, number)
            try verification.attempt(path, fileName: nil) { (verification) throws(StoreError) in
                let file: any File
                do throws(StoreError) {
                    file = try verification.fileSystem.open(path, .read)
                } catch {
                    // The writer may have gone on to a new one, which begins with a snapshot that was read back.
                    if error.code == .notFound, try Manifest.currentNumber(verification.fileSystem, store) != number {
                        return
                    }
                    throw error
                }
                defer { file.close() }
                guard let reader = try verification.reader(file, .manifest, number, nil) else { return }
                try verification.verifyFrames(reader, of: file) { _ throws(FormatError) in 0 }
            }
        }
    }

    /// Each log from the oldest on that holds something unsealed; rows are decoded.
    mutating func verifyLogs(of store: String) throws(StoreError) {
        let state = try Manifest.load(fileSystem, store).state
        let numbers = try LogFile.numbers(in: store, fileSystem).filter { $0 >= state.logStart }
        if numbers.first != state.logStart, state.logStart > 1 || !numbers.isEmpty {
            note(Damage("the log is missing", path: LogFile.path(store, state.logStart)))
        }
        let rows = LoggedRows(
            state.tables.values.compactMap { table in
                (try? table.schemaHistory(path: store)).map { (table.id, $0) }
            })
        for (number, previous) in zip(numbers, [numbers.first.map { $0 - 1 } ?? 0] + numbers) {
            let path = LogFile.path(store, number)
            if number != previous + 1 {
                note(Damage("\(LogFile.name(previous + 1)) is missing before it", path: path))
            }
            try attempt(path, fileName: nil) { (verification) throws(StoreError) in
                let file: any File
                do throws(StoreError) {
                    file = try verification.fileSystem.open(path, .read)
                } catch {
                    // Sealed meanwhile.
                    let start = try Manifest.load(verification.fileSystem, store).state.logStart
                    if error.code == .notFound, start > number { return }
                    throw error
                }
                defer { file.close() }
                let damageCount = verification.damages.count
                guard let reader = try verification.reader(file, .log, number, state.logValidByteCounts[number]) else {
                    return try verification.forgetDamages(after: damageCount, ifRetired: number, in: store)
                }
                try verification.verifyFrames(reader, of: file) { frame throws(FormatError) in
                    try rows.decode(frame)
                }
                guard try reader.isCurrent() else {
                    return try verification.forgetDamages(after: damageCount, ifRetired: number, in: store)
                }
                // The newest log's end is on record only where the store was closed: what follows was never written.
                if number == numbers.last, let end = state.logValidByteCounts[number] {
                    try verification.verifyUnused(file, from: end)
                }
            }
        }
    }

    /// Nil where the header is damaged, which is then noted.
    private mutating func reader(
        _ file: any File, _ kind: LogFileHeader.Kind, _ number: UInt64, _ validByteCount: Int?
    ) throws(StoreError) -> LogReader? {
        do throws(StoreError) {
            return try LogReader(file: file, kind: kind, number: number, validByteCount: validByteCount)
        } catch {
            guard error.isDamage else { throw error }
            var damage = Damage(error, path: file.path)
            damage.flippedBit = SalvageLog.flippedBit(ofHeader: SalvageFile(file), search)
            note(damage)
            return nil
        }
    }

    /// Reads frame after frame, also behind damage; `decode` returns how many values a frame has.
    private mutating func verifyFrames(
        _ reader: LogReader, of file: any File, decode: (LogFrame) throws(FormatError) -> Int
    ) throws(StoreError) {
        var attempts = 0
        count(bytes: reader.offset)
        while true {
            while let frame = try reader.next() {
                var values = 0
                do throws(FormatError) {
                    values = try decode(frame)
                } catch {
                    let message = "a frame that is whole does not fit its tables: \(error.message)"
                    note(Damage(message, path: file.path, offset: frame.offset))
                }
                count(bytes: frame.header.frameByteCount, values: values, frames: 1)
            }
            let start = reader.offset
            do throws(StoreError) {
                let end = try reader.finish()
                if end.hasMore { continue }
                guard end.isTorn else { break }
                // A frame that another process is writing looks like this, for a moment.
                if attempts < 5 {
                    attempts += 1
                    pause()
                    continue
                }
                var damage = Damage(
                    "no whole frame, and not the end: a crash leaves this where nothing durable was, and the next "
                        + "opening for writing goes on without it", path: file.path, offset: end.validByteCount)
                damage.flippedBit = try SalvageLog.flippedBit(
                    ofFrameAt: start, file, seed: reader.header.seed, search)?.0
                note(damage)
            } catch {
                guard error.isDamage else { throw error }
                var damage = Damage(error, path: file.path)
                damage.flippedBit = try SalvageLog.flippedBit(
                    ofFrameAt: start, file, seed: reader.header.seed, search)?.0
                note(damage)
            }
            guard try reader.skipDamage() != nil else { break }
            count(bytes: reader.offset - start)
        }
        count(bytes: max(0, try file.byteCount() - reader.offset))
    }
}

extension Verification {
    /// Notes the first byte from `offset` on that is not zero.
    private mutating func verifyUnused(_ file: any File, from offset: Int) throws(StoreError) {
        var position = offset
        let end = try file.byteCount()
        while position < end {
            let bytes = try file.read(min(1 << 20, end - position), at: position)
            if let place = bytes.firstIndex(where: { $0 != 0 }) {
                var damage = Damage(
                    "a byte that nobody wrote, behind the end of a log that was closed", path: file.path,
                    offset: position + place)
                damage.flippedBit = FlippedBit(ofZero: bytes[place], at: position + place)
                note(damage)
                return
            }
            position += bytes.count
        }
    }
}

/// Decodes the rows of logs, to see whether they are rows, and forgets them.
private struct LoggedRows {
    private var tables: [UInt32: (schemas: SchemaHistory, layout: RowLayout)] = [:]

    init(_ schemas: [(UInt32, SchemaHistory)]) {
        for (id, history) in schemas { tables[id] = (history, RowLayout(history.current)) }
    }

    /// The number of values in a frame. Rows of tables that were dropped are passed over.
    func decode(_ frame: LogFrame) throws(FormatError) -> Int {
        var count = 0
        var sections = frame.sections
        while let section = try sections.next() {
            guard let table = tables[section.tableID] else { continue }
            if section.kind == .removal { _ = unsafe try RowRemoval(reading: section.bytes) }
            guard section.kind == .rows else { continue }
            let columns = table.schemas.current.columns
            count += section.rowCount * columns.count
            guard section.schemaVersion == table.schemas.version else {
                _ = unsafe try table.schemas.columns(
                    rows: section.rowCount, from: section.bytes, version: section.schemaVersion)
                continue
            }
            let builders = columns.map { ColumnBuilder(type: $0.type) }
            let cursors = builders.map(\.cursor)
            unsafe try table.layout.append(rows: section.rowCount, from: section.bytes, to: cursors)
            withExtendedLifetime(builders) {}
        }
        return count
    }
}
