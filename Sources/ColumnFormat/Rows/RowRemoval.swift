/// Rows of a table that are gone: those with low numbers, and single ones.
package struct RowRemoval: Hashable, Sendable {
    /// All rows with lower numbers were dropped.
    package var droppedBefore: UInt64
    package var erased: RowSet

    package init(droppedBefore: UInt64 = 0, erased: RowSet = RowSet()) {
        self.droppedBefore = droppedBefore
        self.erased = erased
    }

    package var isEmpty: Bool { droppedBefore == 0 && erased.isEmpty }

    /// All rows that are gone.
    package var rows: RowSet { RowSet(0..<droppedBefore).union(erased) }

    package mutating func formUnion(_ other: RowRemoval) {
        droppedBefore = max(droppedBefore, other.droppedBefore)
        erased.formUnion(other.erased)
    }

    // MARK: The bytes of a section of the log

    package var bytes: [UInt8] {
        var writer = ByteWriter()
        writer.append(varint: droppedBefore)
        erased.write(to: &writer)
        return writer.bytes
    }

    package init(reading bytes: UnsafeRawBufferPointer) throws(FormatError) {
        var reader = unsafe ByteReader(bytes)
        droppedBefore = try reader.readVarint()
        erased = try RowSet(reading: &reader)
        guard droppedBefore <= UInt64(Int64.max), reader.remaining == 0 else {
            throw FormatError(.invalid, "rows below \(droppedBefore) are said to be gone", at: reader.offset)
        }
    }
}
