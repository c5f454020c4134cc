import ColumnFormat

extension SplitNode {
    struct Analysis {
        let rightBits: Int
        /// Bytes of the node, its left parts in a dictionary.
        let byteCount: Int
    }

    /// More different left parts than this and their dictionary is no longer small.
    private static let leftLimit = 64

    /// The cut at which sampled left parts and right bits are smallest; nil where that saves nothing. O(sample · 16).
    static func analyze<Word: WordType>(_ values: UnsafePointer<Word>, count: Int) -> Analysis? {
        var best: (rightBits: Int, bits: Int)?
        var sampled = 0
        for run in Sample.runs(of: count) { sampled += run.count }
        for rightBits in stride(from: Word.bitWidth - 1, through: max(1, Word.bitWidth - leftBits), by: -1) {
            var table = DistinctWords<Word>(limit: leftLimit)
            var isFull = false
            for run in Sample.runs(of: count) where !isFull {
                for i in run {
                    if unsafe table.code(of: values[i] &>> Word(rightBits)) == nil {
                        isFull = true
                        break
                    }
                }
            }
            if isFull { break }
            let bits = sampled * (rightBits + BitPacking.width(UInt32(table.count - 1)))
            if best == nil || bits < best!.bits { best = (rightBits, bits) }
        }
        guard let best else { return nil }
        let byteCount = best.bits * count / (8 * sampled) + 256
        return byteCount < count * MemoryLayout<Word>.size
            ? Analysis(rightBits: best.rightBits, byteCount: byteCount) : nil
    }

    static func encode<Word: WordType>(
        _ input: FixedInput, as type: Word.Type, rightBits: Int, depth: Int, options: EncodingOptions
    ) -> EncodedNode {
        let values = unsafe input.words(as: type)
        let lefts = RawBuffer(byteCapacity: input.count * 4)
        let rights = RawBuffer(byteCapacity: input.byteCount)
        let leftWords = unsafe lefts.base.assumingMemoryBound(to: UInt32.self)
        let rightWords = unsafe rights.base.assumingMemoryBound(to: type)
        let mask = Word.max &>> Word(Word.bitWidth - rightBits)
        for i in 0..<input.count {
            unsafe leftWords[i] = UInt32(truncatingIfNeeded: values[i] &>> Word(rightBits))
            unsafe rightWords[i] = values[i] & mask
        }
        let leftInput = FixedInput(lefts, count: input.count, shape: leftShape)
        return withExtendedLifetime((lefts, rights)) {
            let left = FixedEncoder.encode(leftInput, depth: depth + 1, options: options)
            // Noise: nothing else is worth a look.
            let rightWords = unsafe UnsafePointer(rightWords)
            let right = unsafe BitPackedNode.encode(
                rightWords, count: input.count,
                analysis: BitPackedNode.analyze(rightWords, count: input.count, isSigned: false))
            var writer = ByteWriter(reservingCapacity: 8 + left.byteCount + right.byteCount)
            writer.append(code: .split)
            writer.append(UInt8(rightBits))
            writer.append(child: left)
            writer.append(bytes: right.bytes)
            return EncodedNode(
                bytes: writer.bytes, name: "split(\(left.name), \(right.name))",
                decodeCost: DecodeCost.split + left.decodeCost + right.decodeCost)
        }
    }
}
