import ColumnFormat

/// Finds the few texts that are unlike the others in their page: much longer or shorter, or with a byte in a place where
/// hardly any other text has it. Without them the alphabets of ids stay small.
@safe
struct TextOutliers {
    private let input: TextInput
    private let rows: [Range<Int>]
    /// A byte is rare in its place where it has fewer texts than this.
    private let rareLimit: Int
    private var lengths = 0...0
    /// Bytes that nearly all texts begin with; those behind them are aligned to the right.
    private var prefix = 0
    private var counts: [UInt32] = []

    /// Nil where more than a few texts would be outliers by their lengths.
    private init?(_ input: TextInput, rows: [Range<Int>]) {
        self.input = input
        self.rows = rows
        var histogram = [Int](repeating: 0, count: AlphabetPlan.maximumLength + 1)
        var validCount = 0
        unsafe Self.forEachText(of: input, in: rows) { _, text in
            validCount += 1
            if text.count < histogram.count { histogram[text.count] += 1 }
        }
        guard validCount >= 64 else { return nil }
        rareLimit = max(validCount / 1_024, 2)
        let common = histogram.indices.max { histogram[$0] < histogram[$1] } ?? 0
        var (low, high) = (common, common)
        let enough = max(validCount / 512, 1)
        while low > 0, histogram[low - 1] >= enough { low -= 1 }
        while high < AlphabetPlan.maximumLength, histogram[high + 1] >= enough { high += 1 }
        guard high > 0, histogram[low...high].reduce(0, +) >= validCount - validCount / 16 else { return nil }
        lengths = low...high
        counts = [UInt32](repeating: 0, count: high * 256)
        if low < high { findPrefix(validCount) }
        countBytes()
    }

    private static func forEachText(
        of input: TextInput, in rows: [Range<Int>], _ body: (Int, UnsafeRawBufferPointer) -> Void
    ) {
        for range in rows {
            for row in range where !input.isNull(row) { unsafe body(row, input.bytes(at: row)) }
        }
    }

    private mutating func findPrefix(_ validCount: Int) {
        let limit = lengths.lowerBound
        guard limit > 0 else { return }
        var counts = [UInt32](repeating: 0, count: limit * 256)
        unsafe Self.forEachText(of: input, in: rows) { _, text in
            guard lengths.contains(text.count) else { return }
            for i in 0..<limit { unsafe counts[i &* 256 &+ Int(text[i])] &+= 1 }
        }
        while prefix < limit {
            let most = counts[prefix * 256..<prefix * 256 + 256].max() ?? 0
            if Int(most) < validCount - validCount / 8 { break }
            prefix += 1
        }
    }

    private mutating func countBytes() {
        var counts = counts
        let (prefix, length, lengths) = (prefix, lengths.upperBound, lengths)
        unsafe counts.withUnsafeMutableBufferPointer { counts in
            unsafe Self.forEachText(of: input, in: rows) { _, text in
                guard lengths.contains(text.count) else { return }
                for i in 0..<prefix { unsafe counts[i &* 256 &+ Int(text[i])] &+= 1 }
                let shift = length &- text.count
                for i in prefix..<text.count { unsafe counts[(i &+ shift) &* 256 &+ Int(text[i])] &+= 1 }
            }
        }
        self.counts = counts
    }

    private func isOutlier(_ text: UnsafeRawBufferPointer) -> Bool {
        guard lengths.contains(text.count) else { return true }
        let shift = lengths.upperBound &- text.count
        for i in 0..<text.count {
            let position = i < prefix ? i : i &+ shift
            if unsafe Int(counts[position &* 256 &+ Int(text[i])]) < rareLimit { return true }
        }
        return false
    }

    /// The bits of an id without what is rare.
    private var bitsPerText: Double {
        var bits = 0.0
        for position in 0..<lengths.upperBound {
            var radix = 0
            for byte in 0..<256 where Int(counts[position * 256 + byte]) >= rareLimit { radix += 1 }
            let isOptional = position >= prefix && position < prefix + lengths.count - 1
            bits += AlphabetPlan.bits(max(radix, 1) + (isOptional ? 1 : 0))
        }
        return bits
    }

    /// The rows of outliers, of which there are some but not many, where leaving them out saves an eighth of the bits of
    /// an alphabet, which takes `bits` with them (none: it cannot hold them).
    static func find(_ input: TextInput, alphabetBits bits: Double?) -> [Int]? {
        guard let sampled = TextOutliers(input, rows: Sample.runs(of: input.count)),
            sampled.bitsPerText < (bits ?? .infinity) * 7 / 8
        else { return nil }
        guard let all = TextOutliers(input, rows: [0..<input.count]),
            all.bitsPerText < (bits ?? .infinity) * 7 / 8
        else { return nil }
        var rows: [Int] = []
        unsafe forEachText(of: input, in: all.rows) { row, text in
            if unsafe all.isOutlier(text) { rows.append(row) }
        }
        return rows.isEmpty || rows.count > input.count / 16 ? nil : rows
    }
}
