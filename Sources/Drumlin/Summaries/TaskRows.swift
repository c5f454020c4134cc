internal import ColumnFormat
internal import ColumnStore

/// Makes summaries of a task's rows: of the predictions of an interval with what is known of them, and of the reference.
struct TaskRows {
    let task: MonitoredTask
    let columns: [SummarizedColumn]

    init(_ task: MonitoredTask) {
        self.task = task
        columns = SummarizedColumn.all(task.schema, task.encoder.tables)
    }

    func columns(named names: [String]) throws(StoreError) -> [SummarizedColumn] {
        var result: [SummarizedColumn] = []
        for name in names {
            guard let column = columns.first(where: { $0.name == name }) else {
                throw StoreError(
                    .invalidInput, "task '\(task.name)' has no column '\(name)'",
                    remedy: "the columns are \(columns.map(\.name).joined(separator: ", "))")
            }
            result.append(column)
        }
        return result
    }

    /// The observed columns of which values have come with feedback.
    func lateColumns() throws(StoreError) -> Set<String> {
        let labels = task.store.read { _ in task.shared.state.labels.snapshot() }
        var result: Set<String> = [Constraint.label]
        for column in columns where column.kind == .observed {
            let scan = try labels.scan(columns: [column.stored], where: .isNotNull(column.stored))
            if try scan.next() != nil { result.insert(column.name) }
        }
        return result
    }

    /// Summaries of some columns over the predictions of an interval, from their rows as they are now. Labels and late values
    /// are those that count for each prediction.
    ///
    /// O(rows of the interval × columns), and O(its labels) where a column may be late.
    func summaries(
        of columns: [SummarizedColumn], from start: Int64, to end: Int64, late: Set<String>
    ) throws(StoreError) -> [String: ColumnSummary] {
        guard !columns.isEmpty, start < end else { return [:] }
        let inTime = Predicate.and([
            .greaterOrEqual("_at", .timestamp(Timestamp(microseconds: start))),
            .less("_at", .timestamp(Timestamp(microseconds: end))),
        ])
        var result: [String: ColumnSummary] = [:]
        // The join with the labels is only for what may need it.
        for isLate in [false, true] {
            let part = columns.filter { late.contains($0.name) == isLate }
            guard !part.isEmpty else { continue }
            let builders = part.map { ColumnSummaryBuilder($0.form) }
            let names = part.map(\.stored)
            func add(_ batch: Batch) {
                for (builder, name) in zip(builders, names) { builder.add(batch.slice(name)) }
            }
            if isLate {
                let scan = try task.predictionsWithLabels.scan(columns: names, where: inTime)
                while let batch = try scan.next() { add(batch) }
            } else {
                let snapshot = task.store.read { _ in task.shared.state.predictions.snapshot() }
                let scan = try snapshot.scan(columns: names, where: inTime)
                while let batch = try scan.next() { add(batch) }
            }
            for (column, builder) in zip(part, builders) { result[column.name] = builder.result }
        }
        return result
    }

    /// The time of the first prediction and that of the last; nil where there is none.
    func times() throws(StoreError) -> ClosedRange<Int64>? {
        let snapshot = task.store.read { _ in task.shared.state.predictions.snapshot() }
        let found = try snapshot.aggregate([.min("_at"), .max("_at")]).rows.first?.values ?? []
        guard found.count == 2, case .timestamp(let first) = found[0], case .timestamp(let last) = found[1] else {
            return nil
        }
        return first.microseconds...last.microseconds
    }

