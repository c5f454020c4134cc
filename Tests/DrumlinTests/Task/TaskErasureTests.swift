import ColumnFormat
import ColumnStore
import Drumlin
import TestSupport
import Testing

/// Ids that have to go from a task: the windows follow, at once and after whatever happens to the machine.
@Suite("Erasing ids of a task")
struct TaskErasureTests {
    private static let windows: [Window] = [.tumbling(.days(1)), .cumulative]

    @Test("Windows are those of the events that are left, whatever happens between", arguments: 0..<6)
    func randomErasures(seed: Int) throws {
        var random = TaskEvents(TaskEvents.kinds[seed % 3], seed: UInt64(seed) + 900)
        let events = random.sequence(count: 40, epochs: seed % 2)
        let harness = try TaskHarness(
            TaskEvents.schema(random.kind), memtableByteCount: [3_000, 1 << 20][seed / 3], seed: UInt64(seed))
        let metrics = TaskPropertyTests.metrics(random.kind)
        try harness.register(metrics[0], Self.windows)
        for (number, event) in events.enumerated() {
            try harness.log(event)
            if random.chance(0.12) {
                var ids = (0..<2).compactMap { _ in
                    harness.model.feedback.keys.sorted().randomElement(using: &random.generator)
                }
                ids += [harness.model.predictions.randomElement(using: &random.generator)?.id].compactMap { $0 }
                try harness.erase(ids + ["never logged"])
                try harness.checkAgainstModel("seed \(seed), erased after event \(number)")
            }
            switch Int.random(in: 0..<24, using: &random.generator) {
            case 0: try harness.store.seal()
            case 1: try harness.store.compact()
            case 2: try reopenAndCompare(harness, "seed \(seed), event \(number)")
            case 3: harness.simulated.advance(milliseconds: 1)
            default: break
            }
            if number % 40 == 39 { try harness.checkLabeledScan("seed \(seed), event \(number)") }
        }
        try harness.register(metrics[1], Self.windows)
        try harness.checkAgainstModel("seed \(seed), after a late registration")
        try harness.checkAgainstRecomputation("seed \(seed)")
        try reopenAndCompare(harness, "seed \(seed), at the end")
        try harness.store.compact()
        try reopenAndCompare(harness, "seed \(seed), compacted")
        try harness.checkAgainstModel("seed \(seed), compacted")
        try harness.checkPublished("seed \(seed)")
    }

    private func reopenAndCompare(_ harness: TaskHarness, _ place: String) throws {
        let before = (rows: try harness.task.metrics(), status: harness.task.status)
        try harness.reopen()
        let after = (rows: try harness.task.metrics(), status: harness.task.status)
        #expect(before.rows.count == after.rows.count, "\(place)")
        for (old, new) in zip(before.rows, after.rows) where !old.isIdentical(to: new) {
            Issue.record("\(place), before: \(old.values)\nafter: \(new.values)")
            break
        }
        #expect(before.status.predictions == after.status.predictions, "\(place)")
        #expect(before.status.labels == after.status.labels, "\(place)")
        #expect(before.status.pendingLabels == after.status.pendingLabels, "\(place)")
    }

