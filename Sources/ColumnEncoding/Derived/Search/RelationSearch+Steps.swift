import ColumnFormat

extension RelationSearch {
    /// Runs of the target along the sorted source: more are no steps but noise.
    private static let runLimit = 128

    /// Columns of which another one's size decides.
    mutating func findSteps(_ targets: [ColumnSample]) {
        let sources = columns.filter { !$0.isConstant }
        guard !sources.isEmpty else { return }
        for source in sources {
            let order = Self.order(source.numbers)
            for target in targets where target.position != source.position {
                guard let steps = Self.steps(of: target, along: source, order),
                    let missCount = Self.missCount(of: target, order)
                else { continue }
                propose(Relation(sources: [source.position], form: .steps(steps)), for: target, missCount: missCount)
            }
        }
    }

    private static func order(_ numbers: [Double]) -> [Int] {
        // Numbers that are sorted as they come are common: times.
        let indices = numbers.indices.filter { !numbers[$0].isNaN }
        var isSorted = true
        for i in indices.indices.dropFirst() where numbers[indices[i]] < numbers[indices[i - 1]] { isSorted = false }
        return isSorted ? indices : indices.sorted { (numbers[$0], $0) < (numbers[$1], $1) }
    }

    /// Rows that differ from both of their neighbours along the sorted source: steps that other rows show do not give them.
    /// So many of the rows beyond the sample are likely to be exceptions, whereas steps that follow each whim of the sample
    /// have none in it. Nil where they are more than an eighth.
    private static func missCount(of target: ColumnSample, _ order: [Int]) -> Int? {
        let base = unsafe target.slice.rawPointer(at: 0)
        var values: [UInt64] = []
        values.reserveCapacity(order.count)
        for row in order where !target.slice.isNull(row) {
            values.append(unsafe target.shape.word(at: row, of: base))
        }
        var missCount = 0
        for i in values.indices.dropFirst().dropLast() {
            missCount += values[i] != values[i - 1] && values[i] != values[i + 1] ? 1 : 0
        }
        return missCount > values.count / 8 ? nil : missCount
    }

    /// The steps that the sample shows; nil where there are too many to be any.
    static func steps(of target: ColumnSample, along source: ColumnSample, _ order: [Int]) -> Relation.Steps? {
        let base = unsafe target.slice.rawPointer(at: 0)
        var steps = Relation.Steps(thresholds: [], values: [])
        var run: (value: UInt64, length: Int)?
        var misses = 0
        let limit = min(runLimit, order.count / 8)
        for row in order where !target.slice.isNull(row) {
            let value = unsafe target.shape.word(at: row, of: base)
            guard let current = run else {
                run = (value, 1)
                steps.values = [value]
                continue
            }
            if value == current.value {
                run = (value, current.length + 1)
                continue
            }
            let number = source.numbers[row]
            // A threshold must be greater than the one before it, or the step before has no rows.
            if let last = steps.thresholds.last, number <= last {
                misses += 1
                if misses > order.count / 8 { return nil }
                continue
            }
            steps.thresholds.append(number)
            steps.values.append(value)
            run = (value, 1)
            if steps.thresholds.count > limit { return nil }
        }
        return steps.thresholds.isEmpty ? nil : steps
    }
}
