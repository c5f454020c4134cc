import ColumnFormat

/// Integers of which a few are far larger than the others of their vector: those are kept apart, so that the others need
/// fewer bits.
///
///     14
///     patches   see ``Patches``
///     values    the rest: node of count values of this node's shape; anything where patched
@safe
final class PatchedNode: FixedNode {
    let count: Int
    private let shape: FixedShape
    private let patches: Patches
    private let child: any FixedNode

    init(_ reader: inout ByteReader, shape: FixedShape, count: Int, depth: Int) throws(FormatError) {
        self.count = count
        self.shape = shape
        patches = try Patches(&reader, byteWidth: shape.byteWidth, count: count)
        child = try NodeParser.lastFixedChild(&reader, shape: shape, count: count, depth: depth)
    }

    var name: String { "patched(\(child.name))" }

    func decode(_ rows: Range<Int>, into destination: UnsafeMutableRawPointer) throws(FormatError) {
        unsafe try child.decode(rows, into: destination)
        unsafe patches.apply(to: rows, in: destination)
    }

    func decode(vector: Int, into destination: UnsafeMutableRawPointer, scratch: VectorScratch) throws(FormatError) {
        unsafe try child.decode(vector: vector, into: destination, scratch: scratch)
        unsafe patches.apply(to: rows(ofVector: vector), in: destination)
    }

    func load(vector: Int, into buffer: VectorBuffer) throws(FormatError) -> VectorForm {
        let form = try child.load(vector: vector, into: buffer)
        let rows = rows(ofVector: vector)
        let indices = patches.indices(of: rows)
        if indices.isEmpty { return form }
        if case .frame(let frame) = form, let wider = patch(frame, indices, of: rows, in: buffer) {
            return .frame(wider)
        }
        buffer.expand(form, byteWidth: shape.byteWidth, count: rows.count)
        unsafe patches.apply(to: rows, in: buffer.words)
        return .words
    }

    /// Puts the patches into the frame; nil where one of them has no place in it, and then some may be there already.
    private func patch(
        _ frame: VectorFrame, _ indices: Range<Int>, of rows: Range<Int>, in buffer: VectorBuffer
    ) -> VectorFrame? {
        guard frame.factor == 1, !frame.isReal else { return nil }
        var wider = frame
        for index in indices {
            let value = shape.integer(patches.word(at: index)) - Int128(frame.base)
            guard let word = UInt32(exactly: value) else { return nil }
            unsafe buffer.narrow[Int(patches.rows[index]) - rows.lowerBound] = word
            wider.highest = max(wider.highest, word)
        }
        return wider
    }

    func load(_ row: Int, into destination: UnsafeMutableRawPointer) throws(FormatError) {
        unsafe try child.load(row, into: destination)
        unsafe patches.apply(to: row..<row + 1, in: destination)
    }
}
