/// What the bytes of a section are. The log gives them no meaning.
package struct LogSectionKind: RawRepresentable, Hashable, Sendable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Rows of a table, in its row layout.
    package static let rows = LogSectionKind(rawValue: 1)
    /// An event for the views that is no row, such as an advance of the clock.
    package static let event = LogSectionKind(rawValue: 2)
    /// A task and all its data begin anew.
    package static let clear = LogSectionKind(rawValue: 3)
    /// Edits of the manifest.
    package static let manifestEdits = LogSectionKind(rawValue: 16)
}

/// A part of a frame: rows of one table, or a control record.
///
/// ```
///  0  kind: u32
///  4  table id: u32
///  8  schema version: u32
/// 12  row count: u32
/// 16  byte count: u32
/// 20  bytes
/// ```
@safe
package struct LogSection {
    package static let headerByteCount = 20

    package let kind: LogSectionKind
    package let tableID: UInt32
    package let schemaVersion: UInt32
    package let rowCount: Int
    /// Valid as long as the frame is.
    package let bytes: UnsafeRawBufferPointer
}

/// A frame as read: its header, and the sections in its checked payload.
@safe
package struct LogFrame {
    package let header: LogFrameHeader
    /// Where the frame begins in its file, in bytes.
    package let offset: Int
    /// Valid until the reader goes on.
    package let payload: UnsafeRawBufferPointer

    package init(header: LogFrameHeader, offset: Int, payload: UnsafeRawBufferPointer) {
        self.header = header
        self.offset = offset
        unsafe self.payload = payload
    }

    /// The sections from the first on.
    package var sections: LogSectionCursor { LogSectionCursor(frame: self) }
}

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
