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
        let values = sort(table, of: input, codes: codes)
        let codeInput = FixedInput(codes, count: input.count, shape: .count)
        return withExtendedLifetime((values, codes)) {
            let valueNode = TextEncoder.encode(TextInput(values), depth: depth + 1, options: options)
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

    /// The distinct texts in the order of their bytes, and in `codes` their numbers in it: those of a range of texts, or
    /// of a prefix, are then a range.
    private static func sort(_ table: DistinctTexts, of input: TextInput, codes: RawBuffer) -> ColumnSlice {
        let rows = table.rows
        let order = rows.indices.sorted { unsafe precedes(input.bytes(at: rows[$0]), input.bytes(at: rows[$1])) }
        var ranks = [UInt32](repeating: 0, count: rows.count)
        let builder = ColumnBuilder(type: .bytes, capacity: rows.count)
        for (rank, code) in order.enumerated() {
            ranks[code] = UInt32(rank)
            unsafe builder.append(bytes: input.bytes(at: rows[code]))
        }
        let words = unsafe codes.base.assumingMemoryBound(to: UInt32.self)
        for row in 0..<input.count { unsafe words[row] = ranks[Int(words[row])] }
        return builder.snapshot()
    }

    private static func precedes(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
        let shared = min(left.count, right.count)
        var i = 0
        while i < shared {
            let (a, b) = unsafe (left[i], right[i])
            if a != b { return a < b }
            i += 1
        }
        return left.count < right.count
    }
}
