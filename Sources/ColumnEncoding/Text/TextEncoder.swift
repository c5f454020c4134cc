import ColumnFormat

/// Chooses a codec for text: whichever makes the fewest bytes of those that its lengths and repetitions allow.
enum TextEncoder {
    static func encode(_ input: TextInput, options: EncodingOptions) -> EncodedNode {
        guard let first = input.firstValid else {
            return unsafe ConstantTextNode.encode(UnsafeRawBufferPointer(start: nil, count: 0))
        }
        if isConstant(input, first: first) { return unsafe ConstantTextNode.encode(input.bytes(at: first)) }
        var best: EncodedNode?
        func consider(_ node: EncodedNode?) {
            if let node, node.byteCount < best?.byteCount ?? .max { best = node }
        }
        if DictionaryTextNode.analyze(input) {
            consider(DictionaryTextNode.encode(input, depth: 0, options: options))
        }
        if let analysis = AlphabetNode.analyze(input), analysis.byteCount < best?.byteCount ?? .max {
            consider(AlphabetNode.encode(input, analysis: analysis, depth: 0, options: options))
        }
        let plain = PlainTextNode.encode(input, options: options, depth: 0)
        // A margin over plain, as everywhere.
        if let best, best.byteCount < plain.byteCount - plain.byteCount / 32 { return best }
        return plain
    }

    private static func isConstant(_ input: TextInput, first: Int) -> Bool {
        let text = unsafe input.bytes(at: first)
        for row in first + 1..<max(input.count, first + 1) where !input.isNull(row) {
            let other = unsafe input.bytes(at: row)
            guard unsafe equalTexts(text, other) else { return false }
        }
        return true
    }
}

@inline(__always)
func equalTexts(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
    guard left.count == right.count else { return false }
    guard let a = left.baseAddress, let b = right.baseAddress else { return true }
    return unsafe equalBytes(a, b, left.count)
}
