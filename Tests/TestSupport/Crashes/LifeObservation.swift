import ColumnFormat
import ColumnStore
import Drumlin

/// What a store holds of a life, read and compared: the one place that says what must hold after a crash.
///
/// - What was acknowledged as durable ⊆ what is there ⊆ what was appended; it is a prefix of the log's order, of whole calls.
/// - Every row reads as it was written, in a scan and by its id; what was erased is not found.
/// - The metrics are those that a fresh store computes from the same rows, and nothing is published twice.
/// - What the manifest says is what was acknowledged, or the change that was being made.
struct LifeObservation: Equatable {
    /// After how many calls the store stands.
    let callCount: Int
    let definitions: LifeModel.Definitions
    let firstRows: [UInt64]
    let liveLabels: [UInt64]
    let metrics: [MetricRow]

    private struct Ends {
        var firstRow: UInt64 = 0
        var endRow: UInt64 = 0
        var erased = RowSet()
    }

    /// Throws ``Violation`` where the store holds what it must not, or lacks the first `promised` calls.
    init(
        _ store: Store, _ task: MonitoredTask?, _ model: LifeModel, promised: Int, _ expectations: LifeMetrics,
        isThorough: Bool
    ) throws {
        let definitions = try Self.definitions(of: store, task, like: model.definitions)
        guard definitions == model.definitions || model.attemptedDefinitions.contains(definitions) else {
            throw Violation("the manifest says \(definitions), acknowledged was \(model.definitions)")
        }
        self.definitions = definitions
        func ends(_ name: String) -> Ends {
            store.read { core in
                core.table(named: name).map { Ends(firstRow: $0.firstRow, endRow: $0.endRow, erased: $0.erased) }
                    ?? Ends()
            }
        }
        let (a, b) = (ends("a"), ends("b"))
        let (predictions, labels) = (ends("t/predictions"), ends("t/labels"))
        try Self.checkRetention(a, model.keptRows, "a")
        try Self.checkRetention(predictions, model.keptPredictions, "the predictions")
        guard b.firstRow == 0, b.erased.isEmpty else { throw Violation("rows of b are gone") }
        let clock = task?.status.clock?.microseconds
        func matches(_ state: LifeModel.State) -> Bool {
            guard state.a == a.endRow, state.b == b.endRow, state.predictions == predictions.endRow,
                state.labels == labels.endRow, task == nil || state.clock == clock,
                state.erasedA.intersection(a.firstRow..<UInt64.max) == a.erased,
                state.erasedPredictions.intersection(predictions.firstRow..<UInt64.max) == predictions.erased
            else { return false }
            // Feedback goes with predictions that retention drops; of that more below.
            let erasedLabels = state.erasedLabels.intersection(labels.firstRow..<UInt64.max)
            return predictions.firstRow > 0
                ? erasedLabels.subtracting(labels.erased).isEmpty : erasedLabels == labels.erased
        }
        let all =
            "a \(a), b \(b), predictions \(predictions), labels \(labels), clock \(clock ?? -1), windows made of "
            + "\(task?.stateOrigin ?? "nothing"), \(store.isReadOnly ? "read" : "written")"
        guard let found = model.states.lastIndex(where: matches) else {
            throw Violation("no prefix of the calls gives \(all); the last, after \(model.callCount), is \(model.last)")
        }
        guard found >= promised else {
            throw Violation(
                "\(found) calls are there, of \(promised) that were acknowledged: \(all); \(model.states[promised])")
        }
        callCount = found
        firstRows = [a.firstRow, predictions.firstRow, labels.firstRow]
        let state = model.states[found]
        if definitions.tables.contains("a") {
            try Self.check(
                store.table("a"), model.rowsA, state.a, a.firstRow, state.erasedA, changes: 0, isThorough: isThorough)
        }
        if definitions.tables.contains("b") {
            try Self.check(
                store.table("b"), model.rowsB, state.b, 0, RowSet(), changes: definitions.schemaChangeCount,
                isThorough: isThorough)
        }
        guard let task else {
            (liveLabels, metrics) = ([], [])
            return
        }
        try Self.checkPredictions(store.table("t/predictions"), model, state, predictions.firstRow, isThorough)
        liveLabels = try Self.checkLabels(store.table("t/labels"), model, state, predictions.firstRow)
        if isThorough { try Self.checkPublished(store) }
        metrics = try LifeMetrics.comparable(task)
        let expected = try expectations.rows(model, found, definitions)
        guard LifeMetrics.isIdentical(metrics, expected) else {
            throw Violation(
                "after \(found) calls, with windows made of \(task.stateOrigin), the metrics are\n"
                    + metrics.map { "  \($0.values)\n" }.joined() + "and from the rows\n"
                    + expected.map { "  \($0.values)\n" }.joined())
        }
    }

    // MARK: The manifest

    private static func definitions(
        of store: Store, _ task: MonitoredTask?, like known: LifeModel.Definitions
    ) throws -> LifeModel.Definitions {
        var definitions = LifeModel.Definitions()
        definitions.tables = Set(store.tables.map(\.name).filter { !$0.contains("/") })
        definitions.hasTask = store.taskNames == ["t"]
        definitions.metadata = store.metadata(LifeRows.metadataKey)?.first
        if definitions.tables.contains("b") {
            definitions.schemaChangeCount = LifeRows.changeCount(try store.table("b").schema)
        }
        if definitions.tables.contains("a") { definitions.keptRows = try store.retention(of: "a")?.rowCount }
        guard let task else {
            // Of a task that is left alone nothing is seen.
            guard definitions.hasTask else { return definitions }
            definitions.registrationCount = known.registrationCount
            definitions.hasReference = known.hasReference
            definitions.keptPredictions = known.keptPredictions
            return definitions
        }
        definitions.registrationCount = task.registeredMetrics.count
        definitions.hasReference = !task.status.modelVersions.isEmpty
        definitions.keptPredictions = try store.retention(of: "t/predictions")?.rowCount
        return definitions
    }

