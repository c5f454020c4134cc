import ColumnFormat

/// Chooses a codec for text: whichever makes the fewest bytes of those that its lengths and repetitions allow.
enum TextEncoder {
    static func encode(_ input: TextInput, options: EncodingOptions) -> EncodedNode {
        guard let first = input.firstValid else {
            return unsafe ConstantTextNode.encode(UnsafeRawBufferPointer(start: nil, count: 0))
        }
        if isConstant(input, first: first) { return unsafe ConstantTextNode.encode(input.bytes(at: first)) }
        var best: EncodedNode?
        if DictionaryTextNode.analyze(input) {
            best = DictionaryTextNode.encode(input, depth: 0, options: options)
        }
        let limit = min(best?.byteCount ?? .max, input.heapByteCount)
        if let analysis = AlphabetNode.analyze(input), analysis.byteCount < limit {
            let node = AlphabetNode.encode(input, analysis: analysis, depth: 0, options: options)
            // A dictionary is read faster, the more so the longer its texts.
            if best == nil || node.byteCount < best!.byteCount - best!.byteCount / 8 { best = node }
        }
        // No heap is pressed to less than this: the attempt would be in vain.
        if let best, best.byteCount < input.heapByteCount / 12 { return best }
        let plain = PlainTextNode.encode(input, options: options, depth: 0)
        // A margin in favour of plain text, which is the fastest to read; against it where it is compressed, since one
        // text then costs a whole frame, and ids are looked up one by one.
        let isCompressed = plain.name.contains(ByteSource.compressedName)
        let cost = isCompressed ? plain.byteCount + plain.byteCount / 4 : plain.byteCount - plain.byteCount / 32
        if let best, best.byteCount < cost { return best }
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
