import ColumnFormat

extension DeltaNode {
    /// The smallest difference and the width of each vector.
    struct Analysis<Word: WordType> {
        var steps: [Word] = []
        var widths: [UInt8] = []
        /// Bytes of the node.
        var byteCount = 1
    }

    /// Exactly what each vector needs. Differences are taken modulo 2^(8·W) and ordered as signed. O(n).
    static func analyze<Word: WordType>(_ values: UnsafePointer<Word>, count: Int) -> Analysis<Word> {
        let bias: Word = 1 << Word(Word.bitWidth - 1)
        var result = Analysis<Word>()
        for vector in 0..<PageLimits.vectorCount(count) {
            let start = vector * PageLimits.vectorRowCount
            let valueCount = PageLimits.valueCount(ofVector: vector, of: count)
            var low = Word.max
            var high = Word.min
            for i in start &+ 1..<max(start &+ valueCount, start &+ 1) {
                let difference = unsafe (values[i] &- values[i &- 1]) ^ bias
                low = min(low, difference)
                high = max(high, difference)
            }
            if valueCount == 1 { (low, high) = (bias, bias) }
            let width = BitPacking.width(high &- low)
            result.steps.append(low ^ bias)
            result.widths.append(UInt8(width))
            result.byteCount += 1 + 2 * MemoryLayout<Word>.size + BitPacking.byteCount(valueCount, width: width)
        }
        return result
    }

    static func encode<Word: WordType>(
        _ values: UnsafePointer<Word>, count: Int, analysis: Analysis<Word>
    ) -> EncodedNode {
        let vectorCount = analysis.steps.count
        var header = ByteWriter(reservingCapacity: 1 + vectorCount * (1 + 2 * MemoryLayout<Word>.size))
        header.append(code: .delta)
        header.append(bytes: analysis.widths)
        for vector in 0..<vectorCount { unsafe header.append(values[vector * PageLimits.vectorRowCount]) }
        for step in analysis.steps { header.append(step) }
        let bytes = packVectors(header: header.bytes, widths: analysis.widths, count: count) { vector, i in
            if i % PageLimits.vectorRowCount == 0 { return 0 }
            return unsafe UInt64(truncatingIfNeeded: values[i] &- values[i &- 1] &- analysis.steps[vector])
        }
        return EncodedNode(bytes: bytes, name: "delta", decodeCost: DecodeCost.delta)
    }
}