    private static func checkRetention(_ ends: Ends, _ kept: Int?, _ name: String) throws {
        guard ends.firstRow > 0 else { return }
        guard let kept, ends.endRow - ends.firstRow >= UInt64(kept) else {
            throw Violation("rows of \(name) below \(ends.firstRow) of \(ends.endRow) were dropped")
        }
    }

    // MARK: Rows

    private static func check(
        _ table: Table, _ rows: [LifeModel.UserRow], _ count: Int, _ firstRow: UInt64, _ erased: RowSet, changes: Int,
        isThorough: Bool
    ) throws {
        var next = Int(firstRow)
        func skipErased() { while next < count, erased.contains(UInt64(next)) { next += 1 } }
        try table.scan().forEach { batch in
            let numbers = batch.rowNumbers
            for (place, number) in numbers.enumerated() {
                skipErased()
                guard next < count, number == UInt64(next) else {
                    throw Violation("\(table.name) has row \(number) where \(next) of \(count) is expected")
                }
                if let difference = LifeRows.difference(batch, place, rows[next], changes: changes) {
                    throw Violation("row \(number) of \(table.name): \(difference)")
                }
                next += 1
            }
        }
        skipErased()
        guard next == count else { throw Violation("\(table.name) ends before row \(next) of \(count)") }
        let live = count - Int(firstRow) - erased.intersection(firstRow..<UInt64(count)).count
        guard try table.rowCount == live else { throw Violation("\(table.name) counts \(try table.rowCount) rows") }
        let step = isThorough ? 1 : max(1, count / 3)
        for row in stride(from: 0, to: count, by: step) {
            let isLive = row >= Int(firstRow) && !erased.contains(UInt64(row))
            let found = try table.lookup("id", .string(LifeRows.id(rows[row])))
            guard found == (isLive ? UInt64(row) : nil) else {
                throw Violation("row \(row) of \(table.name) is looked up as \(String(describing: found))")
            }
        }
        guard try table.lookup("id", "no such id") == nil else { throw Violation("an id is found that is not there") }
    }

    private static func checkPredictions(
        _ table: Table, _ model: LifeModel, _ state: LifeModel.State, _ firstRow: UInt64, _ isThorough: Bool
    ) throws {
        var next = Int(firstRow)
        func skipErased() {
            while next < state.predictions, state.erasedPredictions.contains(UInt64(next)) { next += 1 }
        }
        try table.scan(columns: ["_id", "_at", "_score", "x"]).forEach { batch in
            for place in 0..<batch.rowCount {
                skipErased()
                guard next < state.predictions else { throw Violation("predictions that nobody logged") }
                let item = model.predictions[next]
                guard batch[place, "_id"] == .string(LifeTask.id(item.number)),
                    batch[place, "_at"] == .timestamp(Timestamp(microseconds: item.at)),
                    batch[place, "_score"] == .float64(item.score), batch[place, "x"] == .float64(Double(item.number))
                else { throw Violation("prediction \(next) is \(batch[place, "_id"]), not \(item)") }
                next += 1
            }
        }
        skipErased()
        guard next == state.predictions else { throw Violation("predictions end before row \(next)") }
        for row in stride(from: 0, to: state.predictions, by: isThorough ? 1 : max(1, state.predictions / 2)) {
            let isLive = row >= Int(firstRow) && !state.erasedPredictions.contains(UInt64(row))
            let found = try table.lookup("_id", .string(LifeTask.id(model.predictions[row].number)))
            guard found == (isLive ? UInt64(row) : nil) else {
                throw Violation("prediction \(row) is looked up as \(String(describing: found))")
            }
        }
    }

    /// Gives the rows that are there. Feedback whose prediction was dropped may be there or not.
    private static func checkLabels(
        _ table: Table, _ model: LifeModel, _ state: LifeModel.State, _ firstPrediction: UInt64
    ) throws -> [UInt64] {
        var found: [UInt64] = []
        try table.scan().forEach { batch in
            for (place, number) in batch.rowNumbers.enumerated() {
                guard number < UInt64(state.labels), !state.erasedLabels.contains(number) else {
                    throw Violation("feedback \(number) is there")
                }
                let item = model.labels[Int(number)]
                guard batch[place, "_id"] == (item.row == nil ? .string(LifeTask.id(item.number)) : .null),
                    batch[place, "_row"] == (item.row.map { .uint($0) } ?? .null),
                    batch[place, "_at"] == .timestamp(Timestamp(microseconds: item.at)),
                    batch[place, "_label"] == (item.label.map { .uint(UInt64($0)) } ?? .null)
                else { throw Violation("feedback \(number) is \(batch[place, "_id"]), not \(item)") }
                found.append(number)
            }
        }
        let there = Set(found)
        for number in 0..<UInt64(state.labels) where !there.contains(number) && !state.erasedLabels.contains(number) {
            let row = model.row(ofPrediction: model.labels[Int(number)].number, in: state)
            guard firstPrediction > 0, row.map({ $0 < firstPrediction }) ?? true else {
                throw Violation("feedback \(number) is missing")
            }
        }
        return found
    }

    /// No value may be published twice.
    private static func checkPublished(_ store: Store) throws {
        var known = Set<[Value]>()
        try store.table("t/metrics").scan(columns: ["metric", "window", "window_start", "revision"]).forEach { batch in
            for place in 0..<batch.rowCount {
                let key = ["metric", "window", "window_start", "revision"].map { batch[place, $0] }
                guard known.insert(key).inserted else { throw Violation("published twice: \(key)") }
            }
        }
    }
}
