import Drumlin
import TestSupport
import Testing

/// A task on a simulated disk with a model of it beside, which are compared.
final class TaskHarness {
    static let path = "/dir/store"

    let schema: TaskSchema
    private(set) var disk: SimulatedFileSystem
    private(set) var simulated: SimulatedStore
    private(set) var store: Store
    private(set) var task: MonitoredTask
    var model: TaskModel
    var registered: [(metric: Metric, windows: [Window])] = []
    /// What is cut into slices, and which of them there were when it began.
    var segments: [(segmentation: Segmentation, names: [String])] = []
    let memtableByteCount: Int

    init(_ schema: TaskSchema, memtableByteCount: Int = 1 << 20, seed: UInt64 = 1) throws {
        self.schema = schema
        self.memtableByteCount = memtableByteCount
        disk = SimulatedFileSystem(seed: seed)
        try disk.createDirectory("/dir")
        simulated = SimulatedStore(disk)
        store = try Store.open(Self.path, options: Self.options(simulated, memtableByteCount))
        task = try store.task("t", schema: schema)
        model = TaskModel(kind: schema.kind)
    }

    /// The task that a crash left on a disk, with a model made of its rows. Nil where the task was not made yet.
    init?(recovering disk: SimulatedFileSystem, schema: TaskSchema) throws {
        self.schema = schema
        self.disk = disk
        memtableByteCount = 1 << 20
        simulated = SimulatedStore(disk)
        store = try Store.open(Self.path, options: Self.options(simulated, memtableByteCount))
        guard store.taskNames == ["t"] else { return nil }
        task = try store.task("t", schema: schema)
        model = TaskModel(kind: schema.kind)
        registered = task.registeredMetrics.compactMap { entry in Metric(entry.name).map { ($0, entry.windows) } }
        try modelRows()
        segments = task.registeredSegments.map { ($0, []) }
    }

    private func modelRows() throws {
        func time(_ value: Value?) -> Int64 { if case .timestamp(let time)? = value { time.microseconds } else { 0 } }
        var ids: [UInt64: String] = [:]
        try store.table("t/predictions").scan(columns: ["_id"]).forEach { batch in
            for (place, row) in batch.rowNumbers.enumerated() {
                if case .string(let id) = batch[place, "_id"] { ids[row] = id }
            }
        }
        for row in try store.table("t/predictions").allRows() {
            guard case .string(let id)? = row["_id"], case .float64(let score)? = row["_score"],
                case .uint(let predicted)? = row["_class"]
            else { throw StoreError(.corrupt, "no prediction: \(row)") }
            let names = Set(schema.features.map(\.name))
            if case .uint(let epoch)? = row["_epoch"] { model.epoch = Int(epoch) } else { model.epoch = -1 }
            _ = model.log(
                TaskModel.Prediction(
                    id: id, at: time(row["_at"]), value: .score(score, class: Int(predicted)),
                    features: row.filter { names.contains($0.key) && $0.value != .null }, observed: [:]))
        }
        model.epoch = task.status.modelVersions.count - 1
        for row in try store.table("t/labels").allRows() {
            var id = ""
            if case .string(let text)? = row["_id"] { id = text }
            if case .uint(let place)? = row["_row"] { id = ids[place]! }
            var label = LabelValue.withdrawn
            if case .uint(let value)? = row["_label"] { label = .number(Double(value)) }
            _ = model.log(
                TaskModel.Feedback(id: id, at: time(row["_at"]), label: label, observed: [:]))
        }
        if let clock = task.status.clock { model.advance(to: clock.microseconds) }
    }

    static func options(_ simulated: SimulatedStore, _ byteCount: Int, _ durability: Durability = .buffered)
        -> StoreOptions
    {
        var options = simulated.options(durability, memtableByteCount: byteCount)
        options.arrival = .eventTime
        return options
    }

