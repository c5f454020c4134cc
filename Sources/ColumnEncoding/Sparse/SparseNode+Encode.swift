import ColumnFormat

extension SparseNode {
    /// Bytes of the node where `otherCount` of `count` rows have another value, each of `valueBits` when packed: about what
    /// the gaps between rows take, and two bits.
    static func estimate(otherCount: Int, count: Int, valueBits: Int) -> Int {
        let rowBits = BitPacking.width(UInt32(count / max(otherCount, 1))) + 2
        return 16 + otherCount * (rowBits + valueBits) / 8
    }

    /// The node; nil where every row has `value`, or more than `limit` have another.
    static func encode<Word: WordType>(
        _ input: FixedInput, as type: Word.Type, value: Word, limit: Int, depth: Int, options: EncodingOptions
    ) -> EncodedNode? {
        let words = unsafe input.words(as: type)
        let rows = RawBuffer(byteCapacity: (limit + 1) * 4)
        let others = RawBuffer(byteCapacity: (limit + 1) * MemoryLayout<Word>.size)
        let rowWords = unsafe rows.base.assumingMemoryBound(to: UInt32.self)
        let otherWords = unsafe others.base.assumingMemoryBound(to: type)
        var otherCount = 0
        for i in 0..<input.count where unsafe words[i] != value {
            if otherCount == limit { return nil }
            unsafe rowWords[otherCount] = UInt32(truncatingIfNeeded: i)
            unsafe otherWords[otherCount] = words[i]
            otherCount &+= 1
        }
        if otherCount == 0 { return nil }
        let rowInput = FixedInput(rows, count: otherCount, shape: .count)
        let otherInput = FixedInput(others, count: otherCount, shape: input.shape)
        return withExtendedLifetime((rows, others)) {
            let rowNode = FixedEncoder.encode(rowInput, depth: depth + 1, options: options)
            let otherNode = FixedEncoder.encode(otherInput, depth: depth + 1, options: options)
            var writer = ByteWriter(reservingCapacity: 16 + rowNode.byteCount + otherNode.byteCount)
            writer.append(code: .sparse)
            writer.append(value)
            writer.append(varint: UInt64(otherCount))
            writer.append(child: rowNode)
            writer.append(bytes: otherNode.bytes)
            let otherCost = (1_000 + otherNode.decodeCost) * otherCount / input.count
            return EncodedNode(
                bytes: writer.bytes, name: "sparse(\(rowNode.name), \(otherNode.name))",
                decodeCost: DecodeCost.sparse + otherCost)
        }
    }
}
