/// Grows one tree, level by level: a pass over the rows sums gradients per node, feature and bin, then each node takes
/// the split that lowers the loss most.
package struct TreeGrower {
    package let bins: FeatureBins
    package let codes: [UInt8]
    /// Per row the first and second derivative of the loss by the log-odds.
    package let gradients: [SIMD2<Double>]
    package let options: BoostedTrees.Options
    /// The leaf in which each row ends, once grown.
    package private(set) var leafOfRow: [Int]

    private static let binCount = FeatureBins.missing + 1

    package init(bins: FeatureBins, codes: [UInt8], gradients: [SIMD2<Double>], options: BoostedTrees.Options) {
        self.bins = bins
        self.codes = codes
        self.gradients = gradients
        self.options = options
        leafOfRow = [Int](repeating: 0, count: gradients.count)
    }

    package mutating func grow() -> BoostedTrees.Tree {
        var splits: [BoostedTrees.Tree.Split] = []
        for level in 0..<options.depth {
            let sums = histogram(nodeCount: 1 << level)
            let choices = (0..<1 << level).map { bestSplit(node: $0, sums: sums) }
            moveRows(by: choices)
            splits += choices.map(\.split)
        }
        return BoostedTrees.Tree(splits: splits, leaves: leafValues())
    }

    /// Sums of the gradients, by node, feature and bin.
    private func histogram(nodeCount: Int) -> [SIMD2<Double>] {
        let featureCount = bins.featureCount
        var sums = [SIMD2<Double>](repeating: .zero, count: nodeCount * featureCount * Self.binCount)
        var cell = sums.mutableSpan
        let codes = codes.span
        for row in gradients.indices {
            let gradient = gradients[row]
            var start = leafOfRow[row] * featureCount * Self.binCount
            let first = row * featureCount
            for feature in 0..<featureCount {
                cell[start + Int(codes[first + feature])] += gradient
                start += Self.binCount
            }
        }
        return sums
    }

    private struct Choice {
        package var split = BoostedTrees.Tree.Split()
        /// The last bin that goes left.
        package var lastBin = 0
        package var gain = 1e-9
    }

    private func bestSplit(node: Int, sums: [SIMD2<Double>]) -> Choice {
        var best = Choice()
        for feature in 0..<bins.featureCount {
            let start = (node * bins.featureCount + feature) * Self.binCount
            let missing = sums[start + FeatureBins.missing]
            let ends = bins.ends[feature]
            let total = (0..<ends.count).reduce(missing) { $0 + sums[start + $1] }
            var below = SIMD2<Double>.zero
            for bin in ends.indices {
                below += sums[start + bin]
                for sendsMissingLeft in [true, false] {
                    let left = sendsMissingLeft ? below + missing : below
                    let right = total - left
                    guard left.y >= options.minimumCurvature, right.y >= options.minimumCurvature else { continue }
                    let gain = score(left) + score(right) - score(total)
                    if gain > best.gain {
                        best.split.feature = feature
                        best.split.threshold = ends[bin]
                        best.split.sendsMissingLeft = sendsMissingLeft
                        best.lastBin = bin
                        best.gain = gain
                    }
                }
            }
        }
        return best
    }

    /// How far the loss falls when these rows become a leaf, times two.
    private func score(_ sum: SIMD2<Double>) -> Double { sum.x * sum.x / (sum.y + options.regularization) }

    private mutating func moveRows(by choices: [Choice]) {
        for row in leafOfRow.indices {
            let choice = choices[leafOfRow[row]]
            var goesLeft = true
            if choice.split.feature >= 0 {
                let code = Int(codes[row * bins.featureCount + choice.split.feature])
                goesLeft = code == FeatureBins.missing ? choice.split.sendsMissingLeft : code <= choice.lastBin
            }
            leafOfRow[row] = 2 * leafOfRow[row] + (goesLeft ? 0 : 1)
        }
    }

    private func leafValues() -> [Double] {
        var sums = [SIMD2<Double>](repeating: .zero, count: 1 << options.depth)
        for row in gradients.indices { sums[leafOfRow[row]] += gradients[row] }
        return sums.map { -options.learningRate * $0.x / ($0.y + options.regularization) }
    }
}
