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
    private let longest: Int

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
        // Short texts are copied in whole steps, which may read beyond the last one.
        try TextDecoding.reserve(0, in: builder)
        values = builder.snapshot()
        var longest = 0
        for i in 0..<valueCount { unsafe longest = max(longest, values.variableBytes(at: i).count) }
        self.longest = longest
        codes = DictionaryCodes(
            node: try NodeParser.lastFixedChild(&reader, shape: .count, count: count, depth: depth),
            valueCount: valueCount)
    }

    var name: String { "dictionary(\(codes.node.name), values: \(valuesName))" }

    func decode(_ rows: Range<Int>, validity: UnsafePointer<UInt8>?, into builder: ColumnBuilder) throws(FormatError)
        -> Int
    {
        guard !rows.isEmpty, let heap = values.heap else { return 0 }
        let scratch = UnsafeMutablePointer<UInt32>.allocate(capacity: rows.count)
        defer { unsafe scratch.deallocate() }
        let offsets = unsafe values.pointer(as: UInt32.self)
        let ends = unsafe builder.reservedEnds
        let first = builder.heapByteCount
        var total = 0
        var row = rows.lowerBound
        while row < rows.upperBound {
            let end = min(rows.upperBound, (row / PageLimits.vectorRowCount + 1) * PageLimits.vectorRowCount)
            let base = row - rows.lowerBound
            unsafe try codes.decode(row..<end, into: scratch + base)
            for i in base..<base &+ (end &- row) {
                let code = unsafe Int(scratch[i])
                let isValid = unsafe validity.map { unsafe $0[i] != 0 } ?? true
                if isValid { unsafe total &+= Int(offsets[code &+ 1] &- offsets[code]) }
                unsafe ends[i] = UInt32(truncatingIfNeeded: first &+ total)
            }
            row = end
        }
        try TextDecoding.reserve(total, in: builder)
        let target = unsafe builder.reservedHeap
        let source = unsafe heap.base
        var position = 0
        for i in 0..<rows.count {
            let code = unsafe Int(scratch[i])
            let byteCount = unsafe Int(ends[i]) &- first &- position
            let text = unsafe source + Int(offsets[code])
            if longest <= TextDecoding.slack {
                // One step of 16 bytes whatever the length: what is too much is written over by the next text.
                let step = unsafe text.loadUnaligned(as: SIMD16<UInt8>.self)
                unsafe target.storeBytes(of: step, toByteOffset: position, as: SIMD16<UInt8>.self)
            } else {
                unsafe (target + position).copyMemory(from: text, byteCount: byteCount)
            }
            position &+= byteCount
        }
        return withExtendedLifetime(values) { total }
    }

    func codes(ofVector vector: Int, into buffer: VectorBuffer) throws(FormatError) -> ColumnSlice? {
        try codes.load(vector: vector, into: buffer)
        return values
    }

    func bytes(at row: Int, scratch: inout TextScratch) throws(FormatError) -> UnsafeRawBufferPointer {
        unsafe values.variableBytes(at: try codes.code(at: row))
    }
}
