import ColumnFormat
import ColumnStore
import Drumlin
import TestSupport

/// What a killed command left of its task, held against what it was logging.
struct RecoveredTask {
    /// How many of the workload's stored events are there: the first ones.
    let eventCount: Int
    let metrics: [MetricRow]
    private let task: MonitoredTask?
    private let predictions: [[String: Value]]
    private let labels: [[String: Value]]

    /// Reads the task and checks that its rows are whole, and are the first events of the workload and no others.
    init(_ store: Store, _ workload: KillWorkload) throws {
        guard store.taskNames.contains(KillWorkload.task) else {
            (eventCount, metrics, task, predictions, labels) = (0, [], nil, [], [])
            return
        }
        let task = try store.task(KillWorkload.task)
        self.task = task
        predictions = try store.table("tips/predictions").allRows()
        labels = try store.table("tips/labels").allRows()
        metrics = try task.metrics()
        eventCount = predictions.count + labels.count
        guard eventCount <= workload.stored.count else { throw Violation("more rows than events") }
        let waiting = try checkRows(workload)
        let status = task.status
        guard status.predictions == predictions.count, status.labels == labels.count, status.pendingLabels == waiting
        else { throw Violation("\(status) for \(predictions.count), \(labels.count) rows, \(waiting) waiting") }
        try checkPublished(store)
    }

    // MARK: Rows

    /// Compares every row with its event, and gives how many ids wait for their prediction.
    private func checkRows(_ workload: KillWorkload) throws -> Int {
        var rows: [String: UInt64] = [:]
        var waiting = Set<String>()
        var labelRow = 0
        for event in workload.stored.prefix(eventCount) {
            switch event {
            case .prediction(let prediction):
                guard rows.count < predictions.count else { throw Violation("the rows are not the first events") }
                let expected: [String: Value] = [
                    "_id": .string(prediction.id), "_at": .timestamp(Timestamp(microseconds: prediction.at)),
                    "_score": .float64(prediction.score), "_class": .uint(prediction.score >= 0.5 ? 1 : 0),
                    "_epoch": .uint(0), "distance": prediction.distance.map { .float32($0) } ?? .null,
                    "zone": prediction.zone.map { .string($0) } ?? .null, "tip": .null,
                ]
                try Self.check(predictions[rows.count], expected, besides: "_bucket")
                rows[prediction.id] = UInt64(rows.count)
                waiting.remove(prediction.id)
            case .feedback(let feedback):
                guard labelRow < labels.count else { throw Violation("the rows are not the first events") }
                let row = rows[feedback.id]
                let expected: [String: Value] = [
                    "_id": row == nil ? .string(feedback.id) : .null, "_row": row.map { .uint($0) } ?? .null,
                    "_at": .timestamp(Timestamp(microseconds: feedback.at)),
                    "_label": feedback.label.map { .uint(UInt64($0)) } ?? .null,
                    "tip": feedback.tip.map { .float64($0) } ?? .null,
                ]
                try Self.check(labels[labelRow], expected)
                if row == nil { waiting.insert(feedback.id) }
                labelRow += 1
            }
        }
        return waiting.count
    }

    private static func check(
        _ row: [String: Value], _ expected: [String: Value], besides column: String? = nil
    ) throws {
        var row = row
        if let column, row.removeValue(forKey: column) ?? .null == .null { throw Violation("no \(column) in \(row)") }
        guard row == expected else { throw Violation("the row \(row) instead of \(expected)") }
    }

    // MARK: Metrics

    /// No value may be published twice.
    private func checkPublished(_ store: Store) throws {
        var known = Set<[Value]>()
        for row in try store.table("tips/metrics").allRows() {
            let key = ["metric", "window", "window_start", "revision"].map { row[$0] ?? .null }
            guard known.insert(key).inserted else { throw Violation("published twice: \(key)") }
        }
    }

    /// Computes the metrics anew from the recovered rows, in a store of its own, and compares.
    func checkMetrics() throws {
        guard let task else { return }
        let folder = TemporaryFolder()
        var options = StoreOptions()
        options.arrival = .eventTime
        let store = try Store.open(folder.path("fresh.drumlin"), options: options)
        let fresh = try store.task(KillWorkload.task, schema: task.schema)
        for registered in task.registeredMetrics {
            guard let metric = Metric(registered.name) else { throw Violation("no metric \(registered.name)") }
            try fresh.registerMetric(metric, windows: registered.windows)
        }
        if !task.status.modelVersions.isEmpty {
            try fresh.logTrainingSet(
                KillWorkload.reference(task.schema), modelVersion: KillWorkload.modelVersion)
        }
        try logRows(to: fresh)
        let expected = try fresh.metrics()
        guard metrics.count == expected.count else {
            throw Violation("\(metrics.count) metrics recovered, \(expected.count) from the rows")
        }
        for (found, expected) in zip(metrics, expected) where !Self.isSame(found, expected) {
            throw Violation("recovered \(found.values), from the rows \(expected.values)")
        }
        try store.close()
    }

    private func logRows(to fresh: MonitoredTask) throws {
        let batch = fresh.makePredictionBatch()
        let row = fresh.makePredictionRow()
        for stored in predictions {
            guard case .string(let id)? = stored["_id"], case .timestamp(let at)? = stored["_at"],
                case .float64(let score)? = stored["_score"], case .uint(let predicted)? = stored["_class"]
            else { throw Violation("a prediction of other types: \(stored)") }
            row.begin(id: id, at: at, prediction: .score(score, class: Int(predicted)))
            for (place, feature) in fresh.schema.features.enumerated() {
                row.set(place, value: stored[feature.name] ?? .null)
            }
            try batch.append(row)
        }
        try fresh.logPredictions(batch)
        var feedback = FeedbackBatch()
        for stored in labels {
            guard case .timestamp(let at)? = stored["_at"] else { throw Violation("a label without a time: \(stored)") }
            var id = stored["_id"]
            if case .uint(let row)? = stored["_row"] { id = predictions[Int(row)]["_id"] }
            guard case .string(let id)? = id else { throw Violation("a label without an id: \(stored)") }
            let label: LabelValue = if case .uint(let label)? = stored["_label"] { .number(Double(label)) } else { nil }
            feedback.append(id: id, at: at, label: label, observed: ["tip": stored["tip"] ?? .null])
        }
        try fresh.logFeedback(feedback)
    }

    /// Counts and what names the window are equal, numbers within rounding. How often a value was published depends on the
    /// order of events, which the rows of two tables do not tell.
    private static func isSame(_ found: MetricRow, _ expected: MetricRow) -> Bool {
        func number(_ row: MetricRow) -> [Double?] {
            [row.value, row.labeledValue, row.unlabeledValue, row.ciLow, row.ciHigh, row.labelDelayP50]
        }
        func rest(_ row: MetricRow) -> MetricRow {
            var row = row
            row.revision = 0
            (row.value, row.labeledValue, row.unlabeledValue) = (nil, nil, nil)
            (row.ciLow, row.ciHigh, row.labelDelayP50) = (nil, nil, nil)
            (row.labelDelayP95, row.effectiveSampleSize, row.unsupportedMass) = (nil, nil, nil)
            (row.boundLow, row.boundHigh) = (nil, nil)
            return row
        }
        return rest(found) == rest(expected)
            && zip(number(found), number(expected)).allSatisfy { a, b in
                guard let a, let b else { return a == nil && b == nil }
                return a == b || abs(a - b) <= 1e-12
            }
    }
}
