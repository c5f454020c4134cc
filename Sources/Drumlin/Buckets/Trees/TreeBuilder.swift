/// Grows regression trees on reference rows whose inputs were cut into at most 256 bins, best split first.
struct TreeBuilder {
    static let binLimit = 256

    /// Input by input, the bin of each row; NaN and what is below the first edge are in bin 0.
    private let bins: [[UInt8]]
    private let edges: [[Double]]
    let rowCount: Int

    /// - Parameter rows: the reference rows; the builder numbers them from 0.
    /// - Complexity: O(inputs × rows × log rows).
    init(inputs: TreeInputs, columns: ReferenceColumns, rows: [Int]) {
        rowCount = rows.count
        var bins: [[UInt8]] = []
        var edges: [[Double]] = []
        for input in 0..<inputs.count {
            let values = inputs.column(input, of: columns, rows: rows)
            let cut = Self.edges(of: values)
            edges.append(cut)
            bins.append(
                values.map { UInt8(truncatingIfNeeded: ScoreBins.index(of: $0, in: cut, from: 0, count: cut.count)) })
        }
        self.bins = bins
        self.edges = edges
    }

    /// At most 255 edges at quantiles, each a value of the column; none where all values are alike.
    private static func edges(of values: [Double]) -> [Double] {
        let sorted = values.filter { !$0.isNaN }.sorted()
        var edges: [Double] = []
        guard sorted.count > 1 else { return [] }
        let hasMissing = sorted.count < values.count
        for cut in 0..<binLimit {
            let value = sorted[cut * sorted.count / binLimit]
            // The least value is an edge only where it has to be told from missing.
            if cut == 0 ? !hasMissing : false { continue }
            if value > (edges.last ?? (hasMissing ? -.infinity : sorted[0])), edges.count < binLimit - 1 {
                edges.append(value)
            }
        }
        return edges
    }

    private struct Split {
        var gain: Double
        var input: Int
        /// Rows whose bin is at or above go right.
        var bin: Int
    }

    /// A node that is not split yet: a range of the order of the rows, and its sums by input and bin.
    private struct Candidate {
        var rows: Range<Int>
        var counts: [Int32]
        var sums: [Double]
        var node: Int
        var split: Split?
    }

    /// The tree on some rows, with up to `leafLimit` leaves of at least `minimumRows` rows.
    ///
    /// - Parameter target: what the leaves are to differ in, for each row of the builder.
    func tree(rows: [Int], target: [Double], leafLimit: Int, minimumRows: Int) -> DecisionTree {
        guard rows.count >= 2 * minimumRows, leafLimit > 1, !bins.isEmpty else { return .trivial }
        var order = rows.map { Int32($0) }
        var nodes = [DecisionTree.Node(threshold: 0, input: -1, child: 0)]
        var open = [candidate(order[...], target, node: 0, minimumRows)]
        var leafCount = 1
        while leafCount < leafLimit {
            // The first of equals: the same rows give the same tree.
            var best: Int?
            for place in open.indices {
                guard let split = open[place].split else { continue }
                if best.map({ split.gain > open[$0].split?.gain ?? 0 }) ?? true { best = place }
            }
            guard let best, let split = open[best].split else { break }
            let parent = open.remove(at: best)
            let middle = partition(&order, parent.rows, split)
            let child = nodes.count
            nodes[parent.node] = DecisionTree.Node(
                threshold: edges[split.input][split.bin - 1], input: Int32(split.input), child: Int32(child))
            nodes += [.init(threshold: 0, input: -1, child: 0), .init(threshold: 0, input: -1, child: 0)]
            let (left, right) = (parent.rows.lowerBound..<middle, middle..<parent.rows.upperBound)
            let isLeftSmaller = left.count <= right.count
            let smaller = candidate(
                order[isLeftSmaller ? left : right], target, node: isLeftSmaller ? child : child + 1, minimumRows)
            var larger = Candidate(
                rows: isLeftSmaller ? right : left, counts: parent.counts, sums: parent.sums,
                node: isLeftSmaller ? child + 1 : child, split: nil)
            for cell in larger.counts.indices {
                larger.counts[cell] -= smaller.counts[cell]
                larger.sums[cell] -= smaller.sums[cell]
            }
            larger.split = bestSplit(larger, minimumRows)
            open += isLeftSmaller ? [smaller, larger] : [larger, smaller]
            leafCount += 1
        }
        var leaf: Int32 = 0
        for place in nodes.indices where nodes[place].input < 0 {
            nodes[place].child = leaf
            leaf += 1
        }
        return DecisionTree(nodes: nodes, leafCount: leafCount)
    }

    private func candidate(_ rows: ArraySlice<Int32>, _ target: [Double], node: Int, _ minimumRows: Int) -> Candidate {
        let size = bins.count * Self.binLimit
        var counts = [Int32](repeating: 0, count: size)
        var sums = [Double](repeating: 0, count: size)
        for (input, column) in bins.enumerated() where !edges[input].isEmpty {
            let base = input * Self.binLimit
            for row in rows {
                let cell = base &+ Int(column[Int(row)])
                counts[cell] &+= 1
                sums[cell] += target[Int(row)]
            }
        }
        var result = Candidate(
            rows: rows.startIndex..<rows.endIndex, counts: counts, sums: sums, node: node, split: nil)
        result.split = bestSplit(result, minimumRows)
        return result
    }

    /// The split that lowers the sum of squares most; nil where none leaves enough rows on both sides.
    private func bestSplit(_ candidate: Candidate, _ minimumRows: Int) -> Split? {
        let total = Double(candidate.rows.count)
        var best: Split?
        guard candidate.rows.count >= 2 * minimumRows else { return nil }
        for input in bins.indices where !edges[input].isEmpty {
            let base = input * Self.binLimit
            var sum = 0.0
            for bin in 0...edges[input].count { sum += candidate.sums[base + bin] }
            var (count, below) = (0.0, 0.0)
            for bin in 1...edges[input].count {
                count += Double(candidate.counts[base + bin - 1])
                below += candidate.sums[base + bin - 1]
                guard count >= Double(minimumRows), total - count >= Double(minimumRows) else { continue }
                let above = sum - below
                let gain = below * below / count + above * above / (total - count) - sum * sum / total
                if gain > (best?.gain ?? 1e-9) { best = Split(gain: gain, input: input, bin: bin) }
            }
        }
        return best
    }

    /// Moves the rows of the left side to the front, each side in its order, and returns where the right one begins.
    private func partition(_ order: inout [Int32], _ rows: Range<Int>, _ split: Split) -> Int {
        let column = bins[split.input]
        var right: [Int32] = []
        var place = rows.lowerBound
        for index in rows {
            let row = order[index]
            if Int(column[Int(row)]) >= split.bin {
                right.append(row)
            } else {
                order[place] = row
                place += 1
            }
        }
        let middle = place
        for row in right {
            order[place] = row
            place += 1
        }
        return middle
    }

    /// The leaf of each row of the builder.
    func leaves(of tree: DecisionTree) -> [Int] {
        (0..<rowCount).map { row in
            var place = 0
            while tree.nodes[place].input >= 0 {
                let node = tree.nodes[place]
                let input = Int(node.input)
                let bin = Int(bins[input][row])
                let isAbove = bin > 0 && edges[input][bin - 1] >= node.threshold
                place = Int(node.child) + (isAbove ? 1 : 0)
            }
            return Int(tree.nodes[place].child)
        }
    }
}
