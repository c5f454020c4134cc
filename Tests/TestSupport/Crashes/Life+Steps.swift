import ColumnFormat
import ColumnStore
import Drumlin

/// What happens in a life.
extension Life {
    /// One step, as the seed says.
    func step() throws {
        guard let store else { return }
        if let interruptionFailure { throw interruptionFailure }
        do {
            try choose(store)
        } catch let error as StoreError {
            guard plan.hasFaults, error.code == .noSpace else { throw error }
            try makeRoom()
        }
    }

    private func choose(_ store: Store) throws {
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<30: try append()
        case 30..<52: try task == nil ? append() : logPrediction()
        case 52..<66: try task == nil ? append() : logFeedback()
        case 66..<70: try eraseRows(store)
        case 70..<74: try erasePrediction()
        case 74..<79:
            say("seal")
            // Calls that come meanwhile are not covered.
            let count = model.callCount
            try store.seal()
            change { $0.noteDurable(count) }
        case 79..<82:
            say("sync")
            try store.sync()
            change { $0.noteDurable() }
        case 82..<90:
            let milliseconds = [1, 12, 150].randomElement(using: &random)!
            say("\(milliseconds) ms pass")
            simulated.advance(milliseconds: milliseconds)
        case 90..<92:
            say("compact")
            let count = model.callCount
            _ = try simulated.exclusively { try store.compact() }
            change { $0.noteDurable(count) }
        case 92..<94: try setMetadata(store)
        case 94: try useTemporaryTable(store)
        case 95, 96: try changeSchema(store)
        case 97: try plan.hasRetention ? setRetention(store) : registerMetric()
        case 98: try plan.hasRetention ? applyRetention(store) : logReference()
        default: try advanceClock()
        }
    }

    // MARK: Definitions

    /// Makes the tables and the task that are not there, in an order that the seed chooses.
    func makeDefinitions() throws {
        guard let store else { return }
        for name in ["a", "b"].shuffled(using: &random) where !model.definitions.tables.contains(name) {
            try define("create \(name)") {
                $0.tables.insert(name)
            } body: {
                _ = try store.createTable(name, schema: LifeRows.schema)
            }
        }
        guard plan.hasTask, !isTaskLeftAlone else { return }
        if !model.definitions.hasTask {
            try define("create the task") {
                $0.hasTask = true
            } body: {
                task = try store.task("t", schema: LifeTask.schema)
            }
        }
        if model.definitions.registrationCount == 0 { try registerMetric() }
        if plan.hasRetention, model.definitions.registrationCount == 1 { try registerMetric() }
        if plan.hasRetention, !model.definitions.hasReference { try logReference() }
    }

    /// A change of the manifest, durable when it returns.
    private func define(
        _ text: @autoclosure () -> String, _ change: (inout LifeModel.Definitions) -> Void, body: () throws -> Void
    ) throws {
        say(text())
        var wanted = model.definitions
        change(&wanted)
        self.change { $0.attemptedDefinitions.append(wanted) }
        try body()
        self.change { model in
            model.definitions = wanted
            model.attemptedDefinitions = []
        }
    }

    private func setMetadata(_ store: Store) throws {
        let value = UInt8.random(in: 0...255, using: &random)
        try define("set metadata to \(value)") {
            $0.metadata = value
        } body: {
            try store.setMetadata([LifeRows.metadataKey: [value]])
        }
    }

    private func useTemporaryTable(_ store: Store) throws {
        let name = "temporary-\(model.callCount)"
        guard !model.definitions.tables.contains(name) else { return }
        try define("create \(name)") {
            $0.tables.insert(name)
        } body: {
            _ = try store.createTable(name, schema: LifeRows.schema)
        }
        change { $0.begin { _ in } }
        try store.table(name).append(rows: [["id": "x", "call": 0]])
        change { $0.noteAcknowledged(store.options.durability) }
        guard chance(0.8) else { return }
        try define("drop \(name)") {
            $0.tables.remove(name)
        } body: {
            try store.dropTables([name])
        }
    }

    private func changeSchema(_ store: Store) throws {
        let table = try store.table("b")
        let number = model.definitions.schemaChangeCount
        guard number < LifeRows.changes.count else { return }
        try define("change \(number) of b's schema") {
            $0.schemaChangeCount += 1
        } body: {
            try LifeRows.changes[number](table)
        }
    }

    private func setRetention(_ store: Store) throws {
        let kept = Int.random(in: 8...20, using: &random)
        let isOfTask = task != nil && chance(0.5)
        change { model in
            if isOfTask {
                model.keptPredictions = min(model.keptPredictions ?? kept, kept)
            } else {
                model.keptRows = min(model.keptRows ?? kept, kept)
            }
        }
        try define("keep \(kept) rows of \(isOfTask ? "the predictions" : "a")") {
            if isOfTask { $0.keptPredictions = kept } else { $0.keptRows = kept }
        } body: {
            try simulated.exclusively {
                try store.setRetention(Retention(rowCount: kept), for: isOfTask ? "t/predictions" : "a")
            }
        }
    }

    private func applyRetention(_ store: Store) throws {
        say("apply retention")
        _ = try simulated.exclusively { try store.applyRetention() }
    }

    func registerMetric() throws {
        guard let task else { return }
        let number = model.definitions.registrationCount
        guard number < LifeTask.registrations.count else { return }
        let registration = LifeTask.registrations[number]
        try define("register \(registration.metric)") {
            $0.registrationCount += 1
        } body: {
            try task.registerMetric(registration.metric, windows: registration.windows)
            change { $0.events.append(.registration(number)) }
        }
        noteEvents()
    }

    func logReference() throws {
        guard let task, !model.definitions.hasReference else { return }
        try define("log the reference") {
            $0.hasReference = true
        } body: {
            try task.logTrainingSet(LifeTask.reference(), modelVersion: "v0")
            change { $0.events.append(.reference) }
        }
        noteEvents()
    }

    /// What is registered stands behind the events so far, whichever of them survive.
    private func noteEvents() { change { $0.states[$0.states.count - 1].eventCount = $0.events.count } }

    // MARK: Calls of a user's tables

    func append() throws {
        guard let store, model.definitions.tables.isSuperset(of: ["a", "b"]) else { return }
        let counts = (a: Int.random(in: 1...4, using: &random), b: Int.random(in: 0...3, using: &random))
        let call = model.last.callNumber
        let changes = model.definitions.schemaChangeCount
        func rows(_ count: Int, _ changes: Int) -> [LifeModel.UserRow] {
            (0..<count).map {
                LifeModel.UserRow(
                    call: call, place: $0, textByteCount: Int.random(in: 0...70, using: &random), changeCount: changes)
            }
        }
        let (first, second) = (rows(counts.a, 0), rows(counts.b, changes))
        say("append \(counts.a) and \(counts.b) rows, call \(model.callCount + 1)")
        change { model in
            model.rowsA += first
            model.rowsB += second
            model.begin { state in
                state.a += counts.a
                state.b += counts.b
            }
        }
        try LifeRows.append(first, second, changes: changes, to: store)
        change { $0.noteAcknowledged(store.options.durability) }
    }

    func eraseRows(_ store: Store) throws {
        guard model.definitions.tables.contains("a"), model.last.a > 0 else { return }
        let end = model.last.a
        let rows = (0..<2).map { _ in UInt64(Int.random(in: max(0, end - 12)..<end, using: &random)) }
        let ids = rows.map { Value.string(LifeRows.id(model.rowsA[Int($0)])) }
        say("erase rows \(rows) of a")
        change { $0.begin { $0.erasedA.formUnion(RowSet(rows)) } }
        // Nothing is synced where nothing is left to be erased.
        if try store.table("a").erase(where: .in("id", ids)) > 0 { change { $0.noteDurable() } }
    }

    // MARK: Events of the task

    func logPrediction() throws {
        guard let task, let store else { return }
        let count = chance(0.2) ? 3 : 1
        var batch: [LifeModel.Prediction] = []
        for _ in 0..<count {
            eventTime += Int64.random(in: 1...9, using: &random) * 1_800_000_000
            batch.append(
                LifeModel.Prediction(
                    number: nextPrediction, at: eventTime, score: Double(Int.random(in: 0...16, using: &random)) / 16))
            nextPrediction += 1
        }
        say("log predictions \(batch.map(\.number)), call \(model.callCount + 1)")
        change { model in
            let first = model.predictions.count
            model.predictions += batch
            model.events += (first..<first + count).map { .prediction(row: $0) }
            model.begin { state in
                state.predictions += count
                state.clock = max(state.clock ?? .min, batch[count - 1].at)
            }
        }
        try LifeTask.log(batch, to: task)
        change { $0.noteAcknowledged(store.options.durability) }
    }

    /// Early, late, corrected and withdrawn feedback, none of it twice.
    func logFeedback() throws {
        guard let task, let store else { return }
        let number = max(0, nextPrediction + Int.random(in: -6...2, using: &random))
        eventTime += 1
        let label: Double? = chance(0.2) ? nil : Double(Int.random(in: 0...1, using: &random))
        let row = model.row(ofPrediction: number, in: model.last)
        say("feedback \(label.map { "\($0)" } ?? "withdrawn") for \(number), call \(model.callCount + 1)")
        let item = LifeModel.Label(number: number, at: eventTime, label: label, row: row)
        change { model in
            model.events.append(.label(row: model.labels.count))
            model.labels.append(item)
            model.begin { state in
                state.labels += 1
                state.clock = max(state.clock ?? .min, item.at)
            }
        }
        try LifeTask.log(item, to: task)
        change { $0.noteAcknowledged(store.options.durability) }
    }

    func erasePrediction() throws {
        guard let task, nextPrediction > 0 else { return }
        let number = max(0, nextPrediction + Int.random(in: -6...1, using: &random))
        // A session without the task seals its rows, and the clock is then that of those which are left.
        guard !plan.leavesTaskAlone || hasClock(without: number) else { return }
        say("erase prediction \(number)")
        change { model in
            let row = model.row(ofPrediction: number, in: model.last)
            let labels = (0..<model.last.labels).filter { model.labels[$0].number == number }.map { UInt64($0) }
            model.begin { state in
                if let row { state.erasedPredictions.formUnion(RowSet([row])) }
                state.erasedLabels.formUnion(RowSet(labels))
            }
        }
        let summary = try task.erase(ids: [LifeTask.id(number)])
        if summary.predictions + summary.labels > 0 { change { $0.noteDurable() } }
    }

    /// Whether the rows still say where the clock is when a prediction and its labels are gone.
    private func hasClock(without number: Int) -> Bool {
        let state = model.last
        let predictions = (0..<state.predictions).filter {
            !state.erasedPredictions.contains(UInt64($0)) && model.predictions[$0].number != number
        }
        let labels = (0..<state.labels).filter {
            !state.erasedLabels.contains(UInt64($0)) && model.labels[$0].number != number
        }
        return (predictions.map { model.predictions[$0].at } + labels.map { model.labels[$0].at }).max() == state.clock
    }

    func advanceClock() throws {
        guard let task, let store, !plan.leavesTaskAlone else { return }
        eventTime += Int64.random(in: 1...30, using: &random) * 3_600_000_000
        say("advance the clock")
        change { $0.begin { $0.clock = max($0.clock ?? .min, eventTime) } }
        try task.advance(to: Timestamp(microseconds: eventTime))
        change { $0.noteAcknowledged(store.options.durability) }
    }

    // MARK: Within maintenance

    /// Calls that come while maintenance, or a seal, has read and not yet committed.
    func interrupt() {
        guard store != nil, interruptionFailure == nil, chance(0.4) else { return }
        do {
            say("meanwhile:")
            try chance(0.5) ? append() : task == nil ? append() : logPrediction()
            if chance(0.3), let store { try eraseRows(store) }
        } catch let error as StoreError {
            interruptionFailure = error
        } catch {}
    }
}

extension LifeModel {
    /// What a call that has returned has promised.
    mutating func noteAcknowledged(_ durability: Durability) {
        if durability != .buffered { writtenCount = callCount }
        if durability == .durable { durableCount = callCount }
    }
}