    @Test("Nothing of an id is on the disk after a compaction")
    func bytesAreGone() throws {
        let harness = try TaskHarness(TaskCrashTests.schema)
        try harness.register(.accuracy, Self.windows)
        let task = harness.task
        for number in 0..<50 {
            let at = Timestamp(microseconds: TaskEvents.first + Int64(number) * 60_000_000)
            try task.logPrediction(
                id: number == 20 ? "someone-else" : "p\(number)", at: at, prediction: .number(Double(number) / 50),
                features: ["x": .float64(number == 20 ? 1234.0625 : Double(number))])
            if number == 25 { try harness.store.seal() }
        }
        let at = Timestamp(microseconds: TaskEvents.first + 1)
        try task.logFeedback(id: "someone-else", at: at, label: 1)
        try task.logFeedback(id: "someone-early", at: at, label: 1)
        try harness.store.seal()
        try task.logFeedback(id: "someone-early", at: Timestamp(microseconds: TaskEvents.first + 2), label: 0)
        #expect(task.status.pendingLabels == 1)
        func places(_ bytes: [UInt8]) -> [String] {
            harness.disk.filePaths.filter { path in
                let all = harness.disk.contents(of: path)!
                return all.count >= bytes.count
                    && (0...all.count - bytes.count).contains {
                        all[$0] == bytes[0] && all[$0..<$0 + bytes.count].elementsEqual(bytes)
                    }
            }
        }
        #expect(!places(Array("someone-early".utf8)).isEmpty)
        let summary = try task.erase(ids: ["someone-else", "someone-early", "nobody"])
        #expect(summary == task.summary(predictions: 1, labels: 3, unknownIDs: 1))
        #expect(try task.erase(ids: ["someone-else"]) == task.summary(predictions: 0, labels: 0, unknownIDs: 1))
        #expect(task.status.predictions == 49 && task.status.labels == 0 && task.status.pendingLabels == 0)
        try harness.store.compact()
        for secret in ["someone-else", "someone-early", "someone"] { #expect(places(Array(secret.utf8)) == []) }
        // The value of its feature, plain or as the integer that an encoding may store.
        let secret = unsafe withUnsafeBytes(of: (1234.0625).bitPattern) { unsafe Array($0) }
        #expect(places(secret) == [])
        try harness.reopen()
        #expect(harness.task.status.predictions == 49)
        try harness.task.logPrediction(id: "someone-else", at: at, prediction: .number(0.5), features: [:])
        #expect(harness.task.status.predictions == 50)
        #expect(try harness.store.table("t/predictions").lookup("_id", "someone-else") == 50)
    }

    @Test("No file has a value of what was erased: segments, logs, index runs, checkpoints, reference, manifest")
    func everyValueIsGone() throws {
        let schema = TaskSchema(
            kind: .regression, features: ["x": .float64, "town": .category],
            observed: ["tip": .float64, "remark": .string], bucketing: .scoreQuantiles(2))
        let harness = try TaskHarness(schema)
        try harness.register(.mae, Self.windows)
        let (task, store) = (harness.task, harness.store)
        let set = TrainingSet(schema: schema)
        for row in 0..<60 {
            try set.append(
                prediction: .number(Double(row)), label: .number(row == 30 ? 8_888.015625 : Double(row) + 0.5),
                features: ["x": .float64(Double(row)), "town": .string(row == 30 ? "Hidden-on-Sea" : "Ford")])
        }
        try task.logTrainingSet(set, modelVersion: "v0")
        func secret(_ number: Int) -> [String: Value] {
            ["x": .float64(1_234.0625 + Double(number)), "town": .string("Secret-\(number)-ville")]
        }
        for number in 0..<90 {
            let at = Timestamp(microseconds: TaskEvents.first + Int64(number) * 60_000_000)
            let isSecret = number % 30 == 7
            try task.logPrediction(
                id: isSecret ? "person-\(number)-x" : "p\(number)", at: at, prediction: .number(Double(number)),
                features: isSecret ? secret(number) : ["x": .float64(Double(number)), "town": .string("Ford")],
                observed: isSecret ? ["remark": .string("note of person \(number)")] : [:])
            if number == 40 { try store.seal() }
        }
        let ids = [7, 37, 67].map { "person-\($0)-x" } + ["person-early-x"]
        for (place, id) in ids.enumerated() {
            // Corrected, and some before a seal and some after.
            for (step, label) in [7_777.03125, 6_666.046875].enumerated() {
                try task.logFeedback(
                    id: id, at: Timestamp(microseconds: TaskEvents.first + Int64(step + 1)), label: .number(label),
                    observed: ["tip": .float64(5_555.078125), "remark": .string("paid by person \(place)")])
                if place == 1 { try store.seal() }
            }
        }
        try task.logFeedback(id: "p3", at: Timestamp(microseconds: TaskEvents.first), label: 4)
        let texts = ["person", "Secret-", "Hidden-on-Sea"]
        let numbers = [1_241.0625, 1_271.0625, 1_301.0625, 7_777.03125, 6_666.046875, 5_555.078125, 8_888.015625]
        var wanted = texts.map { Array($0.utf8) }
        for number in numbers { wanted.append(unsafe withUnsafeBytes(of: number.bitPattern) { unsafe Array($0) }) }
        // Printed, and as an encoding may have them: with their powers of two, or of ten, taken out.
        wanted += numbers.map { Array("\($0)".utf8) }
        wanted += numbers.map { number in unsafe withUnsafeBytes(of: Int64(number * 1e6)) { unsafe Array($0.prefix(6)) }
        }
        func found(_ bytes: [UInt8]) -> [String] {
            harness.disk.filePaths.filter { path in
                let all = harness.disk.contents(of: path)!
                return all.count >= bytes.count
                    && (0...all.count - bytes.count).contains {
                        all[$0] == bytes[0] && all[$0..<$0 + bytes.count].elementsEqual(bytes)
                    }
            }
        }
        #expect(texts.allSatisfy { !found(Array($0.utf8)).isEmpty })
        let published = try store.table("t/metrics").allRows()
        #expect(try task.erase(ids: ids) == task.summary(predictions: 3, labels: 8, unknownIDs: 0))
        #expect(try task.eraseReferenceRows(where: .equal("town", "Hidden-on-Sea")) == 1)
        try store.compact()
        for secret in wanted { #expect(found(secret) == [], "\(String(decoding: secret, as: UTF8.self))") }
        try checkDecoded(store, texts: texts, numbers: numbers)
        // Aggregates that were published stay.
        #expect(try store.table("t/metrics").allRows().starts(with: published))
        try harness.reopen()
        try harness.store.compact()
        for secret in wanted { #expect(found(secret) == []) }
        #expect(harness.task.status.predictions == 87 && harness.task.status.labels == 1)
    }

    /// No encoding hides a value that bytes do not show; and the index has entries of live rows alone.
    private func checkDecoded(_ store: Store, texts: [String], numbers: [Double]) throws {
        for table in store.tables {
            let (state, segments) = try store.read { core throws(StoreError) in
                let state = try table.state(in: core)
                return (state, state.segments)
            }
            var keyCount = 0
            for segment in segments {
                for (column, definition) in segment.footer.schema.columns.enumerated() {
                    let builder = ColumnBuilder(type: definition.type)
                    try segment.read(column: column, rows: 0..<segment.rowCount, into: builder)
                    let slice = builder.snapshot()
                    for row in 0..<slice.count {
                        let value = slice.value(at: row)
                        if case .string(let text) = value { #expect(!texts.contains { text.contains($0) }) }
                        if case .float64(let number) = value { #expect(!numbers.contains(number)) }
                        if state.isIndexed(column), value != .null { keyCount += 1 }
                    }
                    for page in segment.footer.columns[column] {
                        for case .float64(let bound)? in [page.zone.minimum, page.zone.maximum] {
                            #expect(!numbers.contains(bound))
                        }
                    }
                }
            }
            #expect(state.runs.reduce(0) { $0 + $1.entryCount } == keyCount, "\(table.name)")
        }
    }

    @Test("Reference rows go by a condition")
    func referenceRows() throws {
        let harness = try TaskHarness(TaskCrashTests.schema)
        let set = TrainingSet(schema: TaskCrashTests.schema)
        for row in 0..<40 {
            try set.append(
                prediction: .number(Double(row) / 40), label: .number(row % 3 == 0 ? 1 : 0),
                features: ["x": .float64(Double(row))])
        }
        try harness.task.logTrainingSet(set, modelVersion: "v0")
        #expect(try harness.task.eraseReferenceRows(where: .equal("x", 7.0)) == 1)
        try harness.store.compact()
        #expect(try harness.store.table("t/reference").rowCount == 39)
        try harness.task.logTrainingSet(set, modelVersion: "v0")
        #expect(try harness.store.table("t/reference").rowCount == 39)
        let error = #expect(throws: StoreError.self) {
            try harness.store.table("t/predictions").erase(where: .isNotNull("_id"))
        }
        #expect(error?.code == .readOnly)
    }

    @Test("A crash within an erasure leaves all of an id or nothing, and windows that fit", arguments: [false, true])
    func crashes(isCompacted: Bool) throws {
        let filled = SimulatedFileSystem(seed: 3)
        try filled.createDirectory("/dir")
        try filled.syncDirectory("/")
        let workload = TaskCrashTests.Workload()
        try workload.run(filled, .durable)
        func erase(_ disk: SimulatedFileSystem, crashAfter count: Int?) throws -> Int {
            let simulated = SimulatedStore(disk)
            let store = try Store.open(TaskHarness.path, options: TaskHarness.options(simulated, 1_200, .durable))
            let task = try store.task("t", schema: TaskCrashTests.schema)
            let first = disk.operationCount
            if let count { disk.fail(at: first + count, .crash) }
            try task.erase(ids: ["p3", "p14", "p17"])
            if isCompacted { try store.compact() }
            return disk.operationCount - first
        }
        var counts = Set<Int>()
        for operation in 0..<(try erase(filled.crash(.everything), crashAfter: nil)) {
            let disk = filled.crash(.everything)
            do { _ = try erase(disk, crashAfter: operation) } catch is StoreError {}
            let place = "operation \(operation): \(disk.journal.last ?? "")"
            let recovered = try #require(
                try TaskHarness(recovering: disk.crash(.subset(seed: UInt64(operation))), schema: TaskCrashTests.schema)
            )
            counts.insert(recovered.model.predictions.count)
            try recovered.checkAgainstModel(place)
            let rows = try recovered.task.metrics()
            try recovered.store.compact()
            try recovered.reopen()
            for (old, new) in zip(rows, try recovered.task.metrics()) where !old.isIdentical(to: new) {
                Issue.record("\(place): \(old.values)\nafter: \(new.values)")
            }
        }
        #expect(counts == [16, 14])
    }
}

extension MonitoredTask {
    fileprivate func summary(predictions: Int, labels: Int, unknownIDs: Int) -> ErasureSummary {
        var summary = ErasureSummary()
        (summary.predictions, summary.labels, summary.unknownIDs) = (predictions, labels, unknownIDs)
        return summary
    }
}
