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
    /// Rows of a table that are gone from here on: ``RowRemoval``.
    package static let removal = LogSectionKind(rawValue: 4)
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
