/// Summaries of the rows of one epoch's reference.
struct ReferenceSummary: Sendable {
    static let blockCount = 32

    let modelVersion: String
    /// Of each column the blocks, in the order of the rows, and all of them.
    private let blocks: [String: [ColumnSummary]]
    private let totals: [String: ColumnSummary]
    private let groups: [String: ColumnGroups]

    init(modelVersion: String, blocks: [String: [ColumnSummary]]) {
        self.modelVersion = modelVersion
        self.blocks = blocks
        var totals: [String: ColumnSummary] = [:]
        for (name, parts) in blocks {
            guard var total = parts.first else { continue }
            for part in parts.dropFirst() { total += part }
            totals[name] = total
        }
        self.totals = totals
        groups = totals.mapValues { ColumnGroups($0) }
    }

    func total(_ column: String) -> ColumnSummary? { totals[column] }
    func groups(_ column: String) -> ColumnGroups? { groups[column] }

    /// The reference in parts of about as many rows as a window has: at least eight, as far as there are so many.
    func parts(_ column: String, rowCount: Int64) -> [ColumnSummary] {
        guard let blocks = blocks[column], let total = totals[column], !blocks.isEmpty else { return [] }
        let wanted = Double(total.rowCount) / Double(max(1, rowCount))
        let count = max(1, min(blocks.count, max(8, Int(min(wanted, 1e6)))))
        var result: [ColumnSummary] = []
        for part in 0..<count {
            let range = (part * blocks.count / count)..<((part + 1) * blocks.count / count)
            guard var sum = range.first.map({ blocks[$0] }) else { continue }
            for place in range.dropFirst() { sum += blocks[place] }
            result.append(sum)
        }
        return result
    }
}