    /// The reference rows of the newest epoch, in up to 32 blocks of neighbours; nil where the task has no reference.
    func reference() throws(StoreError) -> ReferenceSummary? {
        let (epoch, snapshot) = task.store.read { core in
            (task.shared.state.epochs.last, core.table(named: "\(task.name)/reference")?.snapshot())
        }
        guard let epoch, let snapshot, !epoch.rows.isEmpty else { return nil }
        let wanted = columns.filter(\.isInReference)
        let count = epoch.rows.upperBound - epoch.rows.lowerBound
        let blockCount = min(UInt64(ReferenceSummary.blockCount), count)
        var builders: [[ColumnSummaryBuilder]] = []
        for _ in 0..<blockCount { builders.append(wanted.map { ColumnSummaryBuilder($0.form, countsValues: false) }) }
        let scan = try snapshot.scan(columns: wanted.map(\.stored), from: epoch.rows.lowerBound)
        while let batch = try scan.next() {
            let rows = batch.rowNumbers
            var first = 0
            while first < rows.count, rows[first] < epoch.rows.upperBound {
                let block = (rows[first] - epoch.rows.lowerBound) * blockCount / count
                var end = first + 1
                while end < rows.count, rows[end] < epoch.rows.upperBound,
                    (rows[end] - epoch.rows.lowerBound) * blockCount / count == block
                {
                    end += 1
                }
                for (place, column) in wanted.enumerated() {
                    builders[Int(block)][place].add(batch.slice(column.stored).slice(first..<end))
                }
                first = end
            }
            if let last = rows.last, last >= epoch.rows.upperBound { break }
        }
        var blocks: [String: [ColumnSummary]] = [:]
        for (place, column) in wanted.enumerated() { blocks[column.name] = builders.map { $0[place].result } }
        return ReferenceSummary(modelVersion: epoch.modelVersion, blocks: blocks)
    }
}

extension TaskRows {
    static func isIn(_ start: Int64, _ end: Int64) -> Predicate {
        .and([
            .greaterOrEqual("_at", .timestamp(Timestamp(microseconds: start))),
            .less("_at", .timestamp(Timestamp(microseconds: end))),
        ])
    }

    /// How many predictions an interval has.
    func count(from start: Int64, to end: Int64) throws(StoreError) -> Int64 {
        let snapshot = task.store.read { _ in task.shared.state.predictions.snapshot() }
        let found = try snapshot.aggregate([.count], where: Self.isIn(start, end)).rows.first?.values.first
        if case .int(let count)? = found { return count }
        return 0
    }

    /// How many predictions of an interval have a label, and how many there are.
    func labelCounts(from start: Int64, to end: Int64) throws(StoreError) -> (labeled: Int64, all: Int64) {
        // The panes know, where the interval is made of them.
        if let summary = task.store.read({ _ in try? task.shared.state.view.summary(over: start..<end) }) {
            return (summary.predictions - summary.unlabeled, summary.predictions)
        }
        var (labeled, all) = (Int64(0), Int64(0))
        let scan = try task.predictionsWithLabels.scan(columns: ["_label"], where: Self.isIn(start, end))
        while let batch = try scan.next() {
            let labels = batch.slice("_label")
            all += Int64(batch.rowCount)
            labeled += Int64((0..<batch.rowCount).count { !labels.isNull($0) })
        }
        return (labeled, all)
    }

    /// The most frequent value with a hash among the predictions of an interval, and how many rows have it.
    func mostFrequent(
        _ column: SummarizedColumn, hash: Int, from start: Int64, to end: Int64, late: Set<String>
    ) throws(StoreError) -> (value: Value, count: Int)? {
        var counts: [Value: Int] = [:]
        func add(_ batch: Batch) {
            let slice = batch.slice(column.stored)
            for row in 0..<batch.rowCount where !slice.isNull(row) {
                let own =
                    column.form == .text
                    ? unsafe ColumnSummaryBuilder.hash(slice.variableBytes(at: row))
                    : ColumnSummaryBuilder.hash(slice.double(at: row))
                if own == hash { counts[slice.value(at: row), default: 0] += 1 }
            }
        }
        if late.contains(column.name) {
            let scan = try task.predictionsWithLabels.scan(columns: [column.stored], where: Self.isIn(start, end))
            while let batch = try scan.next() { add(batch) }
        } else {
            let snapshot = task.store.read { _ in task.shared.state.predictions.snapshot() }
            let scan = try snapshot.scan(columns: [column.stored], where: Self.isIn(start, end))
            while let batch = try scan.next() { add(batch) }
        }
        return counts.max { ($0.value, $1.key.description) < ($1.value, $0.key.description) }.map { ($0.key, $0.value) }
    }
}
