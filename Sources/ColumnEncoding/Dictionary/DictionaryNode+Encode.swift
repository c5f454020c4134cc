import ColumnFormat

extension DictionaryNode {
    /// What a sample says of the distinct values.
    struct Analysis<Word: WordType> {
        /// About how many there are; nil where nearly all of the sample were distinct.
        var distinctCount: Int?
        /// The most frequent one, and how many values of `sampled` it was.
        var common: (value: Word, count: Int)
        var sampled: Int
        /// The bits of a code that is as good as it can be, a value.
        var codeBits: Double
    }

    /// The number of distinct values, and how they are spread, judged from a sample.
    ///
    /// The estimate is GEE (M. Charikar et al., "Towards estimation error guarantees for distinct values", PODS 2000):
    /// values seen once stand for √(rows ÷ sampled) each.
    static func analyze<Word: WordType>(_ values: UnsafePointer<Word>, count: Int) -> Analysis<Word> {
        var table = DistinctWords<Word>(limit: Sample.rowCount)
        var occurrences = [UInt32](repeating: 0, count: Sample.rowCount)
        var sampled = 0
        for run in Sample.runs(of: count) {
            for i in run {
                if let code = unsafe table.code(of: values[i]) { occurrences[Int(code)] += 1 }
            }
            sampled += run.count
        }
        var single = 0
        var common = 0
        for code in 0..<table.count {
            if occurrences[code] == 1 { single += 1 }
            if occurrences[code] > occurrences[common] { common = code }
        }
        let scale = (Double(count) / Double(sampled)).squareRoot()
        // What was not seen makes the entropy larger by about half of what was, a value (G. Miller, 1955).
        let codeBits =
            Entropy.bits(occurrences, total: sampled) / Double(sampled)
            + (sampled < count ? 0.72 * Double(table.count) / Double(sampled) : 0)
        return Analysis(
            distinctCount: table.count <= sampled - sampled / 32
                ? table.count - single + Int(Double(single) * scale) : nil,
            common: (table[common], Int(occurrences[common])), sampled: sampled, codeBits: codeBits)
    }

    /// Bytes of a node with codes of so many bits and values of so many.
    static func estimate(valueCount: Int, valueBits: Int, count: Int, codeBits: Double) -> Int {
        16 + valueCount * valueBits / 8 + Int(Double(count) * codeBits / 8)
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
                bytes: writer.bytes, name: "dictionary(\(codeNode.name), values: \(valueNode.name))",
                decodeCost: DecodeCost.dictionary + codeNode.decodeCost)
        }
    }
}
