/// A few groups of a column's values by which two distributions are compared: of numbers about tenths of the reference, values
/// of a tenth or more by themselves; of text the 19 most frequent hashes of a hundredth or more, and the rest.
struct ColumnGroups: Sendable {
    private enum Form {
        /// The greatest key of each group but the last.
        case numbers(ends: [UInt32])
        case text(hashes: [Int])
    }

    private let form: Form

    private static let numberCount = 10
    private static let textCount = 20

    /// Groups of a reference that has values.
    init(_ reference: ColumnSummary) {
        guard reference.form == .number else {
            let all = Double(reference.valueCount)
            let frequent = reference.hashes.indices.filter { Double(reference.hashes[$0]) >= all / 100 }
            let order = frequent.sorted { (-reference.hashes[$0], $0) < (-reference.hashes[$1], $1) }
            form = .text(hashes: Array(order.prefix(Self.textCount - 1)))
            return
        }
        let wanted = max(1, reference.valueCount / Int64(Self.numberCount))
        var ends: [UInt32] = []
        var (inGroup, endsWithValue) = (Int64(0), false)
        for cell in reference.cells {
            if cell.count >= wanted {
                // A group of its own, so that values which were never seen show on either side of it.
                if cell.key > 0, ends.last != cell.key - 1 { ends.append(cell.key - 1) }
                ends.append(cell.key)
                (inGroup, endsWithValue) = (0, true)
            } else {
                inGroup += cell.count
                guard inGroup >= wanted else { continue }
                ends.append(cell.key)
                (inGroup, endsWithValue) = (0, false)
            }
        }
        // The last group has no end; a small rest goes with the one before.
        if !endsWithValue, inGroup < wanted / 2 { _ = ends.popLast() }
        form = .numbers(ends: ends)
    }

    /// How many values of a summary are in each group.
    func counts(_ summary: ColumnSummary) -> [Double] {
        switch form {
        case .text(let hashes):
            let frequent = hashes.map { Double(summary.hashes[$0]) }
            return frequent + [Double(summary.valueCount) - frequent.reduce(0, +)]
        case .numbers(let ends):
            var result = Array(repeating: 0.0, count: ends.count + 1)
            var group = 0
            for cell in summary.cells {
                while group < ends.count, cell.key > ends[group] { group += 1 }
                result[group] += Double(cell.count)
            }
            return result
        }
    }
}
