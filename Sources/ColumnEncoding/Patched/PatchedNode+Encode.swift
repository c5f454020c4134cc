import ColumnFormat

extension PatchedNode {
    /// How far above its base a value of each vector may be without being patched.
    struct Analysis<Word: WordType> {
        var limits: [Word] = []
        /// Bytes of the node, and a little for its header.
        var byteCount = 8
    }

    /// The width for each vector that makes packed bits and patches together smallest. O(n), about 1 ns a value.
    static func analyze<Word: WordType>(
        _ values: UnsafePointer<Word>, count: Int, packed: BitPackedNode.Analysis<Word>
    ) -> Analysis<Word> {
        var result = Analysis<Word>()
        let size = MemoryLayout<Word>.size
        var histogram = [Int](repeating: 0, count: Word.bitWidth + 1)
        for vector in 0..<packed.bases.count {
            let start = vector * PageLimits.vectorRowCount
            let valueCount = PageLimits.valueCount(ofVector: vector, of: count)
            let base = packed.bases[vector]
            for width in 0...Word.bitWidth { histogram[width] = 0 }
            for i in start..<start &+ valueCount {
                histogram[unsafe BitPacking.width(values[i] &- base)] &+= 1
            }
            var bestWidth = Int(packed.widths[vector])
            var bestByteCount = BitPacking.byteCount(valueCount, width: bestWidth)
            var patchCount = 0
            for width in stride(from: bestWidth - 1, through: 0, by: -1) {
                patchCount += histogram[width + 1]
                if patchCount > valueCount / 8 { break }
                let byteCount = BitPacking.byteCount(valueCount, width: width) + patchCount * (2 + size)
                if byteCount < bestByteCount { (bestWidth, bestByteCount) = (width, byteCount) }
            }
            result.limits.append(bestWidth == 0 ? 0 : Word.max >> Word(Word.bitWidth - bestWidth))
            result.byteCount += 1 + size + bestByteCount
        }
        return result
    }

    static func encode<Word: WordType>(
        _ input: FixedInput, as type: Word.Type, packed: BitPackedNode.Analysis<Word>, analysis: Analysis<Word>
    ) -> EncodedNode {
        let values = unsafe input.words(as: type)
        let buffer = RawBuffer(byteCapacity: input.byteCount)
        let kept = unsafe buffer.base.assumingMemoryBound(to: type)
        var rows: [UInt16] = []
        for vector in 0..<packed.bases.count {
            let start = vector * PageLimits.vectorRowCount
            let (base, limit) = (packed.bases[vector], analysis.limits[vector])
            for i in start..<start &+ PageLimits.valueCount(ofVector: vector, of: input.count) {
                let value = unsafe values[i]
                let isKept = value &- base <= limit
                unsafe kept[i] = isKept ? value : base
                if !isKept { rows.append(UInt16(truncatingIfNeeded: i)) }
            }
        }
        return withExtendedLifetime(buffer) {
            let isSigned = input.shape.kind == .signed
            let kept = unsafe UnsafePointer(kept)
            let child = unsafe BitPackedNode.encode(
                kept, count: input.count,
                analysis: BitPackedNode.analyze(kept, count: input.count, isSigned: isSigned))
            var writer = ByteWriter(reservingCapacity: child.byteCount + rows.count * 10 + 8)
            writer.append(code: .patched)
            Patches.encode(rows, of: input, to: &writer)
            writer.append(bytes: child.bytes)
            return EncodedNode(bytes: writer.bytes, name: "patched(\(child.name))")
        }
    }
}
