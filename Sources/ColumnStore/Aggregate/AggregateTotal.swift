internal import ColumnFormat

/// The groups of all blocks so far.
struct AggregateTotal {
    private(set) var groupCount = 0
    /// Those of a group are neighbours, one for each key.
    private var keys: [GroupPart] = []
    private var places: [[GroupPart]: Int] = [:]
    /// The same of groups by one key that is a word, and the place of each word.
    private var words = WordTable()
    private var placeOfWord: [Int] = []
    private var rowCounts: [Int] = []
    /// Those of a group are neighbours, one for each measure.
    private var measurements: [Measurement] = []
    private var prunedRowCount = 0
    private var summarizedRowCount = 0

    mutating func add(_ block: BlockResult, _ plan: AggregatePlan) {
        prunedRowCount += block.prunedRowCount
        summarizedRowCount += block.summarizedRowCount
        let (keyCount, measureCount) = (plan.keys.count, plan.measures.count)
        for group in block.rowCounts.indices {
            let place = place(of: block.keys[group * keyCount..<(group + 1) * keyCount])
            if place == groupCount {
                // What is added to nothing is what it was.
                groupCount += 1
                keys += block.keys[group * keyCount..<(group + 1) * keyCount]
                rowCounts.append(block.rowCounts[group])
                for measure in 0..<measureCount { measurements.append(block.measurements[measure][group]) }
                continue
            }
            rowCounts[place] += block.rowCounts[group]
            for measure in 0..<measureCount {
                measurements[place * measureCount + measure].add(block.measurements[measure][group])
            }
        }
    }

    /// The group's place, ``groupCount`` where it is new.
    private mutating func place(of key: ArraySlice<GroupPart>) -> Int {
        if key.count == 1, case .word(_, let bits)? = key.first {
            let number = Int(words.number(of: bits))
            if number == placeOfWord.count { placeOfWord.append(groupCount) }
            return placeOfWord[number]
        }
        let key = Array(key)
        if let known = places[key] { return known }
        places[key] = groupCount
        return groupCount
    }

    // MARK: Results

    func result(_ plan: AggregatePlan) throws(StoreError) -> AggregateResult {
        let measureCount = plan.measures.count
        var rows: [AggregateResult.Row] = []
        if plan.keys.isEmpty, groupCount == 0 {
            let nothing = Array(repeating: Measurement(), count: measureCount)
            rows.append(AggregateResult.Row(keys: [], values: try plan.values(rowCount: 0, measurements: nothing[...])))
        }
        rows.reserveCapacity(groupCount)
        for place in order(plan.keys.count) {
            var values: [Value] = []
            values.reserveCapacity(plan.keys.count)
            for (number, key) in plan.keys.enumerated() {
                values.append(keys[place * plan.keys.count + number].value(type: key.type))
            }
            let first = place * measureCount
            rows.append(
                AggregateResult.Row(
                    keys: values,
                    values: try plan.values(
                        rowCount: rowCounts[place], measurements: measurements[first..<first + measureCount])))
        }
        return AggregateResult(
            aggregates: plan.aggregates, groupKeys: plan.groupKeys, rows: rows,
            prunedRowCount: prunedRowCount, summarizedRowCount: summarizedRowCount)
    }

    /// The places of the groups, ascending by their keys.
    private func order(_ keyCount: Int) -> [Int] {
        if keyCount == 1, let known = orderOfWords() { return known }
        var order = Array(0..<groupCount)
        order.sort { left, right in
            keys[left * keyCount..<(left + 1) * keyCount].lexicographicallyPrecedes(
                keys[right * keyCount..<(right + 1) * keyCount])
        }
        return order
    }

    /// The same where each group has one key, a word; nil where not. Groups of times mostly come in their order.
    private func orderOfWords() -> [Int]? {
        var words: [(order: Int64, place: Int)] = []
        words.reserveCapacity(groupCount)
        var isAscending = true
        for (place, key) in keys.enumerated() {
            guard case .word(let order, _) = key else { return nil }
            if let last = words.last, last.order > order { isAscending = false }
            words.append((order, place))
        }
        if !isAscending { words.sort { $0.order < $1.order } }
        return words.map(\.place)
    }
}
