internal import CDrumlinShims
internal import ColumnEncoding
internal import ColumnFormat

/// What a block came to: its groups, and what is known of each. The sketches in it belong to it alone, so that it may go
/// from thread to thread.
struct BlockResult: @unchecked Sendable {
    /// Those of a group are neighbours, one for each key.
    var keys: [GroupPart] = []
    var rowCounts: [Int] = []
    /// For each measure the measurement of each group.
    var measurements: [[Measurement]] = []
    var prunedRowCount = 0
    var summarizedRowCount = 0
}

/// Aggregates blocks, each by itself, with memory that is used again. For one thread.
@safe
final class BlockAggregator {
    private let plan: AggregatePlan
    private let columns: BlockColumns
    private let filter: VectorFilter?
    private let readers: [MeasureReader]
    private let grouping: Grouping
    private let hiding = HiddenRows()
    private let collected = RowCollector()
    private let fewMask = VectorMask()
    /// The group that the readers' memory of distinct values is of.
    private var lastGroup: UInt32?

    init(_ plan: AggregatePlan) {
        self.plan = plan
        let columns = BlockColumns(schema: plan.schema)
        self.columns = columns
        filter = plan.condition.map { VectorFilter($0, columns: columns) }
        readers = plan.measures.map { MeasureReader($0) }
        grouping = Grouping(plan, columns: columns)
    }

    func aggregate(_ block: SnapshotBlock) throws(StoreError) -> BlockResult {
        columns.move(to: block)
        grouping.reset()
        var result = BlockResult()
        result.measurements = Array(repeating: [], count: readers.count)
        let outcome = outcome(zone: block.zone)
        if outcome == .never {
            result.prunedRowCount = block.rows.count - block.hidden.count
            return result
        }
        var unanswered = Array(readers.indices)
        // A zone map counts rows that are not to be seen.
        let isWhole = outcome == .always && block.hidden.isEmpty
        if isWhole, plan.zoneMaps == .full, let group = grouping.group(zone: block.zone) {
            extend(&result)
            unanswered = summarize(block, group, &result)
            if unanswered.isEmpty {
                result.rowCounts[Int(group)] += block.rows.count
                result.summarizedRowCount = block.rows.count
                return finished(result)
            }
        }
        try read(block, outcome, unanswered, &result)
        return finished(result)
    }

    private func finished(_ result: BlockResult) -> BlockResult {
        var result = result
        // Rows of an ungrouped aggregation make a group even where none was taken: it is then the empty one.
        extend(&result)
        result.keys = grouping.parts
        return result
    }

    private func outcome(zone: (Int) -> ZoneMap?) -> ZoneOutcome {
        guard let condition = plan.condition else { return .always }
        return plan.zoneMaps == .none ? .possible : condition.outcome(zone: zone)
    }

    /// Makes room for the groups that were found since.
    private func extend(_ result: inout BlockResult) {
        let missing = grouping.count - result.rowCounts.count
        if missing == 0 { return }
        if missing > 1, result.rowCounts.isEmpty { reserve(&result) }
        result.rowCounts += Array(repeating: 0, count: missing)
        for place in result.measurements.indices {
            result.measurements[place] += Array(repeating: Measurement(), count: missing)
        }
    }

    /// Room for as many groups as there may be if a vector has as many others as the first one.
    private func reserve(_ result: inout BlockResult) {
        let count = min(
            grouping.count * SegmentFormat.blockRowCount / SegmentFormat.vectorRowCount, plan.groupLimit, 4_096)
        result.rowCounts.reserveCapacity(count)
        for place in result.measurements.indices { result.measurements[place].reserveCapacity(count) }
    }

    // MARK: Zone maps

    /// Answers what it can from the zone maps of the whole block, and returns the measures that have to be read.
    private func summarize(_ block: SnapshotBlock, _ group: UInt32, _ result: inout BlockResult) -> [Int] {
        readers.indices.filter { place in
            let measure = readers[place].measure
            guard let zone = block.zone(measure.column), let known = Measurement(zone, measure) else { return true }
            result.measurements[place][Int(group)].add(known)
            return false
        }
    }

    // MARK: Vectors

    private func read(
        _ block: SnapshotBlock, _ outcome: ZoneOutcome, _ unanswered: [Int], _ result: inout BlockResult
    ) throws(StoreError) {
        for reader in readers { reader.forget() }
        lastGroup = nil
        let hasZones =
            plan.zoneMaps != .none && (plan.condition?.columns.contains(where: block.hasVectorZones) ?? false)
        if grouping.isTrivial { return try readUngrouped(block, outcome, hasZones, unanswered, &result) }
        for vector in 0..<block.vectorCount {
            let count = block.rows(ofVector: vector).count
            var (mask, taken) = unsafe try filtered(vector, count, outcome, hasZones, block, &result)
            unsafe (mask, taken) = hiding.removed(from: mask, taken: taken, vector: vector, of: block)
            if taken == 0 { continue }
            unsafe try add(block, vector, mask, taken, unanswered, &result)
        }
    }

