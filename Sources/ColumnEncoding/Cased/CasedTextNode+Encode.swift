import ColumnFormat

extension CasedTextNode {
    /// Whether every text of a sample is all in small letters or all in capitals, and both occur.
    static func analyze(_ input: TextInput) -> Bool {
        var hasCapitals = false
        var hasSmall = false
        for run in Sample.runs(of: input.count) {
            for row in run where !input.isNull(row) {
                switch unsafe letters(of: input.bytes(at: row)) {
                case .capital: hasCapitals = true
                case .small: hasSmall = true
                case .none: break
                case .both: return false
                }
            }
        }
        return hasCapitals && hasSmall
    }

    private enum Letters { case none, small, capital, both }

    private static func letters(of text: UnsafeRawBufferPointer) -> Letters {
        var hasSmall = false
        var hasCapitals = false
        for i in 0..<text.count {
            let byte = unsafe text[i]
            if byte &- 97 < 26 { hasSmall = true }
            if byte &- 65 < 26 { hasCapitals = true }
        }
        switch (hasSmall, hasCapitals) {
        case (false, false): return .none
        case (true, false): return .small
        case (false, true): return .capital
        case (true, true): return .both
        }
    }

    /// The node; a text of both kinds of letters among the others is nil.
    static func encode(_ input: TextInput, depth: Int, options: EncodingOptions) -> EncodedNode? {
        let flags = RawBuffer(byteCapacity: input.count)
        let builder = ColumnBuilder(type: .bytes, capacity: input.count)
        builder.reserve(heapByteCount: input.heapByteCount)
        var letter: [UInt8] = []
        for row in 0..<input.count {
            if input.isNull(row) {
                builder.appendNull()
                continue
            }
            let text = unsafe input.bytes(at: row)
            switch unsafe letters(of: text) {
            case .both: return nil
            case .capital:
                unsafe flags.base.storeBytes(of: 1, toByteOffset: row, as: UInt8.self)
                letter.removeAll(keepingCapacity: true)
                for i in 0..<text.count { unsafe letter.append(small(text[i])) }
                unsafe letter.withUnsafeBytes { unsafe builder.append(bytes: $0) }
            case .none, .small: unsafe builder.append(bytes: text)
            }
        }
        let texts = builder.snapshot()
        let capitals = FixedInput(flags, count: input.count, shape: .bit)
        return withExtendedLifetime((flags, texts)) {
            let capitalNode = FixedEncoder.encode(capitals, depth: depth + 1, options: options)
            let textNode = TextEncoder.encode(TextInput(texts), depth: depth + 1, options: options)
            var writer = ByteWriter(reservingCapacity: 16 + capitalNode.byteCount + textNode.byteCount)
            writer.append(code: .cased)
            writer.append(child: capitalNode)
            writer.append(bytes: textNode.bytes)
            return EncodedNode(
                bytes: writer.bytes, name: "cased(\(textNode.name), capitals: \(capitalNode.name))")
        }
    }
}
