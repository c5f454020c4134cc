import ColumnFormat

/// Chooses a codec for values of one width: those that may do are estimated, tried from the smallest estimate on until
/// no estimate beats what was made, and the smallest result is kept. Plain is always among them.
enum FixedEncoder {
    static func encode(_ input: FixedInput, depth: Int, options: EncodingOptions) -> EncodedNode {
        if ConstantNode.analyze(input) { return ConstantNode.encode(input) }
        switch (input.shape.kind, input.shape.byteWidth) {
        case (.bit, _): return encodeBits(input, depth: depth, options: options)
        case (.block, _): return PlainNode.encode(input, options: options)
        case (_, 1): return encodeWords(input, as: UInt8.self, depth: depth, options: options)
        case (_, 2): return encodeWords(input, as: UInt16.self, depth: depth, options: options)
        case (_, 4): return encodeWords(input, as: UInt32.self, depth: depth, options: options)
        default: return encodeWords(input, as: UInt64.self, depth: depth, options: options)
        }
    }

    /// A codec with children needs two more levels below it.
    private static func mayNest(_ depth: Int) -> Bool { depth + 1 < PageLimits.maximumDepth }

    private static func encodeBits(_ input: FixedInput, depth: Int, options: EncodingOptions) -> EncodedNode {
        let values = unsafe input.words(as: UInt8.self)
        let plain = BitmapNode.encode(input)
        guard mayNest(depth) else { return plain }
        let runCount = unsafe RunLengthNode.analyze(values, count: input.count)
        guard runCount < input.count / 16 else { return plain }
        let runs = RunLengthNode.encode(input, as: UInt8.self, runCount: runCount, depth: depth, options: options)
        return runs.byteCount < plain.byteCount ? runs : plain
    }

    private typealias Candidate = (byteCount: Int, encode: () -> EncodedNode?)

    private static func encodeWords<Word: WordType>(
        _ input: FixedInput, as type: Word.Type, depth: Int, options: EncodingOptions
    ) -> EncodedNode {
        let values = unsafe input.words(as: type)
        let count = input.count
        let plainByteCount = PlainNode.estimate(input)
        let packed = unsafe BitPackedNode.analyze(values, count: count, isSigned: input.shape.kind == .signed)
        var candidates: [Candidate] = [
            (packed.byteCount, { unsafe BitPackedNode.encode(values, count: count, analysis: packed) })
        ]
        if input.shape.kind != .float {
            let delta = unsafe DeltaNode.analyze(values, count: count)
            // A point read in differences unpacks a vector: they must save something for that.
            candidates.append(
                (
                    delta.byteCount + delta.byteCount / 16,
                    { unsafe DeltaNode.encode(values, count: count, analysis: delta) }
                ))
        }
        if mayNest(depth) {
            candidates += nestedCandidates(input, as: type, packedByteCount: packed.byteCount, depth, options)
        }
        candidates.sort { $0.byteCount < $1.byteCount }
        var best: EncodedNode?
        for candidate in candidates where candidate.byteCount < min(best?.byteCount ?? .max, plainByteCount) {
            guard let node = candidate.encode(), node.byteCount < best?.byteCount ?? .max else { continue }
            best = node
        }
        // A margin over plain, which is the fastest to read.
        if let best, best.byteCount < plainByteCount - plainByteCount / 32 { return best }
        return PlainNode.encode(input, options: options)
    }

    private static func nestedCandidates<Word: WordType>(
        _ input: FixedInput, as type: Word.Type, packedByteCount: Int, _ depth: Int, _ options: EncodingOptions
    ) -> [Candidate] {
        let values = unsafe input.words(as: type)
        let count = input.count
        var candidates: [Candidate] = []
        let runCount = unsafe RunLengthNode.analyze(values, count: count)
        if runCount <= count / 2 {
            let valueBits = min(packedByteCount * 8 / count + 1, Word.bitWidth)
            candidates.append(
                (
                    RunLengthNode.estimate(runCount: runCount, count: count, valueBits: valueBits),
                    { RunLengthNode.encode(input, as: type, runCount: runCount, depth: depth, options: options) }
                ))
        }
        let sample = unsafe DictionaryNode.analyze(values, count: count)
        if sample.distinct <= sample.sampled / 2, Word.bitWidth > 1 {
            let limit = max(count / 4, 2)
            candidates.append(
                (
                    DictionaryNode.estimate(
                        valueCount: sample.distinct, count: count, byteWidth: input.shape.byteWidth),
                    { DictionaryNode.encode(input, as: type, limit: limit, depth: depth, options: options) }
                ))
        }
        if input.shape.kind == .float {
            if input.shape.byteWidth == 8, let floats = NarrowedNode.analyze(input) {
                // What float32 holds is smaller as such, and decimals are found there too.
                candidates.append(
                    (
                        0, { NarrowedNode.encode(floats, count: count, depth: depth, options: options) }
                    ))
            } else if let decimal = DecimalNode.analyze(input) {
                candidates.append(
                    (
                        min(decimal.byteCount, runCount * 4),
                        { DecimalNode.encode(input, exponent: decimal.exponent, depth: depth, options: options) }
                    ))
            }
        }
        return candidates
    }
}