    /// The rows of a vector that the condition leaves.
    private func filtered(
        _ vector: Int, _ count: Int, _ outcome: ZoneOutcome, _ hasZones: Bool, _ block: SnapshotBlock,
        _ result: inout BlockResult
    ) throws(StoreError) -> (mask: UnsafePointer<UInt8>?, taken: Int) {
        var outcome = outcome
        if outcome == .possible, hasZones { outcome = self.outcome { block.zone($0, vector: vector) } }
        switch outcome {
        case .never:
            result.prunedRowCount += count
            return (nil, 0)
        case .always: return (nil, count)
        case .possible: return unsafe try filter?.rows(ofVector: vector, count: count) ?? (nil, count)
        }
    }

    /// All rows make one group.
    private func readUngrouped(
        _ block: SnapshotBlock, _ outcome: ZoneOutcome, _ hasZones: Bool, _ unanswered: [Int],
        _ result: inout BlockResult
    ) throws(StoreError) {
        extend(&result)
        var known = unanswered.map { result.measurements[$0][0] }
        let rowCount = block.rows.count
        // Whether it is up to the condition alone which rows are taken.
        let isFiltered = outcome == .possible && !hasZones && block.hidden.isEmpty
        var total = 0
        collected.removeAll()
        for vector in 0..<block.vectorCount {
            if isFiltered,
                let few = unsafe try filter?.fewRows(
                    ofVector: vector, limit: RowCollector.vectorLimit, places: collected.room)
            {
                total += few
                try collect(few, ofVector: vector, unanswered, to: &known)
                continue
            }
            let count = min(SegmentFormat.vectorRowCount, rowCount - vector * SegmentFormat.vectorRowCount)
            var (mask, taken) = unsafe try filtered(vector, count, outcome, hasZones, block, &result)
            if !block.hidden.isEmpty {
                unsafe (mask, taken) = hiding.removed(from: mask, taken: taken, vector: vector, of: block)
            }
            total += taken
            if taken <= RowCollector.vectorLimit, taken < count, let mask = unsafe mask {
                if taken > 0 { _ = unsafe drumlin_mask_places(mask, UInt32(count), 0, collected.room) }
                try collect(taken, ofVector: vector, unanswered, to: &known)
                continue
            }
            if taken == 0 { continue }
            try addCollected(unanswered, to: &known)
            for (index, place) in unanswered.enumerated() {
                let cursor = try columns.cursor(readers[place].measure.column, vector: vector)
                unsafe readers[place].add(cursor, rows: 0..<count, mask: mask, taken: taken, to: &known[index])
            }
        }
        try addCollected(unanswered, to: &known)
        result.rowCounts[0] += total
        for (index, place) in unanswered.enumerated() { result.measurements[place][0] = known[index] }
    }

    // MARK: Few rows

    /// Takes in a vector's rows, whose places are in the collector's room, and adds them when there is no room for more.
    private func collect(
        _ taken: Int, ofVector vector: Int, _ unanswered: [Int], to known: inout [Measurement]
    ) throws(StoreError) {
        if taken == 0 || unanswered.isEmpty { return }
        collected.add(taken, ofVector: vector)
        if collected.isFull { try addCollected(unanswered, to: &known) }
    }

    /// Adds the rows that were collected: what adding each vector with a mask does.
    private func addCollected(_ unanswered: [Int], to known: inout [Measurement]) throws(StoreError) {
        if collected.isEmpty { return }
        let rows = collected.rows
        collected.removeAll()
        for (index, place) in unanswered.enumerated() {
            let reader = readers[place]
            if reader.takesGathered, let values = unsafe try columns.gather(reader.measure.column, rows) {
                unsafe reader.add(gathered: values, rows, to: &known[index])
                continue
            }
            for vector in rows.vectors {
                let found = rows.range(ofVector: vector)
                if found.isEmpty { continue }
                let cursor = try columns.cursor(reader.measure.column, vector: vector)
                unsafe fewMask.fill(at: rows.places + found.lowerBound, placeCount: found.count, count: cursor.count)
                unsafe reader.add(
                    cursor, rows: 0..<cursor.count, mask: fewMask.bytes, taken: found.count, to: &known[index])
            }
        }
    }

