public import ColumnFormat
public import ColumnStore

/// The view `predictions_with_labels`: every prediction with the label that counts for it. Scans like a table.
///
/// Its columns are those of the predictions, then `_label` and `_label_at` (null where there is no label) and the observed
/// columns as the label gave them, where it gave one, else as the prediction did.
public struct LabeledPredictions: Sendable {
    private let task: MonitoredTask
    /// The columns of the view.
    public let schema: Schema

    init(task: MonitoredTask) {
        self.task = task
        let tables = TaskTables(task.schema)
        let label = tables.labels.columns[tables.labelColumn]
        schema = Schema(tables.predictions.columns + [label, ColumnDefinition("_label_at", .timestamp)])
    }

    /// Reads `columns` (all where nil) of the predictions that meet `predicate`, which may name any column of the view.
    public func scan(
        columns: [String]? = nil, where predicate: Predicate? = nil
    ) throws(StoreError) -> LabeledScan {
        try predicate?.check(against: schema)
        let names = columns ?? schema.columns.map(\.name)
        for name in names where schema.position(of: name) == nil {
            throw StoreError(
                .invalidInput, "predictions_with_labels has no column '\(name)'",
                remedy: "its columns are \(schema.columns.map(\.name).joined(separator: ", "))")
        }
        return try LabeledScan(task: task, schema: schema, names: names, predicate: predicate)
    }
}

/// Reads the rows of ``LabeledPredictions``, batch by batch. For use by one thread.
public final class LabeledScan {
    private let schema: Schema
    private let names: [String]
    private let predicate: Predicate?
    private let predictions: Scan
    private let labels: TableSnapshot
    private let early: [EarlyLabel]
    private let observed: [String]
    private static let labelNames: Set<String> = ["_label", "_label_at"]

    init(task: MonitoredTask, schema: Schema, names: [String], predicate: Predicate?) throws(StoreError) {
        self.schema = schema
        self.names = names
        self.predicate = predicate
        observed = task.schema.observed.map(\.name)
        // Both tables as of one moment.
        let (predictions, labels) = task.store.read { _ in
            (task.shared.state.predictions.snapshot(), task.shared.state.labels.snapshot())
        }
        self.labels = labels
        let needed = Set(names).union(predicate?.columns ?? [])
        let columns = predictions.schema.columns.map(\.name).filter { needed.contains($0) }
        // A condition on the label or on what was observed with it can be judged only after the join.
        let late = Self.labelNames.union(observed)
        let parts: [Predicate] = if case .and(let parts)? = predicate { parts } else { predicate.map { [$0] } ?? [] }
        let early = parts.filter { $0.columns.isDisjoint(with: late) }
        let pushed = early.isEmpty ? nil : Predicate.and(early)
        self.predictions = try predictions.scan(columns: columns.isEmpty ? ["_at"] : columns, where: pushed)
        self.early = try task.earlyLabels(labels).joined
    }

    /// The next rows, or nil at the end. Throws `.corrupt` with the file and the offset on damage.
    public func next() throws(StoreError) -> Batch? {
        while let batch = try predictions.next() {
            let joined = try join(batch)
            let selected: [Int]
            if let predicate {
                let truth = predicate.evaluate(count: batch.rowCount) { joined[$0]! }
                selected = truth.indices.filter { truth[$0] == 1 }
                if selected.isEmpty { continue }
            } else {
                selected = Array(0..<batch.rowCount)
            }
            let isWhole = selected.count == batch.rowCount
            return Batch(
                columnNames: names, rowNumbers: selected.map { batch.rowNumbers[$0] },
                columns: names.map { isWhole ? joined[$0]! : joined[$0]!.gather(selected) })
        }
        return nil
    }

    /// The columns of a batch of predictions and of the labels that count for them.
    private func join(_ batch: Batch) throws(StoreError) -> [String: ColumnSlice] {
        var columns: [String: ColumnSlice] = [:]
        for name in batch.columnNames { columns[name] = batch.slice(name) }
        let needed = Set(names).union(predicate?.columns ?? [])
        guard let first = batch.rowNumbers.first, let last = batch.rowNumbers.last,
            !needed.isDisjoint(with: Self.labelNames.union(observed))
        else { return columns }
        var placeOfRow: [UInt64: Int] = [:]
        placeOfRow.reserveCapacity(batch.rowCount)
        for (place, row) in batch.rowNumbers.enumerated() { placeOfRow[row] = place }
        var targets: [UInt64: Int] = [:]
        for label in early { if let place = placeOfRow[label.predictionRow] { targets[label.labelRow] = place } }
        var condition = Predicate.between("_row", .uint(first), .uint(last))
        if !targets.isEmpty { condition = .or([condition, .isNotNull("_id")]) }
        let label = schema.columns[schema.position(of: "_label")!]
        var best = [(at: Int64, value: Value, observed: [Value])?](repeating: nil, count: batch.rowCount)
        let scan = try labels.scan(columns: ["_row", "_at", "_label"] + observed, where: condition)
        while let found = try scan.next() {
            let (rows, times) = (found.slice("_row"), found.slice("_at"))
            for index in 0..<found.rowCount {
                let place =
                    rows.isNull(index)
                    ? targets[found.rowNumbers[index]] : placeOfRow[UInt64(bitPattern: rows.int64(at: index))]
                guard let place else { continue }
                let at = times.int64(at: index)
                if let known = best[place], known.at > at { continue }
                best[place] = (at, found[index, "_label"], observed.map { found[index, $0] })
            }
        }
        let values = ColumnBuilder(type: label.type, capacity: batch.rowCount)
        let times = ColumnBuilder(type: .timestamp, capacity: batch.rowCount)
        for entry in best {
            if let entry, entry.value != .null {
                _ = values.append(value: entry.value)
                times.append(entry.at)
            } else {
                values.appendNull()
                times.appendNull()
            }
        }
        columns["_label"] = values.snapshot()
        columns["_label_at"] = times.snapshot()
        for (position, name) in observed.enumerated() where needed.contains(name) {
            guard let own = columns[name] else { continue }
            let merged = ColumnBuilder(type: own.type, capacity: batch.rowCount)
            for place in 0..<batch.rowCount {
                let late = best[place]?.observed[position] ?? .null
                _ = merged.append(value: late == .null ? own.value(at: place) : late)
            }
            columns[name] = merged.snapshot()
        }
        return columns
    }
}

extension MonitoredTask {
    /// The view `predictions_with_labels`.
    public var predictionsWithLabels: LabeledPredictions { LabeledPredictions(task: self) }

    /// Labels and predictions of the labeled rows of an interval, in the order of rows; nil is without a bound.
    func labeledRows(from start: Int64?, to end: Int64?) throws(StoreError) -> (labels: [Double], predictions: [Double])
    {
        var conditions: [Predicate] = [.isNotNull("_label")]
        if let start { conditions.append(.greaterOrEqual("_at", .timestamp(Timestamp(microseconds: start)))) }
        if let end { conditions.append(.less("_at", .timestamp(Timestamp(microseconds: end)))) }
        let output =
            switch schema.kind {
            case .binary: "_score"
            case .multiclass: "_class"
            case .regression: "_value"
            }
        var labels: [Double] = []
        var predictions: [Double] = []
        let scan = try predictionsWithLabels.scan(columns: ["_label", output], where: .and(conditions))
        while let batch = try scan.next() {
            labels += batch.doubles(of: "_label")
            predictions += batch.doubles(of: output)
        }
        return (labels, predictions)
    }
}
