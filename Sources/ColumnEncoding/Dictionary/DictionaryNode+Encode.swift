import ColumnFormat

extension DictionaryNode {
    /// About how many distinct values there are, judged from a sample; nil where nearly all of it are distinct.
    ///
    /// The estimate is GEE (M. Charikar et al., "Towards estimation error guarantees for distinct values", PODS 2000):
    /// values seen once stand for √(rows ÷ sampled) each.
    static func analyze<Word: WordType>(_ values: UnsafePointer<Word>, count: Int) -> Int? {
        var table = DistinctWords<Word>(limit: Sample.rowCount)
        var occurrences = [UInt16](repeating: 0, count: Sample.rowCount)
        var sampled = 0
        for run in Sample.runs(of: count) {
            for i in run {
                if let code = unsafe table.code(of: values[i]) { occurrences[Int(code)] += 1 }
            }
            sampled += run.count
        }
        guard table.count <= sampled - sampled / 32 else { return nil }
        var single = 0
        for code in 0..<table.count where occurrences[code] == 1 { single += 1 }
        let scale = (Double(count) / Double(sampled)).squareRoot()
        return table.count - single + Int(Double(single) * scale)
    }

    /// Bytes of a node with packed codes and plain values.
    static func estimate(valueCount: Int, count: Int, byteWidth: Int) -> Int {
        16 + valueCount * byteWidth + count * BitPacking.width(UInt32(valueCount - 1)) / 8
    }

    /// The node, or nil where there are more than `limit` distinct values.
    static func encode<Word: WordType>(
        _ input: FixedInput, as type: Word.Type, limit: Int, depth: Int, options: EncodingOptions
    ) -> EncodedNode? {
        let words = unsafe input.words(as: type)
        var table = DistinctWords<Word>(limit: limit)
        let codes = RawBuffer(byteCapacity: input.count * 4)
        let codeWords = unsafe codes.base.assumingMemoryBound(to: UInt32.self)
        for i in 0..<input.count {
            guard let code = unsafe table.code(of: words[i]) else { return nil }
            unsafe codeWords[i] = code
        }
        // Ascending values pack better, and codes keep their order.
        let values = (0..<table.count).map { table[$0] }
        let order = (0..<table.count).sorted { values[$0] < values[$1] }
        var rank = [UInt32](repeating: 0, count: table.count)
        let sorted = RawBuffer(byteCapacity: table.count * MemoryLayout<Word>.size)
        for (position, code) in order.enumerated() {
            rank[code] = UInt32(position)
            unsafe sorted.base.storeBytes(
                of: values[code], toByteOffset: position * MemoryLayout<Word>.size, as: type)
        }
        for i in 0..<input.count { unsafe codeWords[i] = rank[Int(codeWords[i])] }
        let valueInput = FixedInput(sorted, count: values.count, shape: input.shape)
        let codeInput = FixedInput(codes, count: input.count, shape: .count)
        return withExtendedLifetime((sorted, codes)) {
            let valueNode = FixedEncoder.encode(valueInput, depth: depth + 1, options: options)
            let codeNode = FixedEncoder.encode(codeInput, depth: depth + 1, options: options)
            var writer = ByteWriter(reservingCapacity: 16 + valueNode.byteCount + codeNode.byteCount)
            writer.append(code: .dictionary)
            writer.append(varint: UInt64(valueInput.count))
            writer.append(child: valueNode)
            writer.append(bytes: codeNode.bytes)
            return EncodedNode(
                bytes: writer.bytes, name: "dictionary(\(codeNode.name), values: \(valueNode.name))")
        }
    }
}
