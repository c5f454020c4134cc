import ColumnFormat

extension DictionaryTextNode {
    /// Whether a sample has texts that repeat: not nearly all are distinct.
    static func analyze(_ input: TextInput) -> Bool {
        var table = DistinctTexts(input, limit: Sample.rowCount)
        var sampled = 0
        for run in Sample.runs(of: input.count) {
            for row in run where !input.isNull(row) {
                _ = table.code(ofRow: row)
                sampled += 1
            }
        }
        return table.count <= sampled - sampled / 16
    }

    /// The node, or nil where more than a quarter of the texts are distinct.
    static func encode(_ input: TextInput, depth: Int, options: EncodingOptions) -> EncodedNode? {
        var table = DistinctTexts(input, limit: max(input.count / 4, 2))
        let codes = RawBuffer(byteCapacity: input.count * 4)
        var previous: UInt32 = 0
        for row in 0..<input.count {
            // A null repeats the code before it: the decoder makes it empty.
            if !input.isNull(row) {
                guard let code = table.code(ofRow: row) else { return nil }
                previous = code
            }
            unsafe codes.base.storeBytes(of: previous, toByteOffset: row * 4, as: UInt32.self)
        }
        let builder = ColumnBuilder(type: .bytes, capacity: table.count)
        for row in table.rows { unsafe builder.append(bytes: input.bytes(at: row)) }
        let values = builder.snapshot()
        let codeInput = FixedInput(codes, count: input.count, shape: .count)
        return withExtendedLifetime((values, codes)) {
            let valueNode = PlainTextNode.encode(TextInput(values), options: options, depth: depth + 1)
            let codeNode = FixedEncoder.encode(codeInput, depth: depth + 1, options: options)
            var writer = ByteWriter(reservingCapacity: 16 + valueNode.byteCount + codeNode.byteCount)
            writer.append(code: .dictionary)
            writer.append(varint: UInt64(values.count))
            writer.append(child: valueNode)
            writer.append(bytes: codeNode.bytes)
            return EncodedNode(
                bytes: writer.bytes, name: "dictionary(\(codeNode.name), values: \(valueNode.name))")
        }
    }
}