    /// Closes the store and opens it as another process would.
    func reopen() throws {
        try store.close()
        simulated = SimulatedStore(disk)
        store = try Store.open(Self.path, options: Self.options(simulated, memtableByteCount))
        task = try store.task("t", schema: schema)
    }

    // MARK: Events

    func register(_ metric: Metric, _ windows: [Window]) throws {
        try task.registerMetric(metric, windows: windows)
        if !registered.contains(where: { $0.metric == metric }) { registered.append((metric, windows)) }
    }

    func register(_ segmentation: Segmentation) throws {
        try task.registerSegments(segmentation)
        guard !segments.contains(where: { $0.segmentation == segmentation }) else { return }
        var counts: [String: Int] = [:]
        for prediction in model.predictions { counts[segmentation.testName(prediction), default: 0] += 1 }
        let names = counts.keys.sorted { (-counts[$0]!, $0) < (-counts[$1]!, $1) }
        segments.append((segmentation, Array(names.prefix(segmentation.limit))))
    }

    func log(_ event: TaskEvents.Event) throws {
        switch event {
        case .prediction(let prediction):
            let before = task.status
            switch model.log(prediction) {
            case .stored, .known: try log(prediction)
            case .refused:
                do {
                    try log(prediction)
                    Issue.record("a second prediction \(prediction.id) was taken")
                } catch let error as StoreError {
                    #expect(error.code == .duplicateID)
                    #expect(error.message.contains(prediction.id))
                    var after = task.status
                    // A store that is full is sealed by any call, also by one that is refused.
                    after.viewByteCount = before.viewByteCount
                    #expect(after == before)
                }
            }
        case .feedback(let item):
            _ = model.log(item)
            try task.logFeedback(
                id: item.id, at: Timestamp(microseconds: item.at), label: item.label, observed: item.observed)
        case .reference(let epoch):
            model.epoch = epoch
            try task.logTrainingSet(TaskEvents.reference(schema, epoch: epoch), modelVersion: "v\(epoch)")
        }
    }

    func erase(_ ids: [String]) throws {
        model.erase(ids)
        try task.erase(ids: ids)
    }

    private func log(_ prediction: TaskModel.Prediction) throws {
        try task.logPrediction(
            id: prediction.id, at: Timestamp(microseconds: prediction.at), prediction: prediction.value,
            features: prediction.features, observed: prediction.observed)
    }

    // MARK: Comparisons

