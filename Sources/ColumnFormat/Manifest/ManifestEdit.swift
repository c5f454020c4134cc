/// One change to what is live in a store. A commit is a list of edits that takes effect as a whole.
package enum ManifestEdit: Hashable, Sendable {
    /// The first edit of every manifest.
    case storeCreated(id: UniqueID)
    /// A new table. Ids are never reused.
    case tableCreated(id: UInt32, name: String, schemaVersion: UInt32, schemaBytes: [UInt8])
    case tableSchemaChanged(id: UInt32, schemaVersion: UInt32, schemaBytes: [UInt8])
    /// A table goes, with its segments and index runs.
    case tableDropped(id: UInt32)
    case segmentAdded(tableID: UInt32, SegmentRecord)
    case segmentRemoved(tableID: UInt32, fileName: String)
    case indexRunAdded(tableID: UInt32, IndexRunRecord)
    case indexRunRemoved(tableID: UInt32, fileName: String)
    /// Rows with numbers below are no longer live, be they in a segment or not.
    case rowsDropped(tableID: UInt32, beforeRow: UInt64)
    /// Single rows that are no longer live, while files may still hold their values.
    case rowsErased(tableID: UInt32, RowSet)
    /// No file holds the values of these erased rows any more.
    case rowsPurged(tableID: UInt32, RowSet)
    /// Replaces the checkpoint of that name.
    case checkpointSet(name: String, CheckpointRecord)
    case checkpointRemoved(name: String)
    /// Logs with lower numbers are retired; what was recorded of them goes.
    case logStart(number: UInt64)
    /// Where the frames of a torn log end, in bytes.
    case logValidLength(number: UInt64, byteCount: UInt64)
    /// Registrations and whatever else is kept by key.
    case metadataSet(key: String, bytes: [UInt8])
    case metadataRemoved(key: String)
    /// File numbers below may be in use.
    case nextFileNumber(UInt64)
    /// Table ids below were in use.
    case nextTableID(UInt32)
}

extension ManifestEdit {
    /// The code on disk. Codes are never reused.
    private var code: UInt8 {
        switch self {
        case .storeCreated: 1
        case .tableCreated: 2
        case .tableSchemaChanged: 3
        case .tableDropped: 4
        case .segmentAdded: 5
        case .segmentRemoved: 6
        case .indexRunAdded: 7
        case .indexRunRemoved: 8
        case .rowsDropped: 9
        case .checkpointSet: 10
        case .checkpointRemoved: 11
        case .logStart: 12
        case .logValidLength: 13
        case .metadataSet: 14
        case .metadataRemoved: 15
        case .nextFileNumber: 16
        case .nextTableID: 17
        case .rowsErased: 18
        case .rowsPurged: 19
        }
    }

    /// A reader that does not know an edit may skip it only if this flag is not set.
    private static let requiredFlag: UInt8 = 1

    /// A list of edits: for each its code, flags, byte count and bytes.
    package static func encode(_ edits: [ManifestEdit]) -> [UInt8] {
        var writer = ByteWriter(reservingCapacity: edits.count * 64)
        var payload = ByteWriter()
        for edit in edits {
            payload = ByteWriter()
            edit.encodePayload(&payload)
            writer.append(edit.code)
            writer.append(requiredFlag)
            writer.append(varint: UInt64(payload.count))
            writer.append(bytes: payload.bytes)
        }
        return writer.bytes
    }

    /// Throws `.unsupported` for an unknown edit that may not be skipped, else what is wrong with the bytes.
    package static func decode(_ bytes: UnsafeRawBufferPointer) throws(FormatError) -> [ManifestEdit] {
        var reader = unsafe ByteReader(bytes)
        var edits: [ManifestEdit] = []
        while reader.remaining > 0 {
            let start = reader.offset
            let code = try reader.read(UInt8.self)
            let flags = try reader.read(UInt8.self)
            let byteCount = try reader.readCount(limit: reader.remaining, of: "bytes of an edit")
            let payloadStart = reader.offset
            var payload = unsafe ByteReader(try reader.readBytes(byteCount))
            do throws(FormatError) {
                if let edit = try ManifestEdit(code: code, &payload) {
                    guard payload.remaining == 0 else {
                        throw FormatError(
                            .invalid, "\(payload.remaining) bytes too many in edit \(code)", at: payload.offset)
                    }
                    edits.append(edit)
                } else if flags & requiredFlag != 0 {
                    throw FormatError(.unsupported, "this version does not know the manifest's edit \(code)")
                }
            } catch {
                throw error.shifted(by: error.code == .unsupported ? start : payloadStart)
            }
        }
        return edits
    }