    private func add(
        _ block: SnapshotBlock, _ vector: Int, _ mask: UnsafePointer<UInt8>?, _ taken: Int, _ unanswered: [Int],
        _ result: inout BlockResult
    ) throws(StoreError) {
        let count = block.rows(ofVector: vector).count
        let groups: Grouping.Groups
        if let group = grouping.group(zone: { block.zone($0, vector: vector) }) {
            groups = .one(group)
        } else {
            groups = unsafe try grouping.read(vector, count: count, mask: mask)
        }
        if grouping.count > plan.groupLimit { throw plan.tooManyGroups }
        extend(&result)
        switch groups {
        case .one(let group):
            unsafe try add(vector, 0..<count, mask, taken, group, unanswered, &result)
        case .runs(let runs):
            unsafe try add(vector, runs, mask, unanswered, &result)
        case .each:
            unsafe try addEach(vector, count, mask, unanswered, &result)
        }
    }

    /// Adds the rows of a vector, of which neighbours belong to one group.
    private func add(
        _ vector: Int, _ runs: [KeyReader.Run], _ mask: UnsafePointer<UInt8>?, _ unanswered: [Int],
        _ result: inout BlockResult
    ) throws(StoreError) {
        for run in runs { result.rowCounts[Int(run.number)] += run.taken }
        for place in unanswered {
            let cursor = try columns.cursor(readers[place].measure.column, vector: vector)
            unsafe result.measurements[place].withUnsafeMutableBufferPointer { groups in
                guard let base = groups.baseAddress else { return }
                unsafe readers[place].add(cursor, runs: runs, mask: mask, after: lastGroup, to: base)
            }
        }
        lastGroup = runs.last?.number
    }

    /// Adds `rows` of a vector, which belong to one group.
    private func add(
        _ vector: Int, _ rows: Range<Int>, _ mask: UnsafePointer<UInt8>?, _ taken: Int, _ group: UInt32,
        _ unanswered: [Int], _ result: inout BlockResult
    ) throws(StoreError) {
        if group != lastGroup {
            for reader in readers { reader.forget() }
            lastGroup = group
        }
        result.rowCounts[Int(group)] += taken
        for place in unanswered {
            let cursor = try columns.cursor(readers[place].measure.column, vector: vector)
            unsafe readers[place].add(
                cursor, rows: rows, mask: mask, taken: taken, to: &result.measurements[place][Int(group)])
        }
    }

    /// Adds the rows of a vector each to its group.
    private func addEach(
        _ vector: Int, _ count: Int, _ mask: UnsafePointer<UInt8>?, _ unanswered: [Int], _ result: inout BlockResult
    ) throws(StoreError) {
        lastGroup = nil
        let groups = unsafe UnsafePointer(grouping.groups)
        for row in 0..<count where unsafe mask.map({ unsafe $0[row] != 0 }) ?? true {
            unsafe result.rowCounts[Int(groups[row])] += 1
        }
        for place in unanswered {
            let cursor = try columns.cursor(readers[place].measure.column, vector: vector)
            unsafe result.measurements[place].withUnsafeMutableBufferPointer { buffer in
                guard let base = buffer.baseAddress else { return }
                unsafe readers[place].add(cursor, mask: mask, groups: groups, to: base)
            }
        }
    }
}

extension Measurement {
    /// What a zone map says of all its rows; nil where it does not say all that is needed.
    init?(_ zone: ZoneMap, _ measure: AggregatePlan.Measure) {
        self.init()
        count = zone.rowCount - zone.nullCount
        nanCount = zone.nanCount
        let needs = measure.needs
        guard needs.isSubset(of: [.sum, .extremes]) else { return nil }
        if needs.isEmpty || count == 0 { return }
        if needs.contains(.sum) {
            switch measure.type {
            case .bool: integerSum = Int128(zone.trueCount)
            case .float32, .float64:
                guard let sum = zone.realSum else { return nil }
                realSum.add(sum)
            default:
                guard let sum = zone.sum else { return nil }
                integerSum = Int128(sum)
            }
        }
        if needs.contains(.extremes), count > zone.nanCount {
            guard zone.isMinimumExact, zone.isMaximumExact, let low = zone.minimum, let high = zone.maximum else {
                return nil
            }
            if case .bytes(let lowBytes) = low, case .bytes(let highBytes) = high {
                self.lowBytes = lowBytes
                self.highBytes = highBytes
            } else {
                guard let low = OrderKey.key(low, type: measure.type), let high = OrderKey.key(high, type: measure.type)
                else { return nil }
                lowKey = low
                highKey = high
            }
        }
    }
}
