import ColumnFormat

extension RunLengthNode {
    /// The number of runs. O(n), vectorised.
    static func analyze<Word: WordType>(_ values: UnsafePointer<Word>, count: Int) -> Int {
        var changes = 0
        for i in 1..<max(count, 1) { unsafe changes &+= values[i] != values[i &- 1] ? 1 : 0 }
        return changes + 1
    }

    /// What the node is likely to take: the mean length's bits and twice over for their spread, and values of
    /// `valueByteWidth`, which is the width after packing.
    static func estimate(runCount: Int, count: Int, valueBits: Int) -> Int {
        let lengthBits = min(BitPacking.width(UInt32(count / runCount)) + 2, 17)
        return 16 + (runCount * (lengthBits + valueBits) + 7) / 8
    }

    static func encode<Word: WordType>(
        _ input: FixedInput, as type: Word.Type, runCount: Int, depth: Int, options: EncodingOptions
    ) -> EncodedNode {
        let values = unsafe input.words(as: type)
        let lengths = RawBuffer(byteCapacity: runCount * 4)
        let heads = RawBuffer(byteCapacity: runCount * MemoryLayout<Word>.size)
        let lengthWords = unsafe lengths.base.assumingMemoryBound(to: UInt32.self)
        let headWords = unsafe heads.base.assumingMemoryBound(to: Word.self)
        var run = 0
        var start = 0
        while start < input.count {
            let value = unsafe values[start]
            var end = start &+ 1
            while unsafe end < input.count && values[end] == value { end &+= 1 }
            unsafe lengthWords[run] = UInt32(end &- start)
            unsafe headWords[run] = value
            run &+= 1
            start = end
        }
        let lengthInput = FixedInput(lengths, count: runCount, shape: .count)
        let headInput = FixedInput(heads, count: runCount, shape: input.shape)
        return withExtendedLifetime((lengths, heads)) {
            let lengthNode = FixedEncoder.encode(lengthInput, depth: depth + 1, options: options)
            let headNode = FixedEncoder.encode(headInput, depth: depth + 1, options: options)
            var writer = ByteWriter(reservingCapacity: 16 + lengthNode.byteCount + headNode.byteCount)
            writer.append(code: .runLength)
            writer.append(varint: UInt64(runCount))
            writer.append(child: lengthNode)
            writer.append(bytes: headNode.bytes)
            return EncodedNode(
                bytes: writer.bytes, name: "runLength(\(lengthNode.name), \(headNode.name))",
                decodeCost: DecodeCost.runLength + (2_000 + headNode.decodeCost) * runCount / input.count)
        }
    }
}
