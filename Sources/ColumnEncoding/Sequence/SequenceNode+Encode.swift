import ColumnFormat

extension SequenceNode {
    struct Analysis<Word: WordType> {
        let step: Word
        /// Bytes of the node, its residuals packed.
        let byteCount: Int
    }

    /// The mean step of the page, where sampled distances from its line are small; nil where they are not, or the values
    /// do not go one way. Signed distances are taken modulo 2^(8·W).
    static func analyze<Word: WordType>(_ values: UnsafePointer<Word>, count: Int) -> Analysis<Word>? {
        guard count >= 3, Word.bitWidth >= 32 else { return nil }
        let first = unsafe values[0]
        let rise = unsafe values[count - 1] &- first
        let isFalling = rise.leadingZeroBitCount == 0
        let step = unsafe values[1] &- first
        // A step that the first values show is exact where one computed from a noisy end would be off by a little.
        let isExact = unsafe values[2] &- values[1] == step && values[count - 1] == first &+ Word(count - 1) &* step
        let mean = isExact ? step : isFalling ? 0 &- (0 &- rise) / Word(count - 1) : rise / Word(count - 1)
        guard mean != 0 else { return nil }
        let bias: Word = 1 << Word(Word.bitWidth - 1)
        var (bits, sampled) = (0, 0)
        for run in Sample.runs(of: count) {
            var (low, high) = (Word.max, Word.min)
            for i in run {
                let residual = unsafe (values[i] &- first &- Word(truncatingIfNeeded: i) &* mean) ^ bias
                low = min(low, residual)
                high = max(high, residual)
            }
            bits += run.count * BitPacking.width(high &- low)
            sampled += run.count
        }
        return Analysis(step: mean, byteCount: 16 + 2 * MemoryLayout<Word>.size + bits * count / (8 * sampled))
    }

    static func encode<Word: WordType>(
        _ input: FixedInput, as type: Word.Type, step: Word, depth: Int, options: EncodingOptions
    ) -> EncodedNode {
        let values = unsafe input.words(as: type)
        let buffer = RawBuffer(byteCapacity: input.byteCount)
        let residuals = unsafe buffer.base.assumingMemoryBound(to: type)
        let first = unsafe values[0]
        for i in 0..<input.count {
            unsafe residuals[i] = values[i] &- first &- Word(truncatingIfNeeded: i) &* step
        }
        let shape = FixedShape(kind: .signed, byteWidth: input.shape.byteWidth)
        let child = withExtendedLifetime(buffer) {
            FixedEncoder.encode(
                FixedInput(buffer, count: input.count, shape: shape), depth: depth + 1, options: options)
        }
        var writer = ByteWriter(reservingCapacity: child.byteCount + 17)
        writer.append(code: .sequence)
        writer.append(first)
        writer.append(step)
        writer.append(bytes: child.bytes)
        return EncodedNode(
            bytes: writer.bytes, name: "sequence(\(child.name))",
            decodeCost: DecodeCost.sequence + child.decodeCost)
    }
}
