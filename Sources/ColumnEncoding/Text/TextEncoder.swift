import ColumnFormat

/// Chooses a codec for text: the fewest bytes of those that its lengths and repetitions allow, each weighed with what it
/// costs a reader.
enum TextEncoder {
    static func encode(_ input: TextInput, options: EncodingOptions) -> EncodedNode {
        guard let first = input.firstValid else {
            return unsafe ConstantTextNode.encode(UnsafeRawBufferPointer(start: nil, count: 0))
        }
        if isConstant(input, first: first) { return unsafe ConstantTextNode.encode(input.bytes(at: first)) }
        var best = Best()
        if DictionaryTextNode.analyze(input), let node = DictionaryTextNode.encode(input, depth: 0, options: options) {
            best.take(node, Cost.dictionary)
        }
        if let (common, rows) = PatchedTextNode.exceptions(of: input) {
            best.take(
                PatchedTextNode.encode(input, common: common, rows: rows, depth: 0, options: options), Cost.patched)
        }
        // No heap is pressed to less than this: the attempts would be in vain.
        if let node = best.node, node.byteCount < input.heapByteCount / 12 { return node }
        return encode(input, depth: 0, options: options, best: best)
    }

    /// The choice among the codecs that keep every text on its own.
    static func encode(_ input: TextInput, depth: Int, options: EncodingOptions, best initial: Best = Best())
        -> EncodedNode
    {
        var best = initial
        let alphabet = AlphabetNode.analyze(input)
        if let alphabet, best.mayGain(alphabet.byteCount, Cost.alphabet),
            alphabet.byteCount < input.heapByteCount
        {
            let node = AlphabetNode.encode(input, analysis: alphabet, depth: depth, options: options)
            best.take(node, Cost.alphabet)
        }
        if depth == 0, let rows = TextOutliers.find(input, alphabetBits: alphabet?.bits),
            let node = PatchedTextNode.encode(input, outliers: rows, depth: depth, options: options)
        {
            best.take(node, Cost.patched)
        }
        if depth == 0, CasedTextNode.analyze(input),
            let node = CasedTextNode.encode(input, depth: depth, options: options)
        {
            best.take(node, Cost.cased)
        }
        // Random letters and digits have no pieces that repeat, and short ids are mostly that.
        if alphabet.map({ !$0.isShort }) ?? true, let symbols = FsstNode.analyze(input),
            best.mayGain(symbols.byteCount, Cost.fsst), symbols.byteCount < input.heapByteCount
        {
            best.take(FsstNode.encode(input, analysis: symbols, depth: depth, options: options), Cost.fsst)
        }
        let plain = PlainTextNode.encode(input, options: options, depth: depth)
        best.take(plain, plain.name.contains(ByteSource.compressedName) ? Cost.compressed : Cost.plain)
        return best.node ?? plain
    }

    /// What a byte of each codec counts, in thirty-seconds: the more, the longer a reader needs for what it holds.
    enum Cost {
        static let plain = 31
        static let dictionary = 28
        static let fsst = 33
        static let alphabet = 32
        static let patched = 34
        static let cased = 34
        /// One text costs a whole frame.
        static let compressed = 40
    }

    /// The node that costs least so far.
    struct Best {
        private(set) var node: EncodedNode?
        private var cost = Int.max

        func mayGain(_ byteCount: Int, _ weight: Int) -> Bool { byteCount * weight < cost }

        mutating func take(_ other: EncodedNode, _ weight: Int) {
            guard mayGain(other.byteCount, weight) else { return }
            node = other
            cost = other.byteCount * weight
        }
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
