import ColumnFormat

/// Chooses a codec for values of one width: those that may do are estimated, tried from the smallest estimate on until
/// no estimate beats what was made, and the smallest result is kept. Plain is always among them. Sizes are weighed with
/// what the codec costs a reader: see ``DecodeCost``.
enum FixedEncoder {
    static func encode(_ input: FixedInput, depth: Int, options: EncodingOptions) -> EncodedNode {
        if ConstantNode.analyze(input) { return ConstantNode.encode(input) }
        switch (input.shape.kind, input.shape.byteWidth) {
        case (.bit, _): return encodeBits(input, depth: depth, options: options)
        case (.block, _):
            let plain = PlainNode.encode(input, options: options)
            guard mayNest(depth) else { return plain }
            let parts = ComponentsNode.encode(input, depth: depth, options: options)
            if let parts, parts.byteCount < plain.byteCount { return parts }
            return plain
        case (_, 1): return encodeWords(input, as: UInt8.self, depth: depth, options: options)
        case (_, 2): return encodeWords(input, as: UInt16.self, depth: depth, options: options)
        case (_, 4): return encodeWords(input, as: UInt32.self, depth: depth, options: options)
        default: return encodeWords(input, as: UInt64.self, depth: depth, options: options)
        }
    }

    /// Whether a codec with children may be used: its children take another level.
    private static func mayNest(_ depth: Int) -> Bool { depth + 1 < PageLimits.maximumDepth }

    private static func encodeBits(_ input: FixedInput, depth: Int, options: EncodingOptions) -> EncodedNode {
        let values = unsafe input.words(as: UInt8.self)
        var candidates = [
            CodecCandidate(byteCount: BitmapNode.estimate(count: input.count)) { BitmapNode.encode(input) }
        ]
        if mayNest(depth) {
            let runCount = unsafe RunLengthNode.analyze(values, count: input.count)
            if runCount < input.count / 16 {
                let byteCount = RunLengthNode.estimate(runCount: runCount, count: input.count, valueBits: 1)
                candidates.append(
                    CodecCandidate(byteCount: byteCount, decodeCost: DecodeCost.runLength) {
                        RunLengthNode.encode(
                            input, as: UInt8.self, runCount: runCount, depth: depth, options: options)
                    })
            }
            var oneCount = 0
            for i in 0..<input.count { unsafe oneCount &+= Int(values[i] & 1) }
            let common: UInt8 = oneCount * 2 > input.count ? 1 : 0
            let otherCount = min(oneCount, input.count - oneCount)
            if otherCount < input.count / 8 {
                let byteCount = SparseNode.estimate(otherCount: otherCount, count: input.count, valueBits: 0)
                candidates.append(
                    CodecCandidate(byteCount: byteCount, overhead: 16, decodeCost: DecodeCost.sparse) {
                        SparseNode.encode(
                            input, as: UInt8.self, value: common, limit: otherCount, depth: depth, options: options)
                    })
            }
        }
        return CodecCandidate.best(of: candidates, count: input.count, limit: .max) ?? BitmapNode.encode(input)
    }

    private static func encodeWords<Word: WordType>(
        _ input: FixedInput, as type: Word.Type, depth: Int, options: EncodingOptions
    ) -> EncodedNode {
        let values = unsafe input.words(as: type)
        let count = input.count
        // Plain is the fastest to read.
        let plain = PlainNode.estimate(input) - PlainNode.estimate(input) / 32
        let packed = unsafe BitPackedNode.analyze(values, count: count, isSigned: input.shape.kind == .signed)
        var candidates = [
            CodecCandidate(byteCount: packed.byteCount, decodeCost: DecodeCost.bitPacked) {
                unsafe BitPackedNode.encode(values, count: count, analysis: packed)
            }
        ]
        let isFloat = input.shape.kind == .float
        if isFloat, mayNest(depth), let narrowed = narrowedCandidate(input, depth, options) {
            // What float32 holds is smaller as such, and everything else is found there too.
            candidates.append(narrowed)
            return CodecCandidate.best(of: candidates, count: count, limit: plain)
                ?? PlainNode.encode(input, options: options)
        }
        let decimal = isFloat && mayNest(depth) ? DecimalNode.analyze(input) : nil
        // The digits of decimals are looked at in turn; their bits as floats say less.
        let isDecimal = decimal.map { $0.isExact && $0.byteCount < packed.byteCount - packed.byteCount / 8 } ?? false
        if mayNest(depth), !isDecimal { candidates.append(patchedCandidate(input, as: type, packed: packed)) }
        if !isFloat { candidates += orderCandidates(input, as: type) }
        // A code is weighed against what is as simple.
        let simplest = candidates.map(\.byteCount).min() ?? .max
        if !isDecimal, let coded = codedCandidate(input, as: type, packed: packed, smallest: simplest) {
            candidates.append(coded)
        }
        if mayNest(depth) {
            let runCount = unsafe RunLengthNode.analyze(values, count: count)
            candidates += repeatCandidates(
                input, as: type, runCount: runCount, packed: packed, isDecimal: isDecimal, depth, options)
            candidates +=
                isFloat
                ? floatCandidates(input, as: type, decimal: decimal, runCount: runCount, depth, options)
                : integerCandidates(input, as: type, smallest: simplest, depth, options)
        }
        return CodecCandidate.best(of: candidates, count: count, limit: plain)
            ?? PlainNode.encode(input, options: options)
    }

