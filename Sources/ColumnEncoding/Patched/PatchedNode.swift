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
    private let patches: Patches
    private let child: any FixedNode

    init(_ reader: inout ByteReader, shape: FixedShape, count: Int, depth: Int) throws(FormatError) {
        self.count = count
        patches = try Patches(&reader, byteWidth: shape.byteWidth, count: count)
        child = try NodeParser.lastFixedChild(&reader, shape: shape, count: count, depth: depth)
    }

    var name: String { "patched(\(child.name))" }

    func decode(_ rows: Range<Int>, into destination: UnsafeMutableRawPointer) throws(FormatError) {
        unsafe try child.decode(rows, into: destination)
        unsafe patches.apply(to: rows, in: destination)
    }

    func load(_ row: Int, into destination: UnsafeMutableRawPointer) throws(FormatError) {
        unsafe try child.load(row, into: destination)
        unsafe patches.apply(to: row..<row + 1, in: destination)
    }
}