    private func encodePayload(_ writer: inout ByteWriter) {
        switch self {
        case .storeCreated(let id):
            writer.append(id.high)
            writer.append(id.low)
        case .tableCreated(let id, let name, let schemaVersion, let schemaBytes):
            writer.append(id)
            writer.append(string: name)
            writer.append(schemaVersion)
            writer.append(counted: schemaBytes)
        case .tableSchemaChanged(let id, let schemaVersion, let schemaBytes):
            writer.append(id)
            writer.append(schemaVersion)
            writer.append(counted: schemaBytes)
        case .tableDropped(let id):
            writer.append(id)
        case .segmentAdded(let tableID, let record):
            writer.append(tableID)
            writer.append(string: record.fileName)
            writer.append(varint: record.firstRow)
            writer.append(varint: record.rowCount)
            writer.append(varint: record.byteCount)
            writer.append(record.footerChecksum)
            writer.append(varint: record.firstSequence)
            writer.append(varint: record.lastSequence)
        case .indexRunAdded(let tableID, let record):
            writer.append(tableID)
            writer.append(string: record.fileName)
            writer.append(varint: record.firstRow)
            writer.append(varint: record.endRow)
            writer.append(varint: record.entryCount)
            writer.append(varint: record.byteCount)
            writer.append(record.checksum)
        case .segmentRemoved(let tableID, let fileName), .indexRunRemoved(let tableID, let fileName):
            writer.append(tableID)
            writer.append(string: fileName)
        case .rowsDropped(let tableID, let beforeRow):
            writer.append(tableID)
            writer.append(varint: beforeRow)
        case .rowsErased(let tableID, let rows), .rowsPurged(let tableID, let rows):
            writer.append(tableID)
            rows.write(to: &writer)
        case .checkpointSet(let name, let record):
            writer.append(string: name)
            writer.append(string: record.fileName)
            writer.append(varint: record.sequence)
            writer.append(varint: record.byteCount)
            writer.append(record.checksum)
        case .checkpointRemoved(let name):
            writer.append(string: name)
        case .logStart(let number), .nextFileNumber(let number):
            writer.append(varint: number)
        case .logValidLength(let number, let byteCount):
            writer.append(varint: number)
            writer.append(varint: byteCount)
        case .metadataSet(let key, let bytes):
            writer.append(string: key)
            writer.append(counted: bytes)
        case .metadataRemoved(let key):
            writer.append(string: key)
        case .nextTableID(let id):
            writer.append(id)
        }
    }

    /// Nil for an unknown code.
    private init?(code: UInt8, _ reader: inout ByteReader) throws(FormatError) {
        switch code {
        case 1:
            self = .storeCreated(id: UniqueID(high: try reader.read(UInt64.self), low: try reader.read(UInt64.self)))
        case 2:
            self = .tableCreated(
                id: try reader.read(UInt32.self), name: try reader.readName(),
                schemaVersion: try reader.read(UInt32.self), schemaBytes: try reader.readCounted())
        case 3:
            self = .tableSchemaChanged(
                id: try reader.read(UInt32.self), schemaVersion: try reader.read(UInt32.self),
                schemaBytes: try reader.readCounted())
        case 4: self = .tableDropped(id: try reader.read(UInt32.self))
        case 5:
            self = .segmentAdded(
                tableID: try reader.read(UInt32.self),
                SegmentRecord(
                    fileName: try reader.readFileName(), firstRow: try reader.readVarint(),
                    rowCount: try reader.readVarint(), byteCount: try reader.readVarint(),
                    footerChecksum: try reader.read(UInt64.self), firstSequence: try reader.readVarint(),
                    lastSequence: try reader.readVarint()))
        case 6: self = .segmentRemoved(tableID: try reader.read(UInt32.self), fileName: try reader.readFileName())
        case 7:
            self = .indexRunAdded(
                tableID: try reader.read(UInt32.self),
                IndexRunRecord(
                    fileName: try reader.readFileName(), firstRow: try reader.readVarint(),
                    endRow: try reader.readVarint(), entryCount: try reader.readVarint(),
                    byteCount: try reader.readVarint(), checksum: try reader.read(UInt64.self)))
        case 8: self = .indexRunRemoved(tableID: try reader.read(UInt32.self), fileName: try reader.readFileName())
        case 9: self = .rowsDropped(tableID: try reader.read(UInt32.self), beforeRow: try reader.readVarint())
        case 10:
            self = .checkpointSet(
                name: try reader.readName(),
                CheckpointRecord(
                    fileName: try reader.readFileName(), sequence: try reader.readVarint(),
                    byteCount: try reader.readVarint(), checksum: try reader.read(UInt64.self)))
        case 11: self = .checkpointRemoved(name: try reader.readName())
        case 12: self = .logStart(number: try reader.readVarint())
        case 13: self = .logValidLength(number: try reader.readVarint(), byteCount: try reader.readVarint())
        case 14: self = .metadataSet(key: try reader.readName(), bytes: try reader.readCounted())
        case 15: self = .metadataRemoved(key: try reader.readName())
        case 16: self = .nextFileNumber(try reader.readVarint())
        case 17: self = .nextTableID(try reader.read(UInt32.self))
        case 18: self = .rowsErased(tableID: try reader.read(UInt32.self), try RowSet(reading: &reader))
        case 19: self = .rowsPurged(tableID: try reader.read(UInt32.self), try RowSet(reading: &reader))
        default: return nil
        }
    }
}

extension ByteWriter {
    fileprivate mutating func append(counted bytes: [UInt8]) {
        append(varint: UInt64(bytes.count))
        append(bytes: bytes)
    }
}

extension ByteReader {
    fileprivate mutating func readCounted() throws(FormatError) -> [UInt8] {
        let byteCount = try readCount(limit: remaining, of: "bytes")
        return unsafe [UInt8](try readBytes(byteCount))
    }

    fileprivate mutating func readName() throws(FormatError) -> String { try readString(limit: 4_096) }

    /// A path that stays within the store's directory.
    fileprivate mutating func readFileName() throws(FormatError) -> String {
        let start = offset
        let name = try readName()
        guard ManifestState.isSafe(fileName: name) else {
            throw FormatError(.invalid, "“\(name)” is no name of a file of the store", at: start)
        }
        return name
    }
}
