import ColumnFormat

/// Texts in symbols of up to eight bytes that stand for one: URLs, log lines, anything that repeats in pieces.
///
///     32, UInt8 symbol count s (0…255)
///     lengths      s bytes: the length of each symbol, 1…8
///     symbols      their bytes, one after the other
///     byteCounts   V × UInt32: bytes of each vector's texts       V = ⌈count ÷ 1,024⌉ vectors
///     codes        the rest: ``PlainTextNode`` of count texts in codes, its heap stored
///
/// A code below s stands for its symbol, 255 for the byte behind it; the others do not occur. A point read is that of
/// the codes, which are then read from the text's first to its last.
@safe
final class FsstNode: TextNode {
    let count: Int
    let words: [UInt64]
    let lengths: [UInt8]
    /// Bytes of each vector's texts.
    private let byteCounts: [UInt32]
    private let codes: PlainTextNode
    nonisolated(unsafe) let codeBytes: UnsafeRawBufferPointer

    init(_ reader: inout ByteReader, count: Int, depth: Int) throws(FormatError) {
        self.count = count
        let symbolCount = Int(try reader.read(UInt8.self))
        var lengths: [Int] = []
        for _ in 0..<symbolCount {
            let length = Int(try reader.read(UInt8.self))
            guard (1...SymbolTable.maximumLength).contains(length) else {
                throw FormatError(.invalid, "a symbol of \(length) bytes", at: reader.offset - 1)
            }
            lengths.append(length)
        }
        var symbols: [SymbolTable.Symbol] = []
        for length in lengths {
            var word: UInt64 = 0
            for position in 0..<length { word |= UInt64(try reader.read(UInt8.self)) << UInt64(8 * position) }
            symbols.append(SymbolTable.Symbol(word: word, length: length))
        }
        let table = SymbolTable(symbols)
        words = table.words
        self.lengths = table.lengths
        var byteCounts: [UInt32] = []
        for _ in 0..<PageLimits.vectorCount(count) { byteCounts.append(try reader.read(UInt32.self)) }
        let node = try NodeParser.lastTextChild(&reader, count: count, depth: depth)
        guard let codes = node as? PlainTextNode, let stored = unsafe codes.storedHeap else {
            throw FormatError(.invalid, "codes of symbols as \(node.name)")
        }
        for vector in byteCounts.indices {
            // A code makes at most eight bytes: few codes cannot claim gigabytes.
            let most = codes.heapByteCount(ofVector: vector) * SymbolTable.maximumLength
            guard Int(byteCounts[vector]) <= most else {
                throw FormatError(.invalid, "codes for \(most) bytes at most make \(byteCounts[vector])")
            }
        }
        self.byteCounts = byteCounts
        self.codes = codes
        unsafe codeBytes = stored
    }

    var name: String { "fsst(\(codes.name))" }

    func decode(_ rows: Range<Int>, validity: UnsafePointer<UInt8>?, into builder: ColumnBuilder) throws(FormatError)
        -> Int
    {
        guard !rows.isEmpty else { return 0 }
        let firstVector = rows.lowerBound / PageLimits.vectorRowCount
        let lastVector = (rows.upperBound - 1) / PageLimits.vectorRowCount
        var most = 0
        for vector in firstVector...lastVector { most += Int(byteCounts[vector]) }
        try TextDecoding.reserve(most, in: builder)
        let ends = unsafe builder.reservedEnds
        let heap = unsafe builder.reservedHeap
        let start = builder.heapByteCount
        var position = 0
        var from = unsafe try codes.positions(of: rows, shift: nil, into: ends).lowerBound
        for vector in firstVector...lastVector {
            let vectorStart = vector * PageLimits.vectorRowCount
            let vectorEnd = min(vectorStart + PageLimits.vectorRowCount, count)
            let part = max(rows.lowerBound, vectorStart)..<min(rows.upperBound, vectorEnd)
            let limit = position + Int(byteCounts[vector])
            for row in part {
                let to = unsafe Int(ends[row &- rows.lowerBound])
                position = unsafe try expand(from..<to, into: heap, at: position, limit: limit)
                unsafe ends[row &- rows.lowerBound] = UInt32(truncatingIfNeeded: start &+ position)
                from = to
            }
            guard part.count < vectorEnd - vectorStart || position == limit else {
                throw FormatError(.invalid, "the texts of vector \(vector) are not \(byteCounts[vector]) bytes")
            }
        }
        return position
    }

    func bytes(at row: Int, scratch: inout TextScratch) throws(FormatError) -> UnsafeRawBufferPointer {
        let range = try codes.heapRange(of: row)
        let byteCount = try byteCount(of: range)
        let text = unsafe scratch.reserve(byteCount + TextDecoding.slack)
        _ = unsafe try expand(range, into: text, at: 0, limit: byteCount)
        return unsafe UnsafeRawBufferPointer(start: text, count: byteCount)
    }

    func isEqual(at row: Int, to bytes: UnsafeRawBufferPointer) throws(FormatError) -> Bool {
        let range = try codes.heapRange(of: row)
        var from = 0
        var position = range.lowerBound
        while position < range.upperBound {
            let code = unsafe codeBytes[position]
            position += 1
            if code == SymbolTable.escape {
                guard position < range.upperBound else { throw lostByte() }
                guard from < bytes.count, unsafe bytes[from] == codeBytes[position] else { return false }
                position += 1
                from += 1
            } else {
                let length = Int(lengths[Int(code)])
                guard length <= bytes.count - from else { return false }
                let word = words[Int(code)]
                for i in 0..<length {
                    let byte = UInt8(truncatingIfNeeded: word &>> UInt64(truncatingIfNeeded: 8 &* i))
                    if unsafe bytes[from &+ i] != byte { return false }
                }
                from += length
            }
        }
        return from == bytes.count
    }
}
