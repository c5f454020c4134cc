import ColumnFormat

/// The distinct texts once, and for each row the number of its text.
///
///     6, varint value count (1…count)
///     values   varint byte count, node of value count texts, ascending by their bytes
///     codes    the rest: node of count UInt32, each below the value count
///
/// Parsing decodes the values, O(their bytes); a point read is that of a code.
@safe
final class DictionaryTextNode: TextNode {
    let count: Int
    private let values: ColumnSlice
    private let valuesName: String
    private let codes: DictionaryCodes
    /// The texts where none is long.
    private let short: ShortTexts?

    init(_ reader: inout ByteReader, count: Int, depth: Int) throws(FormatError) {
        self.count = count
        let valueCount = try reader.readCount(limit: count, of: "dictionary values")
        guard valueCount >= 1 else { throw FormatError(.invalid, "an empty dictionary", at: reader.offset) }
        let node = try NodeParser.textChild(&reader, count: valueCount, depth: depth)
        valuesName = node.name
        let builder = ColumnBuilder(type: .bytes, capacity: valueCount)
        builder.reserve(rowCount: valueCount)
        let byteCount = unsafe try node.decode(0..<valueCount, validity: nil, into: builder)
        unsafe builder.commit(rowCount: valueCount, heapByteCount: byteCount)
        for _ in valueCount..<DictionaryCodes.tableCount(valueCount) {
            unsafe builder.append(bytes: UnsafeRawBufferPointer(start: nil, count: 0))
        }
        // Texts are copied in whole steps, which may read beyond the last one.
        try TextDecoding.reserve(0, in: builder)
        values = builder.snapshot()
        short = ShortTexts(values)
        codes = DictionaryCodes(
            node: try NodeParser.lastFixedChild(&reader, shape: .count, count: count, depth: depth),
            valueCount: valueCount)
    }

    var name: String { "dictionary(\(codes.node.name), values: \(valuesName))" }

    func decode(_ rows: Range<Int>, validity: UnsafePointer<UInt8>?, into builder: ColumnBuilder) throws(FormatError)
        -> Int
    {
        guard !rows.isEmpty, let heap = values.heap else { return 0 }
        if let short { return unsafe try decode(rows, validity, short, into: builder) }
        let scratch = UnsafeMutablePointer<UInt32>.allocate(capacity: rows.count)
        defer { unsafe scratch.deallocate() }
        let offsets = unsafe values.pointer(as: UInt32.self)
        let ends = unsafe builder.reservedEnds
        let first = builder.heapByteCount
        var total = 0
        try forEachVector(of: rows) { (piece) throws(FormatError) in
            let base = piece.lowerBound - rows.lowerBound
            unsafe try codes.decode(piece, into: scratch + base)
            for i in base..<base &+ piece.count {
                let code = unsafe Int(scratch[i])
                let isValid = unsafe validity.map { unsafe $0[i] != 0 } ?? true
                if isValid { unsafe total &+= Int(offsets[code &+ 1] &- offsets[code]) }
                unsafe ends[i] = UInt32(truncatingIfNeeded: first &+ total)
            }
        }
        try TextDecoding.reserve(total, in: builder)
        let target = unsafe builder.reservedHeap
        var position = 0
        for i in 0..<rows.count {
            let byteCount = unsafe Int(ends[i]) &- first &- position
            let text = unsafe heap.base + Int(offsets[Int(scratch[i])])
            unsafe TextDecoding.copy(text, to: target + position, byteCount: byteCount)
            position &+= byteCount
        }
        return withExtendedLifetime(values) { total }
    }

    /// The same where all texts are short: one pass.
    private func decode(
        _ rows: Range<Int>, _ validity: UnsafePointer<UInt8>?, _ short: ShortTexts, into builder: ColumnBuilder
    ) throws(FormatError) -> Int {
        try TextDecoding.reserve(rows.count * short.longest, in: builder)
        let room = RawBuffer(byteCapacity: PageLimits.vectorRowCount * 4 + 64)
        let numbers = unsafe room.base.assumingMemoryBound(to: UInt32.self)
        let target = unsafe builder.reservedHeap.assumingMemoryBound(to: UInt8.self)
        let first = builder.heapByteCount
        var total = 0
        try forEachVector(of: rows) { (piece) throws(FormatError) in
            let base = piece.lowerBound - rows.lowerBound
            unsafe try codes.decode(piece, into: numbers)
            let valid = unsafe validity.map { unsafe $0 + base }
            unsafe total &+= short.write(
                numbers, piece.count, valid, start: first &+ total, to: target + total,
                ends: builder.reservedEnds + base)
        }
        return withExtendedLifetime(room) { total }
    }

    /// Calls `body` with the parts of `rows` that are of one vector each.
    @inline(__always)
    private func forEachVector(
        of rows: Range<Int>, _ body: (Range<Int>) throws(FormatError) -> Void
    ) throws(FormatError) {
        var row = rows.lowerBound
        while row < rows.upperBound {
            let end = min(rows.upperBound, (row / PageLimits.vectorRowCount + 1) * PageLimits.vectorRowCount)
            try body(row..<end)
            row = end
        }
    }

    func codes(ofVector vector: Int, into buffer: VectorBuffer) throws(FormatError) -> ColumnSlice? {
        try codes.load(vector: vector, into: buffer)
        return values
    }

    func bytes(at row: Int, scratch: inout TextScratch) throws(FormatError) -> UnsafeRawBufferPointer {
        unsafe values.variableBytes(at: try codes.code(at: row))
    }
}
