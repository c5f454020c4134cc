import ColumnFormat

extension PatchedNode {
    /// What a value of each vector may be without being patched: `lows` to `lows` + `limits`.
    struct Analysis<Word: WordType> {
        var lows: [Word] = []
        var limits: [Word] = []
        /// Bytes of the vectors.
        var byteCount = 0
        /// How many values are patched.
        var patchCount = 0
    }

    /// What the node is likely to take, and to cost a reader, judged from up to eight vectors.
    static func estimate<Word: WordType>(
        _ values: UnsafePointer<Word>, count: Int, packed: BitPackedNode.Analysis<Word>
    ) -> (byteCount: Int, decodeCost: Int) {
        let step = (packed.bases.count + 7) / 8
        let sample = Array(stride(from: 0, to: packed.bases.count, by: step))
        let analysis = unsafe analyze(values, count: count, packed: packed, vectors: sample)
        var sampled = 0
        for vector in sample { sampled += PageLimits.valueCount(ofVector: vector, of: count) }
        let scale = Double(count) / Double(sampled)
        return (
            8 + Int(Double(analysis.byteCount) * scale),
            decodeCost(patchCount: analysis.patchCount, count: sampled) + DecodeCost.bitPacked
        )
    }

    /// The width for each of `vectors` that makes packed bits and patches together smallest, patches being the largest values
    /// or the smallest ones. About 2 ns a value.
    private static func analyze<Word: WordType>(
        _ values: UnsafePointer<Word>, count: Int, packed: BitPackedNode.Analysis<Word>, vectors: [Int]
    ) -> Analysis<Word> {
        var result = Analysis<Word>()
        let size = MemoryLayout<Word>.size
        // How many values need so many bits above the lowest, and below the highest.
        let above = UnsafeMutablePointer<UInt32>.allocate(capacity: Word.bitWidth + 1)
        let below = UnsafeMutablePointer<UInt32>.allocate(capacity: Word.bitWidth + 1)
        defer {
            unsafe above.deallocate()
            unsafe below.deallocate()
        }
        for vector in vectors {
            let start = vector * PageLimits.vectorRowCount
            let valueCount = PageLimits.valueCount(ofVector: vector, of: count)
            let (base, range) = (packed.bases[vector], packed.ranges[vector])
            unsafe above.update(repeating: 0, count: Word.bitWidth + 1)
            unsafe below.update(repeating: 0, count: Word.bitWidth + 1)
            for i in start..<start &+ valueCount {
                let distance = unsafe values[i] &- base
                unsafe above[BitPacking.width(distance)] &+= 1
                unsafe below[BitPacking.width(range &- distance)] &+= 1
            }
            let fullWidth = Int(packed.widths[vector])
            var best = (
                width: fullWidth, patchCount: 0, isLow: false,
                byteCount: BitPacking.byteCount(valueCount, width: fullWidth)
            )
            var (highCount, lowCount) = (0, 0)
            for width in stride(from: fullWidth - 1, through: 0, by: -1) {
                unsafe highCount += Int(above[width + 1])
                unsafe lowCount += Int(below[width + 1])
                let patchCount = min(highCount, lowCount)
                if patchCount > valueCount / 8 { break }
                let byteCount = BitPacking.byteCount(valueCount, width: width) + patchCount * (2 + size)
                if byteCount < best.byteCount { best = (width, patchCount, lowCount < highCount, byteCount) }
            }
            let limit: Word = best.width == 0 ? 0 : Word.max >> Word(Word.bitWidth - best.width)
            result.lows.append(best.isLow ? base &+ range &- limit : base)
            result.limits.append(limit)
            result.byteCount += 1 + size + best.byteCount
            result.patchCount += best.patchCount
        }
        return result
    }

    /// What patches cost a reader.
    static func decodeCost(patchCount: Int, count: Int) -> Int {
        DecodeCost.patched + DecodeCost.patch * patchCount / max(count, 1)
    }

    static func encode<Word: WordType>(
        _ input: FixedInput, as type: Word.Type, packed: BitPackedNode.Analysis<Word>
    ) -> EncodedNode {
        let values = unsafe input.words(as: type)
        let analysis = unsafe analyze(
            values, count: input.count, packed: packed, vectors: Array(packed.bases.indices))
        let buffer = RawBuffer(byteCapacity: input.byteCount)
        let kept = unsafe buffer.base.assumingMemoryBound(to: type)
        var rows: [UInt16] = []
        for vector in 0..<analysis.limits.count {
            let start = vector * PageLimits.vectorRowCount
            let (low, limit) = (analysis.lows[vector], analysis.limits[vector])
            for i in start..<start &+ PageLimits.valueCount(ofVector: vector, of: input.count) {
                let value = unsafe values[i]
                let isKept = value &- low <= limit
                unsafe kept[i] = isKept ? value : low
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
            return EncodedNode(
                bytes: writer.bytes, name: "patched(\(child.name))",
                decodeCost: decodeCost(patchCount: rows.count, count: input.count) + child.decodeCost)
        }
    }
}
