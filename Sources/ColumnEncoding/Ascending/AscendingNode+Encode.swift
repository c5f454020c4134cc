import ColumnFormat

extension AscendingNode {
    struct Analysis {
        var widths: [UInt8] = []
        var stepLengths: [UInt16] = []
        /// Bytes of the node.
        var byteCount = 1
    }

    /// The widths that make each vector smallest; nil where a value is below the one before it in its vector. O(n), and O(1)
    /// where an early one is.
    static func analyze<Word: WordType>(_ values: UnsafePointer<Word>, count: Int, isSigned: Bool) -> Analysis? {
        let bias: Word = isSigned ? 1 << Word(Word.bitWidth - 1) : 0
        var result = Analysis()
        for vector in 0..<PageLimits.vectorCount(count) {
            let start = vector * PageLimits.vectorRowCount
            let valueCount = PageLimits.valueCount(ofVector: vector, of: count)
            var descents = 0
            for i in start &+ 1..<max(start &+ valueCount, start &+ 1) {
                unsafe descents &+= (values[i] ^ bias) < (values[i &- 1] ^ bias) ? 1 : 0
            }
            if descents > 0 { return nil }
            let range = unsafe UInt64(truncatingIfNeeded: values[start &+ valueCount &- 1] &- values[start])
            // One more than log2 of the mean gap at most; one or two less may be better.
            let near = BitPacking.width(range / UInt64(valueCount))
            var best: (width: Int, stepLength: Int, byteCount: Int)?
            for width in max(0, near - 2)...min(near, Word.bitWidth) {
                let high = width >= 64 ? 0 : range >> UInt64(width)
                let stepLength = (Int(high) + valueCount + 7) / 8
                let byteCount = stepLength + BitPacking.byteCount(valueCount, width: width)
                if best == nil || byteCount < best!.byteCount { best = (width, stepLength, byteCount) }
            }
            guard let best, best.stepLength <= Int(UInt16.max) else { return nil }
            result.widths.append(UInt8(best.width))
            result.stepLengths.append(UInt16(best.stepLength))
            result.byteCount += 3 + MemoryLayout<Word>.size + best.byteCount
        }
        return result
    }

    static func encode<Word: WordType>(
        _ values: UnsafePointer<Word>, count: Int, analysis: Analysis
    ) -> EncodedNode {
        let vectorCount = analysis.widths.count
        var writer = ByteWriter(reservingCapacity: analysis.byteCount)
        writer.append(code: .ascending)
        writer.append(bytes: analysis.widths)
        for vector in 0..<vectorCount { unsafe writer.append(values[vector * PageLimits.vectorRowCount]) }
        for length in analysis.stepLengths { writer.append(length) }
        var bytes = packVectors(header: writer.bytes, widths: analysis.widths, count: count) { vector, i in
            let distance = unsafe values[i] &- values[vector &* PageLimits.vectorRowCount]
            return UInt64(truncatingIfNeeded: distance) & lowMask(analysis.widths[vector])
        }
        for vector in 0..<vectorCount {
            let start = vector * PageLimits.vectorRowCount
            let width = Word(truncatingIfNeeded: min(Int(analysis.widths[vector]), Word.bitWidth - 1))
            let hasHigh = Int(analysis.widths[vector]) < Word.bitWidth
            var steps = [UInt8](repeating: 0, count: Int(analysis.stepLengths[vector]))
            for i in 0..<PageLimits.valueCount(ofVector: vector, of: count) {
                let distance = unsafe values[start &+ i] &- values[start]
                let place = (hasHigh ? Int(truncatingIfNeeded: distance &>> width) : 0) &+ i
                steps[place &>> 3] |= 1 &<< UInt8(truncatingIfNeeded: place & 7)
            }
            bytes.append(contentsOf: steps)
        }
        return EncodedNode(bytes: bytes, name: "ascending", decodeCost: DecodeCost.ascending)
    }

    @inline(__always)
    private static func lowMask(_ width: UInt8) -> UInt64 { width == 0 ? 0 : .max &>> (64 &- UInt64(width)) }
}
