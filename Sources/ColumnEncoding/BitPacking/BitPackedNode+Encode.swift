import ColumnFormat

extension BitPackedNode {
    /// The base, the highest distance to it and the width of each vector.
    struct Analysis<Word: WordType> {
        var bases: [Word] = []
        var ranges: [Word] = []
        var widths: [UInt8] = []
        /// Bytes of the node.
        var byteCount = 1

        /// The lowest value of all and the highest one's distance to it.
        func span(isSigned: Bool) -> (low: Word, range: Word) {
            let bias: Word = isSigned ? 1 << Word(Word.bitWidth - 1) : 0
            var (low, high) = (Word.max, Word.min)
            for vector in bases.indices {
                low = min(low, bases[vector] ^ bias)
                high = max(high, (bases[vector] &+ ranges[vector]) ^ bias)
            }
            return (low ^ bias, high &- low)
        }

        /// Whether there are few enough different values between the lowest and the highest for a code of each.
        func isDense(isSigned: Bool) -> Bool { span(isSigned: isSigned).range < HuffmanCode.maximumSymbolCount }
    }

    /// The smallest value and the width of every vector, exactly. O(n), about 0.3 ns a value.
    static func analyze<Word: WordType>(_ values: UnsafePointer<Word>, count: Int, isSigned: Bool) -> Analysis<Word> {
        // Signed order is unsigned order with the top bit flipped.
        let bias: Word = isSigned ? 1 << Word(Word.bitWidth - 1) : 0
        var result = Analysis<Word>()
        for vector in 0..<PageLimits.vectorCount(count) {
            let start = vector * PageLimits.vectorRowCount
            let valueCount = PageLimits.valueCount(ofVector: vector, of: count)
            var low = Word.max
            var high = Word.min
            for i in start..<start &+ valueCount {
                let value = unsafe values[i] ^ bias
                low = min(low, value)
                high = max(high, value)
            }
            let width = BitPacking.width(high &- low)
            result.bases.append(low ^ bias)
            result.ranges.append(high &- low)
            result.widths.append(UInt8(width))
            result.byteCount += 1 + MemoryLayout<Word>.size + BitPacking.byteCount(valueCount, width: width)
        }
        return result
    }

    static func encode<Word: WordType>(
        _ values: UnsafePointer<Word>, count: Int, analysis: Analysis<Word>
    ) -> EncodedNode {
        let vectorCount = analysis.bases.count
        let headerByteCount = 1 + vectorCount * (1 + MemoryLayout<Word>.size)
        var header = ByteWriter(reservingCapacity: headerByteCount)
        header.append(code: .bitPacked)
        header.append(bytes: analysis.widths)
        for base in analysis.bases { header.append(base) }
        let bytes = packVectors(header: header.bytes, widths: analysis.widths, count: count) { vector, i in
            unsafe UInt64(truncatingIfNeeded: values[i] &- analysis.bases[vector])
        }
        return EncodedNode(bytes: bytes, name: "bitPacked", decodeCost: DecodeCost.bitPacked)
    }
}

/// `header` and, after it, the packed bits of `distance(vector, row)` for every row.
@inline(__always)
func packVectors(
    header: [UInt8], widths: [UInt8], count: Int, _ distance: (_ vector: Int, _ row: Int) -> UInt64
) -> [UInt8] {
    var packedByteCount = 0
    for (vector, width) in widths.enumerated() {
        let valueCount = PageLimits.valueCount(ofVector: vector, of: count)
        packedByteCount += BitPacking.byteCount(valueCount, width: Int(width))
    }
    // The words are packed in a buffer of their own, which is aligned, and zero where no value is.
    let buffer = RawBuffer(byteCapacity: packedByteCount)
    var target = unsafe buffer.base
    for vector in 0..<widths.count {
        let width = Int(widths[vector])
        let start = vector * PageLimits.vectorRowCount
        let valueCount = PageLimits.valueCount(ofVector: vector, of: count)
        for i in 0..<valueCount {
            unsafe BitPacking.pack(distance(vector, start &+ i), width: width, at: i, into: target)
        }
        unsafe target += BitPacking.byteCount(valueCount, width: width)
    }
    var bytes = header
    bytes.reserveCapacity(header.count + packedByteCount)
    unsafe bytes.append(contentsOf: UnsafeRawBufferPointer(start: buffer.base, count: packedByteCount))
    return withExtendedLifetime(buffer) { bytes }
}
