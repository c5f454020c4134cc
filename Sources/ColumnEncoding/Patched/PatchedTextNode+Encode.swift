import ColumnFormat

extension PatchedTextNode {
    /// The node of texts of which those of `rows` are kept apart: the others as ids by their alphabets. Nil where those do
    /// not suit them.
    static func encode(
        _ input: TextInput, outliers rows: [Int], depth: Int, options: EncodingOptions
    ) -> EncodedNode? {
        let others = ColumnBuilder(type: .bytes, capacity: input.count)
        var patch = 0
        for row in 0..<input.count {
            if patch < rows.count, rows[patch] == row {
                patch += 1
                others.appendNull()
            } else if input.isNull(row) {
                others.appendNull()
            } else {
                unsafe others.append(bytes: input.bytes(at: row))
            }
        }
        let slice = others.snapshot()
        return withExtendedLifetime(slice) {
            let rest = TextInput(slice)
            guard let analysis = AlphabetNode.analyze(rest) else { return nil }
            let values = AlphabetNode.encode(rest, analysis: analysis, depth: depth + 1, options: options)
            return encode(input, rows: rows, values: values, depth: depth, options: options)
        }
    }

    /// The node of texts that are all `common`, or null where that is nil, but for those of `rows`.
    static func encode(
        _ input: TextInput, common: Int?, rows: [Int], depth: Int, options: EncodingOptions
    ) -> EncodedNode {
        let none = unsafe UnsafeRawBufferPointer(start: nil, count: 0)
        let values = unsafe ConstantTextNode.encode(common.map { unsafe input.bytes(at: $0) } ?? none)
        return encode(input, rows: rows, values: values, depth: depth, options: options)
    }

    private static func encode(
        _ input: TextInput, rows: [Int], values: EncodedNode, depth: Int, options: EncodingOptions
    ) -> EncodedNode {
        let builder = ColumnBuilder(type: .bytes, capacity: rows.count)
        for row in rows { unsafe builder.append(bytes: input.bytes(at: row)) }
        let slice = builder.snapshot()
        let patches = withExtendedLifetime(slice) {
            TextEncoder.encode(TextInput(slice), depth: depth + 1, options: options)
        }
        var writer = ByteWriter(reservingCapacity: 16 + 2 * rows.count + patches.byteCount + values.byteCount)
        writer.append(code: .patchedText)
        writer.append(varint: UInt64(rows.count))
        for row in rows { writer.append(UInt16(truncatingIfNeeded: row)) }
        writer.append(child: patches)
        writer.append(bytes: values.bytes)
        return EncodedNode(bytes: writer.bytes, name: "patched(\(values.name), patches: \(patches.name))")
    }

    /// The rows that are not like most: where nearly all are null, those that are not; where nearly all that are valid have
    /// one text, the others, and a row of that text. Nil where neither is so.
    static func exceptions(of input: TextInput) -> (common: Int?, rows: [Int])? {
        var rows: [Int] = []
        let limit = input.count / 8
        for row in 0..<input.count where !input.isNull(row) {
            rows.append(row)
            if rows.count > limit { break }
        }
        if rows.count <= limit { return (nil, rows) }
        guard let common = commonRow(of: input) else { return nil }
        let text = unsafe input.bytes(at: common)
        rows = []
        for row in 0..<input.count where !input.isNull(row) {
            if unsafe equalTexts(input.bytes(at: row), text) { continue }
            rows.append(row)
            if rows.count > limit { return nil }
        }
        return (common, rows)
    }

    /// A row of the text that three quarters of a sample have.
    private static func commonRow(of input: TextInput) -> Int? {
        // The one that could be: each other text takes one of its occurrences away.
        var candidate: Int?
        var votes = 0
        for run in Sample.runs(of: input.count) {
            for row in run where !input.isNull(row) {
                if votes == 0 { candidate = row }
                let isSame = candidate.map { unsafe equalTexts(input.bytes(at: $0), input.bytes(at: row)) }
                votes += isSame == true ? 1 : -1
            }
        }
        return votes * 2 >= min(input.count, Sample.rowCount) ? candidate : nil
    }
}
