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
            let header = unsafe try reader.readBytes(LogSection.headerByteCount)
            func field(_ offset: Int) -> UInt32 {
                unsafe UInt32(littleEndian: header.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
            }
            return unsafe LogSection(
                kind: LogSectionKind(rawValue: field(0)), tableID: field(4), schemaVersion: field(8),
                rowCount: Int(field(12)), bytes: try reader.readBytes(Int(field(16))))
        } catch {
            throw error.shifted(by: base)
        }
    }
}