    private static func patchedCandidate<Word: WordType>(
        _ input: FixedInput, as type: Word.Type, packed: BitPackedNode.Analysis<Word>
    ) -> CodecCandidate {
        let estimate = unsafe PatchedNode.estimate(input.words(as: type), count: input.count, packed: packed)
        return CodecCandidate(byteCount: estimate.byteCount, overhead: 64, decodeCost: estimate.decodeCost) {
            PatchedNode.encode(input, as: type, packed: packed)
        }
    }

    private static func codedCandidate<Word: WordType>(
        _ input: FixedInput, as type: Word.Type, packed: BitPackedNode.Analysis<Word>, smallest: Int
    ) -> CodecCandidate? {
        let values = unsafe input.words(as: type)
        let count = input.count
        let (low, range) = packed.span(isSigned: input.shape.kind == .signed)
        // What it has to save, whatever the others may do: see ``DecodeCost/huffman(byteCount:count:)``.
        let limit = (smallest - DecodeCost.byteCount(DecodeCost.huffman - DecodeCost.delta, count: count)) / 11 * 10
        let analysis = unsafe HuffmanNode.analyze(values, count: count, base: low, range: range, limit: limit)
        return analysis.map { analysis in
            let cost = DecodeCost.huffman(byteCount: analysis.byteCount, count: count)
            return CodecCandidate(byteCount: analysis.byteCount, overhead: 64, decodeCost: cost) {
                unsafe HuffmanNode.encode(values, count: count, analysis: analysis)
            }
        }
    }

    /// For what is in order, or nearly.
    private static func orderCandidates<Word: WordType>(_ input: FixedInput, as type: Word.Type) -> [CodecCandidate] {
        let values = unsafe input.words(as: type)
        let count = input.count
        let delta = unsafe DeltaNode.analyze(values, count: count)
        var candidates = [
            CodecCandidate(byteCount: delta.byteCount, decodeCost: DecodeCost.delta) {
                unsafe DeltaNode.encode(values, count: count, analysis: delta)
            }
        ]
        let isSigned = input.shape.kind == .signed
        if let ascending = unsafe AscendingNode.analyze(values, count: count, isSigned: isSigned) {
            candidates.append(
                CodecCandidate(byteCount: ascending.byteCount, overhead: 32, decodeCost: DecodeCost.ascending) {
                    unsafe AscendingNode.encode(values, count: count, analysis: ascending)
                })
        }
        return candidates
    }

    private static func integerCandidates<Word: WordType>(
        _ input: FixedInput, as type: Word.Type, smallest: Int, _ depth: Int, _ options: EncodingOptions
    ) -> [CodecCandidate] {
        let values = unsafe input.words(as: type)
        let count = input.count
        var candidates: [CodecCandidate] = []
        if let sequence = unsafe SequenceNode.analyze(values, count: count) {
            candidates.append(
                CodecCandidate(
                    byteCount: sequence.byteCount, overhead: 64,
                    decodeCost: DecodeCost.sequence + DecodeCost.bitPacked
                ) {
                    SequenceNode.encode(input, as: type, step: sequence.step, depth: depth, options: options)
                })
        }
        if let differences = unsafe DifferencesNode.analyze(values, count: count) {
            candidates.append(
                CodecCandidate(
                    byteCount: differences.byteCount, overhead: 256, decodeCost: differences.decodeCost
                ) {
                    DifferencesNode.encode(
                        input, as: type, isNested: differences.isNested, depth: depth, options: options)
                })
        }
        if let factor = unsafe ScaledNode.analyze(values, count: count) {
            let byteCount = ScaledNode.estimate(byteCount: smallest, count: count, factor: factor)
            candidates.append(
                CodecCandidate(byteCount: byteCount, overhead: 64, decodeCost: DecodeCost.scaled) {
                    ScaledNode.encode(input, as: type, factor: factor, depth: depth, options: options)
                })
        }
        return candidates
    }

