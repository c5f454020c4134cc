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

    /// A codec that may do. Sizes are compared with something on top for what the codec costs a reader.
    private struct Candidate {
        /// What its node is likely to take.
        let byteCount: Int
        /// Sixteenths, and bytes, by which it must be smaller than packed bits.
        var margin = (sixteenths: 0, bytes: 0)
        let encode: () -> EncodedNode?

        func cost(_ byteCount: Int) -> Int { byteCount + byteCount * margin.sixteenths / 16 + margin.bytes }
    }

    private static func encodeWords<Word: WordType>(
        _ input: FixedInput, as type: Word.Type, depth: Int, options: EncodingOptions
    ) -> EncodedNode {
        let values = unsafe input.words(as: type)
        let count = input.count
        let packed = unsafe BitPackedNode.analyze(values, count: count, isSigned: input.shape.kind == .signed)
        var candidates = [
            Candidate(byteCount: packed.byteCount) {
                unsafe BitPackedNode.encode(values, count: count, analysis: packed)
            }
        ]
        if input.shape.kind != .float {
            candidates += integerCandidates(input, as: type, packed: packed, depth, options)
        }
        if mayNest(depth) {
            let runCount = unsafe RunLengthNode.analyze(values, count: count)
            candidates += repeatCandidates(
                input, as: type, runCount: runCount, packedByteCount: packed.byteCount, depth, options)
            if input.shape.kind == .float { candidates += floatCandidates(input, runCount: runCount, depth, options) }
        }
        candidates.sort { $0.cost($0.byteCount) < $1.cost($1.byteCount) }
        var best: EncodedNode?
        // Plain is the fastest to read.
        var bestCost = PlainNode.estimate(input) - PlainNode.estimate(input) / 32
        for candidate in candidates where candidate.cost(candidate.byteCount) < bestCost {
            guard let node = candidate.encode(), candidate.cost(node.byteCount) < bestCost else { continue }
            best = node
            bestCost = candidate.cost(node.byteCount)
        }
        return best ?? PlainNode.encode(input, options: options)
    }

    private static func integerCandidates<Word: WordType>(
        _ input: FixedInput, as type: Word.Type, packed: BitPackedNode.Analysis<Word>, _ depth: Int,
        _ options: EncodingOptions
    ) -> [Candidate] {
        let values = unsafe input.words(as: type)
        let count = input.count
        let delta = unsafe DeltaNode.analyze(values, count: count)
        // A point read in differences unpacks a vector.
        var candidates = [
            Candidate(byteCount: delta.byteCount, margin: (1, 0)) {
                unsafe DeltaNode.encode(values, count: count, analysis: delta)
            }
        ]
        guard mayNest(depth) else { return candidates }
        let patched = unsafe PatchedNode.analyze(values, count: count, packed: packed)
        candidates.append(
            Candidate(byteCount: patched.byteCount, margin: (1, 64)) {
                PatchedNode.encode(input, as: type, packed: packed, analysis: patched)
            })
        if let factor = unsafe ScaledNode.analyze(values, count: count) {
            let byteCount = ScaledNode.estimate(
                byteCount: min(packed.byteCount, delta.byteCount), count: count, factor: factor)
            candidates.append(
                Candidate(byteCount: byteCount, margin: (0, 64)) {
                    ScaledNode.encode(input, as: type, factor: factor, depth: depth, options: options)
                })
        }
        return candidates
    }

    private static func repeatCandidates<Word: WordType>(
        _ input: FixedInput, as type: Word.Type, runCount: Int, packedByteCount: Int, _ depth: Int,
        _ options: EncodingOptions
    ) -> [Candidate] {
        let values = unsafe input.words(as: type)
        let count = input.count
        var candidates: [Candidate] = []
        if runCount <= count / 2 {
            let valueBits = min(packedByteCount * 8 / count + 1, Word.bitWidth)
            let byteCount = RunLengthNode.estimate(runCount: runCount, count: count, valueBits: valueBits)
            candidates.append(
                Candidate(byteCount: byteCount, margin: (1, 64)) {
                    RunLengthNode.encode(input, as: type, runCount: runCount, depth: depth, options: options)
                })
        }
        let limit = max(count / 4, 2)
        if let distinct = unsafe DictionaryNode.analyze(values, count: count), distinct <= limit {
            let byteCount = DictionaryNode.estimate(
                valueCount: distinct, count: count, byteWidth: input.shape.byteWidth)
            candidates.append(
                Candidate(byteCount: byteCount, margin: (1, 64)) {
                    DictionaryNode.encode(input, as: type, limit: limit, depth: depth, options: options)
                })
        }
        return candidates
    }

    private static func floatCandidates(
        _ input: FixedInput, runCount: Int, _ depth: Int, _ options: EncodingOptions
    ) -> [Candidate] {
        if input.shape.byteWidth == 8, let floats = NarrowedNode.analyze(input) {
            // What float32 holds is smaller as such, and decimals are found there too.
            return [
                Candidate(byteCount: 0) {
                    NarrowedNode.encode(floats, count: input.count, depth: depth, options: options)
                }
            ]
        }
        guard let decimal = DecimalNode.analyze(input) else { return [] }
        // Digits in runs take about a byte a run.
        return [
            Candidate(byteCount: min(decimal.byteCount, runCount)) {
                DecimalNode.encode(input, exponent: decimal.exponent, depth: depth, options: options)
            }
        ]
    }
}
