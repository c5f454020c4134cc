import ColumnFormat

/// Texts in capitals among others in small letters, as uuids of several sources are: all in small letters, and a bit for
/// each that says which.
///
///     34
///     capitals   varint byte count, node of count bits: 1 where a…z stand for A…Z
///     texts      the rest: node of count texts
@safe
final class CasedTextNode: TextNode {
    let count: Int
    private let capitals: any FixedNode
    private let texts: any TextNode

    init(_ reader: inout ByteReader, count: Int, depth: Int) throws(FormatError) {
        self.count = count
        capitals = try NodeParser.fixedChild(&reader, shape: .bit, count: count, depth: depth)
        texts = try NodeParser.lastTextChild(&reader, count: count, depth: depth)
    }

    var name: String { "cased(\(texts.name), capitals: \(capitals.name))" }

    func decode(_ rows: Range<Int>, validity: UnsafePointer<UInt8>?, into builder: ColumnBuilder) throws(FormatError)
        -> Int
    {
        let flags = UnsafeMutablePointer<UInt8>.allocate(capacity: max(rows.count, 1))
        defer { unsafe flags.deallocate() }
        unsafe try capitals.decode(rows, into: UnsafeMutableRawPointer(flags))
        let byteCount = unsafe try texts.decode(rows, validity: validity, into: builder)
        let heap = unsafe builder.reservedHeap
        let ends = unsafe builder.reservedEnds
        let start = builder.heapByteCount
        var from = 0
        for i in 0..<rows.count {
            let to = unsafe Int(ends[i]) &- start
            if unsafe flags[i] & 1 != 0 { unsafe Self.capitalize(heap + from, count: to &- from) }
            from = to
        }
        return byteCount
    }

    /// Makes capitals of small letters.
    private static func capitalize(_ text: UnsafeMutableRawPointer, count: Int) {
        var i = 0
        while i &+ 16 <= count {
            let letters = unsafe text.loadUnaligned(fromByteOffset: i, as: SIMD16<UInt8>.self)
            let isSmall = (letters &- 97) .< 26
            let changed = letters.replacing(with: letters &- 32, where: isSmall)
            unsafe text.storeBytes(of: changed, toByteOffset: i, as: SIMD16<UInt8>.self)
            i &+= 16
        }
        while i < count {
            let letter = unsafe text.load(fromByteOffset: i, as: UInt8.self)
            unsafe text.storeBytes(of: capital(letter), toByteOffset: i, as: UInt8.self)
            i &+= 1
        }
    }

    @inline(__always)
    static func capital(_ byte: UInt8) -> UInt8 { byte &- 97 < 26 ? byte &- 32 : byte }

    @inline(__always)
    static func small(_ byte: UInt8) -> UInt8 { byte &- 65 < 26 ? byte &+ 32 : byte }

    func bytes(at row: Int, scratch: inout TextScratch) throws(FormatError) -> UnsafeRawBufferPointer {
        let text = unsafe try texts.bytes(at: row, scratch: &scratch)
        guard let source = text.baseAddress, try capitals.word(at: row) & 1 != 0 else { return unsafe text }
        // What was found may lie in the scratch, or in the page.
        let copy = RawBuffer(byteCapacity: text.count)
        unsafe copy.base.copyMemory(from: source, byteCount: text.count)
        unsafe Self.capitalize(copy.base, count: text.count)
        scratch.keep(copy)
        return unsafe UnsafeRawBufferPointer(start: copy.base, count: text.count)
    }
}