    private static func repeatCandidates<Word: WordType>(
        _ input: FixedInput, as type: Word.Type, runCount: Int, packed: BitPackedNode.Analysis<Word>, isDecimal: Bool,
        _ depth: Int, _ options: EncodingOptions
    ) -> [CodecCandidate] {
        let values = unsafe input.words(as: type)
        let count = input.count
        let valueBits = min(packed.byteCount * 8 / count + 1, Word.bitWidth)
        var candidates: [CodecCandidate] = []
        if runCount <= count / 2 {
            let byteCount = RunLengthNode.estimate(runCount: runCount, count: count, valueBits: valueBits)
            let cost = DecodeCost.runLength + 2_000 * runCount / count
            candidates.append(
                CodecCandidate(byteCount: byteCount, overhead: 64, decodeCost: cost) {
                    RunLengthNode.encode(input, as: type, runCount: runCount, depth: depth, options: options)
                })
        }
        let distinct = unsafe DictionaryNode.analyze(values, count: count)
        let otherCount = count * (distinct.sampled - distinct.common.count) / distinct.sampled
        if distinct.common.count * 4 >= distinct.sampled * 3, count >= 128 {
            let otherBits = min(valueBits, BitPacking.width(UInt32(distinct.distinctCount ?? count)))
            let byteCount = SparseNode.estimate(otherCount: otherCount, count: count, valueBits: otherBits)
            candidates.append(
                CodecCandidate(byteCount: byteCount, overhead: 64, decodeCost: DecodeCost.sparse) {
                    SparseNode.encode(
                        input, as: type, value: distinct.common.value, limit: count / 3, depth: depth,
                        options: options)
                })
        }
        let limit = max(count / 4, 2)
        if !isDecimal, let valueCount = distinct.distinctCount, valueCount <= limit {
            let packedBits = Double(BitPacking.width(UInt32(max(valueCount - 1, 1))))
            // Where a code needs no dictionary, its dictionary is for packed numbers.
            let isDense = packed.isDense(isSigned: input.shape.kind == .signed)
            let isCoded = !isDense && distinct.codeBits < packedBits * 0.85
            let byteCount = DictionaryNode.estimate(
                valueCount: valueCount, valueBits: input.shape.kind == .float ? Word.bitWidth : valueBits,
                count: count, codeBits: isCoded ? distinct.codeBits : packedBits)
            let cost = isCoded ? DecodeCost.huffman(byteCount: byteCount, count: count) : DecodeCost.bitPacked
            candidates.append(
                CodecCandidate(byteCount: byteCount, overhead: 64, decodeCost: DecodeCost.dictionary + cost) {
                    DictionaryNode.encode(input, as: type, limit: limit, depth: depth, options: options)
                })
        }
        return candidates
    }

    private static func narrowedCandidate(
        _ input: FixedInput, _ depth: Int, _ options: EncodingOptions
    ) -> CodecCandidate? {
        guard input.shape.byteWidth == 8, let floats = NarrowedNode.analyze(input) else { return nil }
        return CodecCandidate(byteCount: 0) {
            NarrowedNode.encode(floats, count: input.count, depth: depth, options: options)
        }
    }

    private static func floatCandidates<Word: WordType>(
        _ input: FixedInput, as type: Word.Type, decimal: DecimalNode.Analysis?, runCount: Int, _ depth: Int,
        _ options: EncodingOptions
    ) -> [CodecCandidate] {
        let count = input.count
        var candidates: [CodecCandidate] = []
        if let decimal {
            // Digits in runs take about a byte a run, and few digits may be coded.
            let isShort = decimal.byteCount < count * 5 / 2
            let byteCount = min(isShort ? decimal.byteCount * 3 / 4 : decimal.byteCount, runCount)
            candidates.append(
                CodecCandidate(byteCount: byteCount, decodeCost: DecodeCost.decimal) {
                    DecimalNode.encode(input, exponent: decimal.exponent, depth: depth, options: options)
                })
        }
        // Fewer digits than a float32 has are found as such.
        if let decimal, decimal.byteCount * 8 < count * 24 { return candidates }
        if input.shape.byteWidth == 8, let printed = PrintedNode.analyze(input) {
            candidates.append(
                CodecCandidate(byteCount: printed.byteCount, decodeCost: DecodeCost.printed) {
                    PrintedNode.encode(input, exponents: printed.exponents, depth: depth, options: options)
                })
        }
        if let split = unsafe SplitNode.analyze(input.words(as: type), count: count) {
            candidates.append(
                CodecCandidate(
                    byteCount: split.byteCount, overhead: 64, decodeCost: DecodeCost.split + 2 * DecodeCost.bitPacked
                ) {
                    SplitNode.encode(input, as: type, rightBits: split.rightBits, depth: depth, options: options)
                })
        }
        return candidates
    }
}