    /// Compares every window's counts, status and labeled value, and the status of the task, with the model.
    func checkAgainstModel(_ place: String) throws {
        let status = task.status
        #expect(status.predictions == model.predictions.count, "\(place)")
        #expect(status.labels == model.labelRowCount, "\(place)")
        #expect(status.pendingLabels == model.pendingCount, "\(place)")
        #expect(status.clock?.microseconds == model.clock, "\(place)")
        for (metric, windows) in registered {
            for window in windows {
                let rows = try task.metrics(metric, window: window)
                let intervals = model.intervals(window, paneWidth: status.paneWidth.microseconds)
                try #require(
                    rows.map { $0.end?.microseconds } == intervals.map(\.end),
                    "\(place): windows of \(metric) \(window)")
                for (row, interval) in zip(rows, intervals) { check(row, metric, interval, place) }
                for (segmentation, names) in segments {
                    try checkSlices(metric, window, segmentation, names, intervals, place)
                }
            }
        }
    }

    /// The slices of each prediction in the order in which they came.
    func slices(_ segmentation: Segmentation, _ names: [String]) -> [String] {
        var known = names
        return model.predictions.map { prediction in
            let name = segmentation.testName(prediction)
            if known.contains(name) { return name }
            guard known.count < segmentation.limit else {
                return segmentation.columns.joined(separator: ",") + ":other"
            }
            known.append(name)
            return name
        }
    }

    private func checkSlices(
        _ metric: Metric, _ window: Window, _ segmentation: Segmentation, _ names: [String],
        _ intervals: [(start: Int64?, end: Int64?)], _ place: String
    ) throws {
        let slices = slices(segmentation, names)
        let rows = try task.metrics(metric, window: window, segment: .by(segmentation.columns))
        var count = 0
        for name in Set(slices) {
            var part = model
            part.predictions = model.predictions.indices.filter { slices[$0] == name }.map { model.predictions[$0] }
            for interval in intervals where !part.rows(from: interval.start, to: interval.end).isEmpty {
                count += 1
                guard
                    let row = rows.first(where: { $0.segment == name && $0.end?.microseconds == interval.end })
                else {
                    Issue.record("\(place): no row of \(name), \(metric) \(window)")
                    continue
                }
                check(row, metric, interval, place, of: part)
            }
        }
        #expect(rows.count == count, "\(place): rows of slices by \(segmentation), \(metric) \(window)")
    }

    private func check(
        _ row: MetricRow, _ metric: Metric, _ interval: (start: Int64?, end: Int64?), _ place: String,
        of part: TaskModel? = nil
    ) {
        let model = part ?? model
        let known = model.rows(from: interval.start, to: interval.end)
        let unlabeled = known.count { $0.label == nil }
        #expect(row.labeledCount == known.count - unlabeled, "\(place): \(row)")
        #expect(row.unlabeledCount == unlabeled, "\(place): \(row)")
        let isClose = TaskHarness.isClose(row.labeledValue, TaskModel.value(metric, known))
        #expect(
            isClose, "\(place): \(row), labeled \(row.labeledValue as Any) for \(TaskModel.value(metric, known) as Any)"
        )
        if row.window.hasPrefix("trailing") {
            #expect(row.status == "open")
        } else {
            let status = model.status(
                end: interval.end, unlabeled: unlabeled, lateness: schema.allowedLateness,
                horizon: schema.labelHorizon)
            #expect(row.status == status, "\(place): \(row)")
        }
    }

    static func isClose(_ a: Double?, _ b: Double?) -> Bool {
        guard let a, let b else { return a == nil && b == nil }
        return abs(a - b) <= 1e-12 * max(1, abs(b))
    }

    /// The rows as they are now, without what depends on when they were published and asked for.
    func comparableRows() throws -> [MetricRow] { try Self.comparable(task.metrics(segment: .every)) }

    static func comparable(_ rows: [MetricRow]) -> [MetricRow] {
        rows.map { row in
            var row = row
            row.revision = 0
            row.computedAt = nil
            return row
        }
        .sorted {
            ($0.metric, $0.window, $0.segment ?? "", $0.start?.microseconds ?? 0)
                < ($1.metric, $1.window, $1.segment ?? "", $1.start?.microseconds ?? 0)
        }
    }

    /// The same rows from a task that gets the final set of events only: each prediction in its epoch in order of time,
    /// then the feedback that counts.
    func recomputedRows() throws -> [MetricRow] {
        let fresh = try TaskHarness(schema)
        for (metric, windows) in registered { try fresh.register(metric, windows) }
        // Slices beyond a limit depend on the order in which they came, which is another here.
        for (segmentation, _) in segments where segmentation.limit >= 20 { try fresh.register(segmentation) }
        for epoch in -1...max(-1, model.epoch) {
            if epoch >= 0 { try fresh.log(.reference(epoch)) }
            for prediction in model.predictions.filter({ $0.epoch == epoch }).sorted(by: { $0.at < $1.at }) {
                try fresh.log(.prediction(prediction))
            }
        }
        for prediction in model.predictions.sorted(by: { $0.id < $1.id }) {
            guard let item = model.effective(prediction.id), item.label != .withdrawn else { continue }
            try fresh.log(.feedback(item))
        }
        if let clock = model.clock { try fresh.task.advance(to: Timestamp(microseconds: clock)) }
        if task.status.paneWidth != fresh.task.status.paneWidth {
            Issue.record("panes of \(task.status.paneWidth), fresh \(fresh.task.status.paneWidth)")
        }
        return try fresh.comparableRows()
    }

    func checkAgainstRecomputation(_ place: String) throws {
        let limited = segments.filter { $0.segmentation.limit < 20 }.map { "\($0.segmentation)" }
        let rows = try comparableRows().filter { row in
            !limited.contains { row.segment?.hasPrefix($0.prefix { $0 != "," }) ?? false && row.segment!.contains(",") }
        }
        let fresh = try recomputedRows()
        #expect(rows.count == fresh.count, "\(place)")
        for (row, other) in zip(rows, fresh) where !row.isIdentical(to: other) {
            Issue.record("\(place): \(row.values)\nrecomputed: \(other.values)")
        }
    }

    /// Compares the view `predictions_with_labels` with the model, row for row.
    func checkLabeledScan(_ place: String) throws {
        var number = 0
        let scan = try task.predictionsWithLabels.scan()
        while let batch = try scan.next() {
            for row in 0..<batch.rowCount {
                let prediction = model.predictions[number]
                let item = model.effective(prediction.id)
                #expect(batch[row, "_id"] == .string(prediction.id), "\(place)")
                let isLabeled = item.map { $0.label != .withdrawn } ?? false
                let label = model.row(prediction).label
                #expect(
                    batch.doubles(of: "_label")[row].isNaN ? label == nil : batch.doubles(of: "_label")[row] == label)
                let at: Value = isLabeled ? .timestamp(Timestamp(microseconds: item!.at)) : .null
                #expect(batch[row, "_label_at"] == at, "\(place): \(prediction.id)")
                let tip = item?.observed["tip"] ?? prediction.observed["tip"] ?? .null
                #expect(batch[row, "tip"] == tip, "\(place): \(prediction.id)")
                #expect(batch[row, "place"] == prediction.features["place"] ?? .null, "\(place): \(prediction.id)")
                number += 1
            }
        }
        #expect(number == model.predictions.count, "\(place)")
    }

    /// The rows of the table `metrics`, each window's revisions checked: from 1, one by one.
    @discardableResult
    func checkPublished(_ place: String) throws -> [MetricRow] {
        let rows = try Self.published(store)
        if let defect = Self.defect(ofRevisions: rows) { Issue.record("\(place): \(defect)") }
        return rows
    }

    static func published(_ store: Store) throws -> [MetricRow] {
        var rows: [MetricRow] = []
        try store.table("t/metrics").scan().forEach { batch in
            for row in 0..<batch.rowCount { rows.append(MetricTable.row(batch, row, task: "t")) }
        }
        return rows
    }

    static func defect(ofRevisions rows: [MetricRow]) -> String? {
        var newest: [[String]: Int] = [:]
        for row in rows {
            // A trailing window is one window that moves.
            let start = row.window.hasPrefix("trailing") ? "" : "\(row.start as Any)"
            let key = [row.metric, row.window, row.segment ?? "", start]
            let expected = newest[key, default: 0] + 1
            if row.revision < expected { return "\(row) has revision \(row.revision) again" }
            newest[key] = row.revision
        }
        return nil
    }
}

extension MetricRow {
    func isIdentical(to other: MetricRow) -> Bool {
        zip(values, other.values).allSatisfy { $0.isIdentical(to: $1) }
    }
}

extension Segmentation {
    /// The name of a prediction's slice, where no value has a comma.
    func testName(_ prediction: TaskModel.Prediction) -> String {
        columns.map { column in
            switch prediction.features[column] ?? prediction.observed[column] ?? .null {
            case .string(let text): "\(column)=\(text)"
            case .int(let number): "\(column)=\(number)"
            case .uint(let number): "\(column)=\(number)"
            default: "\(column):null"
            }
        }.joined(separator: ",")
    }
}
