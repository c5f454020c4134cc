internal import ColumnFormat
internal import ColumnStore
internal import ColumnViews

extension TaskState {
    /// Computes the windows' state anew from the stored rows: for a metric or window that is registered late, and where no
    /// checkpoint can be used. The result does not depend on how the rows came.
    ///
    /// Reads the labels once for every 4 million predictions; holds 16 bytes for each of those meanwhile.
    func rebuild(into view: WindowedView) throws(StoreError) {
        self.view = view
        coveredFrom = predictions.firstRow > 0 ? edge : nil
        counters.predictions = 0
        counters.labels = labels.rowCount
        changes.removeAll()
        let rowLimit: UInt64 = 4 << 20
        var first = predictions.firstRow
        let pending = try pendingLabels()
        pendingCount = pending.waiting.count
        hasIDLabels = !pending.joined.isEmpty || !pending.waiting.isEmpty
        while first < predictions.endRow {
            let rows = first..<min(first + rowLimit, predictions.endRow)
            let labels = try joinedLabels(of: rows, early: pending.joined)
            try countAll(rows, labels)
            first = rows.upperBound
        }
        replayedLabelRow = labels.endRow
    }

    /// The labels of a run of predictions, by place; the one with the greatest time, of equal ones the latest row.
    private struct JoinedLabels {
        var times: [Int64]
        var values: [Double]
        var hasLabel: [Bool]

        init(count: Int) {
            times = Array(repeating: .min, count: count)
            values = Array(repeating: .nan, count: count)
            hasLabel = Array(repeating: false, count: count)
        }

        /// Takes a label if it counts more than those before; labels come in the order of their rows.
        mutating func take(_ place: Int, at: Int64, value: Double?) {
            guard at >= times[place] else { return }
            times[place] = at
            values[place] = value ?? .nan
            hasLabel[place] = value != nil
        }
    }

    struct EarlyLabel {
        var labelRow: UInt64
        var predictionRow: UInt64
        var at: Int64
        var value: Double?
    }

    /// Feedback that came before its prediction: what has joined since, and the ids of what still waits.
    func pendingLabels() throws(StoreError) -> (joined: [EarlyLabel], waiting: Set<[UInt8]>) {
        var joined: [EarlyLabel] = []
        var waiting = Set<[UInt8]>()
        let scan = try labels.snapshot().scan(
            columns: ["_id", "_at", "_label"], where: .isNotNull("_id"))
        while let batch = try scan.next() {
            for place in 0..<batch.rowCount {
                guard case .string(var id) = batch[place, "_id"] else { continue }
                latestEvent = max(latestEvent, batch.slice("_at").int64(at: place))
                let row = unsafe try id.withUTF8Throwing { (bytes) throws(StoreError) in
                    unsafe try predictions.find(column: tables.idColumn, key: bytes)
                }
                guard let row else {
                    waiting.insert(Array(id.utf8))
                    continue
                }
                let slice = batch.slice("_label")
                joined.append(
                    EarlyLabel(
                        labelRow: batch.rowNumbers[place], predictionRow: row,
                        at: batch.slice("_at").int64(at: place),
                        value: slice.isNull(place) ? nil : slice.double(at: place)))
            }
        }
        return (joined, waiting)
    }

    private func joinedLabels(of rows: Range<UInt64>, early: [EarlyLabel]) throws(StoreError) -> JoinedLabels {
        var result = JoinedLabels(count: Int(rows.upperBound - rows.lowerBound))
        // Early labels lie between the others: both are taken in the order of their rows.
        var waiting = early.filter { rows.contains($0.predictionRow) }[...]
        let scan = try labels.snapshot().scan(
            columns: ["_row", "_at", "_label"],
            where: .between("_row", .uint(rows.lowerBound), .uint(rows.upperBound - 1)))
        while let batch = try scan.next() {
            let (targets, times, values) = (batch.slice("_row"), batch.slice("_at"), batch.slice("_label"))
            for place in 0..<batch.rowCount {
                while let next = waiting.first, next.labelRow < batch.rowNumbers[place] {
                    result.take(Int(next.predictionRow - rows.lowerBound), at: next.at, value: next.value)
                    waiting.removeFirst()
                }
                let target = UInt64(bitPattern: targets.int64(at: place))
                latestEvent = max(latestEvent, times.int64(at: place))
                result.take(
                    Int(target - rows.lowerBound), at: times.int64(at: place),
                    value: values.isNull(place) ? nil : values.double(at: place))
            }
        }
        for next in waiting { result.take(Int(next.predictionRow - rows.lowerBound), at: next.at, value: next.value) }
        return result
    }

    private func countAll(_ rows: Range<UInt64>, _ joined: JoinedLabels) throws(StoreError) {
        let scan = try predictions.snapshot().scan(columns: factColumns, from: rows.lowerBound)
        while let batch = try scan.next() {
            for place in 0..<batch.rowCount {
                let row = batch.rowNumbers[place]
                guard row < rows.upperBound else { return }
                let facts = facts(batch, place)
                let at = batch.slice("_at").int64(at: place)
                latestEvent = max(latestEvent, at)
                counters.predictions += 1
                let index = Int(row - rows.lowerBound)
                if joined.hasLabel[index] {
                    let label = joined.values[index]
                    let probability = probability(ofClass: Int(exactly: label) ?? -1, batch, place)
                    let (delay, overflow) = joined.times[index].subtractingReportingOverflow(at)
                    layout.addLabeled(
                        facts, label: label, labelProbability: probability,
                        delayMicroseconds: overflow ? (joined.times[index] < at ? .min : .max) : delay, sign: 1,
                        to: &changes)
                } else {
                    layout.addUnlabeled(facts, sign: 1, to: &changes)
                }
                try applyChanges(at: at)
            }
        }
    }

    // MARK: Facts from columns

    private var factColumns: [String] {
        tables.predictions.columns[1...tables.epochColumn].map(\.name)
    }

    private func facts(_ batch: Batch, _ place: Int) -> PredictionFacts {
        var facts = PredictionFacts(score: .nan)
        switch schema.kind {
        case .binary:
            facts.score = batch.slice("_score").double(at: place)
            facts.predictedClass = Int32(truncatingIfNeeded: batch.slice("_class").int64(at: place))
        case .multiclass:
            let predicted = batch.slice("_class").int64(at: place)
            facts.predictedClass = Int32(truncatingIfNeeded: predicted)
            facts.score = probability(ofClass: Int(predicted), batch, place)
        case .regression: facts.score = batch.slice("_value").double(at: place)
        }
        let (bucket, epoch) = (batch.slice("_bucket"), batch.slice("_epoch"))
        if !epoch.isNull(place), !bucket.isNull(place) {
            facts.epoch = Int32(truncatingIfNeeded: epoch.int64(at: place))
            facts.bucket = Int32(truncatingIfNeeded: bucket.int64(at: place))
        }
        return facts
    }

    private func probability(ofClass index: Int, _ batch: Batch, _ place: Int) -> Double {
        guard schema.kind.isMulticlass, tables.secondColumn != nil,
            case .vector(let values) = batch[place, "_probabilities"], values.indices.contains(index)
        else { return .nan }
        return Double(values[index])
    }
}
