import ColumnFormat

/// Texts of which a few are unlike the others: those are kept apart, so that the others are stored as what they are.
///
///     33, varint patch count k (1…count)
///     rows      k × UInt16, strictly ascending
///     patches   varint byte count, node of k texts: those of the rows
///     values    the rest: node of count texts; anything where patched
///
/// With a constant as values this is a column that is mostly one text, or mostly null.
@safe
final class PatchedTextNode: TextNode {
    let count: Int
    private let rows: PatchRows
    private let patches: any TextNode
    private let values: any TextNode
    /// The one text of the other rows, and behind it the patches; nil where the others differ.
    private let distinct: ColumnSlice?

    init(_ reader: inout ByteReader, count: Int, depth: Int) throws(FormatError) {
        self.count = count
        rows = try PatchRows(&reader, count: count)
        guard rows.count >= 1 else { throw FormatError(.invalid, "no patches", at: reader.offset) }
        patches = try NodeParser.textChild(&reader, count: rows.count, depth: depth)
        values = try NodeParser.lastTextChild(&reader, count: count, depth: depth)
        distinct = values is ConstantTextNode ? try Self.distinctTexts(values, patches) : nil
    }

    private static func distinctTexts(_ constant: any TextNode, _ patches: any TextNode) throws(FormatError)
        -> ColumnSlice
    {
        let builder = ColumnBuilder(type: .bytes, capacity: patches.count + 1)
        for (node, rowCount) in [(constant, 1), (patches, patches.count)] {
            builder.reserve(rowCount: rowCount)
            let byteCount = unsafe try node.decode(0..<rowCount, validity: nil, into: builder)
            unsafe builder.commit(rowCount: rowCount, heapByteCount: byteCount)
        }
        return builder.snapshot()
    }

    var name: String { "patched(\(values.name), patches: \(patches.name))" }

    func decode(_ range: Range<Int>, validity: UnsafePointer<UInt8>?, into builder: ColumnBuilder) throws(FormatError)
        -> Int
    {
        let indices = rows.indices(in: range)
        if indices.isEmpty { return unsafe try values.decode(range, validity: validity, into: builder) }
        let merge = unsafe PatchedTextMerge(range: range, validity: validity)
        for index in indices { merge.hide(rows[index]) }
        try merge.decode(values, patches, patchIndices: indices)
        try TextDecoding.reserve(merge.byteCount, in: builder)
        var patch = indices.lowerBound
        while patch < indices.upperBound {
            merge.takeValues(before: rows[patch], into: builder)
            merge.takePatch(patch - indices.lowerBound, row: rows[patch], into: builder)
            patch += 1
        }
        merge.takeValues(before: range.upperBound, into: builder)
        return merge.written
    }

    func codes(ofVector vector: Int, into buffer: VectorBuffer) throws(FormatError) -> ColumnSlice? {
        guard let distinct else { return nil }
        let range = self.rows(ofVector: vector)
        unsafe buffer.narrow.update(repeating: 0, count: range.count)
        for index in rows.indices(in: range) {
            unsafe buffer.narrow[rows[index] - range.lowerBound] = UInt32(truncatingIfNeeded: index + 1)
        }
        return distinct
    }

    func bytes(at row: Int, scratch: inout TextScratch) throws(FormatError) -> UnsafeRawBufferPointer {
        if let index = rows.index(of: row) { return unsafe try patches.bytes(at: index, scratch: &scratch) }
        return unsafe try values.bytes(at: row, scratch: &scratch)
    }

    func isEqual(at row: Int, to bytes: UnsafeRawBufferPointer) throws(FormatError) -> Bool {
        if let index = rows.index(of: row) { return unsafe try patches.isEqual(at: index, to: bytes) }
        return unsafe try values.isEqual(at: row, to: bytes)
    }

    func prefetch(_ row: Int) { values.prefetch(row) }
}
