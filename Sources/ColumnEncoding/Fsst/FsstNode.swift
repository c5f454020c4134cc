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
    private let words: [UInt64]
    private let lengths: [UInt8]
    /// Bytes of each vector's texts.
    private let byteCounts: [UInt32]
    private let codes: PlainTextNode
    private nonisolated(unsafe) let codeBytes: UnsafeRawBufferPointer

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

    /// Bytes that the codes of `range` make.
    private func byteCount(of range: Range<Int>) throws(FormatError) -> Int {
        var total = 0
        var position = range.lowerBound
        while position < range.upperBound {
            let code = unsafe codeBytes[position]
            total += code == SymbolTable.escape ? 1 : Int(lengths[Int(code)])
            position += code == SymbolTable.escape ? 2 : 1
        }
        guard position == range.upperBound else { throw lostByte() }
        return total
    }

    private func lostByte() -> FormatError { FormatError(.invalid, "an escape without a byte behind it") }

    /// Writes what the codes of `range` stand for to `heap` from `position` on; where that ends, which is at or below
    /// `limit`. Up to ``TextDecoding/slack`` bytes more are written over.
    @inline(__always)
    private func expand(
        _ range: Range<Int>, into heap: UnsafeMutableRawPointer, at position: Int, limit: Int
    ) throws(FormatError) -> Int {
        if position &+ range.count &* SymbolTable.maximumLength > limit {
            // The last texts of a vector: only these are measured before they are written.
            guard position + (try byteCount(of: range)) <= limit else {
                throw FormatError(.invalid, "texts longer than their vector's \(limit) bytes")
            }
        }
        let end = unsafe words.withUnsafeBufferPointer { words in
            unsafe lengths.withUnsafeBufferPointer { lengths in
                unsafe Self.expand(
                    codeBytes.baseAddress.map { unsafe $0 + range.lowerBound }, count: range.count, words.baseAddress!,
                    lengths.baseAddress!, into: heap + position)
            }
        }
        guard let end else { throw lostByte() }
        return position &+ end
    }

    /// How many bytes were written; nil where the last code is an escape.
    @inline(__always)
    private static func expand(
        _ codes: UnsafeRawPointer?, count: Int, _ words: UnsafePointer<UInt64>, _ lengths: UnsafePointer<UInt8>,
        into target: UnsafeMutableRawPointer
    ) -> Int? {
        guard let codes = unsafe codes else { return 0 }
        var i = 0
        var written = 0
        while i < count {
            if i &+ 4 <= count {
                var four = unsafe UInt32(littleEndian: codes.loadUnaligned(fromByteOffset: i, as: UInt32.self))
                // A byte of all ones carries into its top bit, and had it set.
                if ((four & 0x7F7F_7F7F) &+ 0x0101_0101) & four & 0x8080_8080 == 0 {
                    for _ in 0..<4 {
                        let code = Int(truncatingIfNeeded: four & 0xFF)
                        unsafe target.storeBytes(of: words[code], toByteOffset: written, as: UInt64.self)
                        unsafe written &+= Int(truncatingIfNeeded: lengths[code])
                        four &>>= 8
                    }
                    i &+= 4
                    continue
                }
            }
            let code = unsafe codes.load(fromByteOffset: i, as: UInt8.self)
            if code == SymbolTable.escape {
                guard i &+ 1 < count else { return nil }
                let byte = unsafe codes.load(fromByteOffset: i &+ 1, as: UInt8.self)
                unsafe target.storeBytes(of: byte, toByteOffset: written, as: UInt8.self)
                written &+= 1
                i &+= 2
            } else {
                unsafe target.storeBytes(of: words[Int(code)], toByteOffset: written, as: UInt64.self)
                unsafe written &+= Int(truncatingIfNeeded: lengths[Int(code)])
                i &+= 1
            }
        }
        return written
    }
}
