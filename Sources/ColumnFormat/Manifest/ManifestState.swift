/// All that is live in a store, as of one commit.
package struct ManifestState: Equatable, Sendable {
    /// Nil before the first commit only.
    package private(set) var storeID: UniqueID?
    package private(set) var tables: [UInt32: TableRecord] = [:]
    /// The lowest id that no table has had.
    package private(set) var nextTableID: UInt32 = 1
    package private(set) var checkpoints: [String: CheckpointRecord] = [:]
    /// The oldest log that holds something that is not sealed.
    package private(set) var logStart: UInt64 = 1
    /// Where torn logs end, in bytes.
    package private(set) var logValidByteCounts: [UInt64: Int] = [:]
    package private(set) var metadata: [String: [UInt8]] = [:]
    package private(set) var nextFileNumber: UInt64 = 1

    package init() {}

    /// Numbers of files and logs stay below: no store reaches it, and what follows from one still fits.
    package static let maximumNumber: UInt64 = 1 << 62
    /// The same for versions of a schema.
    private static let maximumSchemaVersion: UInt32 = 1 << 31

    /// The table of that name.
    package func table(named name: String) -> TableRecord? { tables.values.first { $0.name == name } }

    /// The names of all live files, relative to the store's directory: whatever else lies there may be removed.
    package var fileNames: Set<String> {
        var names = Set(checkpoints.values.map(\.fileName))
        for table in tables.values {
            names.formUnion(table.segments.map(\.fileName))
            names.formUnion(table.indexRuns.map(\.fileName))
        }
        return names
    }

    /// Relative, without empty parts, without a step upward.
    static func isSafe(fileName: String) -> Bool {
        // By bytes, as the file system reads it: a combining mark behind a slash makes it another character.
        var (length, dots) = (0, 0)
        var isNamed: Bool { length > 2 || length > dots }
        for byte in fileName.utf8 {
            switch byte {
            case 0: return false
            case UInt8(ascii: "/"):
                guard isNamed else { return false }
                (length, dots) = (0, 0)
            default:
                length += 1
                if byte == UInt8(ascii: ".") { dots += 1 }
            }
        }
        return isNamed
    }

    /// `TABLE` or `TASK/TABLE`, each 1 to 64 letters, digits, `_`, `-` and `.`, beginning with neither of the last two: a
    /// folder of that name lies in the store.
    static func isSafe(tableName: String) -> Bool {
        let parts = tableName.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        return (1...2).contains(parts.count)
            && parts.allSatisfy { part in
                (1...64).contains(part.count) && part.first != UInt8(ascii: ".") && part.first != UInt8(ascii: "-")
                    && part.allSatisfy { byte in
                        switch byte {
                        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"),
                            UInt8(ascii: "."):
                            true
                        default: false
                        }
                    }
            }
    }

    /// Applies a commit as a whole. Throws `.invalid` for an edit that does not fit what is live; nothing has changed then.
    package mutating func apply(_ edits: [ManifestEdit]) throws(FormatError) {
        var next = self
        try next.replay(edits)
        self = next
    }

    /// Applies a commit without a copy of the state, which is of no use after an error.
    package mutating func replay(_ edits: [ManifestEdit]) throws(FormatError) {
        for edit in edits { try apply(edit) }
    }

    private mutating func apply(_ edit: ManifestEdit) throws(FormatError) {
        switch edit {
        case .storeCreated(let id):
            try require(storeID == nil, "a store is created once")
            storeID = id
        case .tableCreated(let id, let name, let schemaVersion, let schemaBytes):
            try require(id >= nextTableID && id < .max, "a table has an id that was in use, \(id)")
            try require(Self.isSafe(tableName: name), "“\(name)” cannot be the name of a table")
            try require(schemaVersion <= Self.maximumSchemaVersion, "a schema has the version \(schemaVersion)")
            try require(table(named: name) == nil, "there are two tables “\(name)”")
            tables[id] = TableRecord(id: id, name: name, schemaVersion: schemaVersion, schemaBytes: schemaBytes)
            nextTableID = id + 1
        case .tableSchemaChanged(let id, let schemaVersion, let schemaBytes):
            try change(id) { table throws(FormatError) in
                try table.changeSchema(to: schemaVersion, schemaBytes)
            }
        case .tableDropped(let id):
            try require(tables.removeValue(forKey: id) != nil, "table \(id) does not exist")
        case .segmentAdded(let tableID, let record):
            try change(tableID) { table throws(FormatError) in try table.add(record) }
        case .segmentRemoved(let tableID, let fileName):
            try change(tableID) { table throws(FormatError) in
                guard let place = table.segments.firstIndex(where: { $0.fileName == fileName }) else {
                    throw FormatError(.invalid, "segment \(fileName) is not live")
                }
                table.segments.remove(at: place)
            }
        case .indexRunAdded(let tableID, let record):
            try require(record.endRow <= UInt64(Int64.max), "index run \(record.fileName) has impossible rows")
            try require(record.firstRow <= record.endRow, "index run \(record.fileName) ends before it begins")
            try change(tableID) { table throws(FormatError) in
                guard !table.indexRuns.contains(where: { $0.fileName == record.fileName }) else {
                    throw FormatError(.invalid, "index run \(record.fileName) is live already")
                }
                let place = (table.indexRuns.lastIndex { $0.firstRow <= record.firstRow } ?? -1) + 1
                table.indexRuns.insert(record, at: place)
            }
        case .indexRunRemoved(let tableID, let fileName):
            try change(tableID) { table throws(FormatError) in
                guard let place = table.indexRuns.firstIndex(where: { $0.fileName == fileName }) else {
                    throw FormatError(.invalid, "index run \(fileName) is not live")
                }
                table.indexRuns.remove(at: place)
            }
        case .rowsDropped(let tableID, let beforeRow):
            try require(beforeRow <= UInt64(Int64.max), "rows below \(beforeRow) are said to be gone")
            try change(tableID) { table throws(FormatError) in
                table.firstRow = max(table.firstRow, beforeRow)
                table.erased = table.erased.intersection(table.firstRow..<UInt64.max)
            }
        case .rowsErased(let tableID, let rows):
            try change(tableID) { table throws(FormatError) in
                table.erased.formUnion(rows.intersection(table.firstRow..<UInt64.max))
            }
        case .rowsPurged(let tableID, let rows):
            try change(tableID) { table throws(FormatError) in table.erased = table.erased.subtracting(rows) }
        case .checkpointSet(let name, let record):
            checkpoints[name] = record
        case .checkpointRemoved(let name):
            try require(checkpoints.removeValue(forKey: name) != nil, "checkpoint “\(name)” does not exist")
        case .logStart(let number):
            try require(number >= logStart, "the log cannot start at \(number) again, it starts at \(logStart)")
            try require(number <= Self.maximumNumber, "no log has the number \(number)")
            logStart = number
            logValidByteCounts = logValidByteCounts.filter { $0.key >= number }
        case .logValidLength(let number, let byteCount):
            guard let byteCount = Int(exactly: byteCount) else {
                throw FormatError(.invalid, "log \(number) cannot have \(byteCount) bytes")
            }
            logValidByteCounts[number] = byteCount
        case .metadataSet(let key, let bytes):
            metadata[key] = bytes
        case .metadataRemoved(let key):
            metadata[key] = nil
        case .nextFileNumber(let number):
            try require(number >= nextFileNumber, "file numbers are not used twice")
            try require(number <= Self.maximumNumber, "no file has the number \(number)")
            nextFileNumber = number
        case .nextTableID(let id):
            try require(id >= nextTableID, "table ids are not used twice")
            try require(id < .max, "no table has the id \(id)")
            nextTableID = id
        }
    }

    private mutating func change(
        _ id: UInt32, _ body: (inout TableRecord) throws(FormatError) -> Void
    ) throws(FormatError) {
        // Taken out for the change, so that its arrays are not copied.
        guard var table = tables.removeValue(forKey: id) else {
            throw FormatError(.invalid, "table \(id) does not exist")
        }
        try body(&table)
        tables[id] = table
    }

    private func require(_ condition: Bool, _ message: @autoclosure () -> String) throws(FormatError) {
        if !condition { throw FormatError(.invalid, message()) }
    }

    /// The commit that makes this state from nothing.
    package var snapshotEdits: [ManifestEdit] {
        var edits: [ManifestEdit] = []
        if let storeID { edits.append(.storeCreated(id: storeID)) }
        edits.append(.nextFileNumber(nextFileNumber))
        edits.append(.logStart(number: logStart))
        for (number, byteCount) in logValidByteCounts.sorted(by: { $0.key < $1.key }) {
            edits.append(.logValidLength(number: number, byteCount: UInt64(byteCount)))
        }
        for table in tables.values.sorted(by: { $0.id < $1.id }) {
            let schemas = table.schemas
            edits.append(
                .tableCreated(
                    id: table.id, name: table.name, schemaVersion: schemas[0].version, schemaBytes: schemas[0].bytes))
            edits += schemas.dropFirst().map {
                .tableSchemaChanged(id: table.id, schemaVersion: $0.version, schemaBytes: $0.bytes)
            }
            if table.firstRow > 0 { edits.append(.rowsDropped(tableID: table.id, beforeRow: table.firstRow)) }
            if !table.erased.isEmpty { edits.append(.rowsErased(tableID: table.id, table.erased)) }
            edits += table.segments.map { .segmentAdded(tableID: table.id, $0) }
            edits += table.indexRuns.map { .indexRunAdded(tableID: table.id, $0) }
        }
        if nextTableID > (tables.keys.max() ?? 0) + 1 { edits.append(.nextTableID(nextTableID)) }
        edits += checkpoints.sorted { $0.key < $1.key }.map { .checkpointSet(name: $0.key, $0.value) }
        edits += metadata.sorted { $0.key < $1.key }.map { .metadataSet(key: $0.key, bytes: $0.value) }
        return edits
    }
}

extension TableRecord {
    /// Throws `.invalid` if the segment overlaps another one, or its rows cannot be counted.
    fileprivate mutating func add(_ record: SegmentRecord) throws(FormatError) {
        let limit = UInt64(Int64.max)
        guard record.firstRow <= limit, record.rowCount <= limit - record.firstRow, record.rowCount > 0,
            record.firstSequence <= record.lastSequence
        else { throw FormatError(.invalid, "segment \(record.fileName) has impossible rows") }
        // From the end, where nearly all belong.
        let place = (segments.lastIndex { $0.firstRow <= record.firstRow } ?? -1) + 1
        if place > 0, segments[place - 1].endRow > record.firstRow {
            throw FormatError(.invalid, "segments \(segments[place - 1].fileName) and \(record.fileName) overlap")
        }
        if place < segments.count, segments[place].firstRow < record.endRow {
            throw FormatError(.invalid, "segments \(record.fileName) and \(segments[place].fileName) overlap")
        }
        segments.insert(record, at: place)
    }
}
