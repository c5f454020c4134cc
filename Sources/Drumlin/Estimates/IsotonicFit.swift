/// Isotonic regression by pooling adjacent violators.
enum IsotonicFit {
    /// The non-decreasing values nearest to `sums[i] / weights[i]` in weighted squares; a place without weight takes
    /// the value before it (at the start, the first one there is). 0.5 everywhere without any weight.
    ///
    /// - Complexity: O(n).
    static func fit(sums: [Double], weights: [Double]) -> [Double] {
        var blocks: [(sum: Double, weight: Double, end: Int)] = []
        for index in sums.indices where weights[index] > 0 {
            blocks.append((sums[index], weights[index], index + 1))
            while blocks.count > 1 {
                let (last, before) = (blocks[blocks.count - 1], blocks[blocks.count - 2])
                guard before.sum * last.weight >= last.sum * before.weight else { break }
                blocks.removeLast(2)
                blocks.append((before.sum + last.sum, before.weight + last.weight, last.end))
            }
        }
        var fitted = [Double](repeating: blocks.first.map { $0.sum / $0.weight } ?? 0.5, count: sums.count)
        var start = 0
        for (index, block) in blocks.enumerated() {
            let end = index + 1 < blocks.count ? block.end : sums.count
            for place in start..<end { fitted[place] = block.sum / block.weight }
            start = end
        }
        return fitted
    }
}
