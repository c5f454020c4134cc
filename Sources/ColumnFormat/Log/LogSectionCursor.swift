/// Walks through the sections of a frame; offsets in its errors count from the start of the file.
@safe
package struct LogSectionCursor {
    private var reader: ByteReader
    private let base: Int
    private var rest: Int

    init(frame: LogFrame) {
        unsafe reader = ByteReader(frame.payload)
        base = frame.offset + LogFrameHeader.byteCount
        rest = frame.header.sectionCount
    }

    /// The next section; nil after the last one. Throws `.truncated` or `.invalid`.
    package mutating func next() throws(FormatError) -> LogSection? {
        guard rest > 0 else {
            guard reader.remaining == 0 else {
                throw FormatError(
                    .invalid, "\(reader.remaining) bytes behind the last section", at: base + reader.offset)
            }
            return nil
        }
        rest -= 1
        do {
            let kind = LogSectionKind(rawValue: try reader.read(UInt32.self))
            let tableID = try reader.read(UInt32.self)
            let schemaVersion = try reader.read(UInt32.self)
            let rowCount = Int(try reader.read(UInt32.self))
            let byteCount = Int(try reader.read(UInt32.self))
            return unsafe LogSection(
                kind: kind, tableID: tableID, schemaVersion: schemaVersion, rowCount: rowCount,
                bytes: try reader.readBytes(byteCount))
        } catch {
            throw error.shifted(by: base)
        }
    }
}
