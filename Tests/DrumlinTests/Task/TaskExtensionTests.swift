import Drumlin
import TestSupport
import Testing

/// A task that is opened with more features than it had.
@Suite("Tasks with more features than before")
struct TaskExtensionTests {
    private let folder = TemporaryFolder()
    private static let first = Timestamp(microseconds: 1_583_020_800_000_000)

    private static func schema(_ more: [Feature], observed: [Feature] = []) -> TaskSchema {
        TaskSchema(
            kind: .binary(threshold: 0.5), features: [Feature("miles", .float32), Feature("zone", .category)] + more,
            observed: [Feature("tip", .float64)] + observed)
    }

    private func open() throws -> Store {
        var options = StoreOptions()
        options.arrival = .eventTime
        return try Store.open(folder.path("store"), options: options)
    }

    private static func log(_ numbers: Range<Int>, to task: MonitoredTask, _ features: [String: Value] = [:]) throws {
        for number in numbers {
            let at = Timestamp(microseconds: first.microseconds + Int64(number) * 60_000_000)
            try task.logPrediction(
                id: "p\(number)", at: at, prediction: .number(number % 2 == 0 ? 0.9 : 0.1),
                features: features.merging(["miles": .float32(Float(number)), "zone": "z"]) { $1 })
            try task.logFeedback(id: "p\(number)", at: at, label: .number(1))
        }
    }

    private static func reference(_ schema: TaskSchema) throws -> TrainingSet {
        let set = TrainingSet(schema: schema)
        for row in 0..<200 {
            var features: [String: Value] = ["miles": .float32(Float(row % 9)), "zone": "z"]
            if schema.features.contains(where: { $0.name == "hour" }) { features["hour"] = .int(Int64(row % 24)) }
            try set.append(
                prediction: .number(Double(row % 20) / 20), label: .number(Double(row % 2)), features: features)
        }
        return set
    }

    @Test func rowsFromBeforeAreNullInTheNewColumns() throws {
        var store = try open()
        var task = try store.task("t", schema: Self.schema([]))
        try task.registerMetric(.accuracy, windows: [.tumbling(.hours(1))])
        try task.logTrainingSet(try Self.reference(Self.schema([])), modelVersion: "1")
        try Self.log(0..<100, to: task)
        try store.seal()
        try Self.log(100..<150, to: task)
        let before = try task.metrics()
        try store.close()

        let wider = Self.schema([Feature("hour", .int16)], observed: [Feature("method", .category)])
        store = try open()
        task = try store.task("t", schema: wider)
        #expect(try task.metrics().map(\.labeledValue) == before.map(\.labeledValue))
        try task.logTrainingSet(try Self.reference(wider), modelVersion: "2")
        try Self.log(150..<200, to: task, ["hour": 7])
        let rows = try store.table("t/predictions").allRows()
        #expect(rows.count == 200 && rows[149]["hour"] == .null && rows[150]["hour"] == 7)
        #expect(rows[3]["miles"] == .float32(3) && rows[199]["method"] == .null)
        let names = try store.table("t/predictions").schema.columns.map(\.name)
        #expect(Array(names.suffix(5)) == ["miles", "zone", "hour", "tip", "method"])
        let reference = try store.table("t/reference").allRows()
        #expect(reference.count == 400 && reference[0]["hour"] == .null && reference[201]["hour"] == 1)
        let metrics = try task.metrics()
        try store.close()

        store = try open()
        task = try store.task("t")
        #expect(task.schema.features.map(\.name) == ["miles", "zone", "hour"])
        #expect(try task.metrics() == metrics)
        #expect(try store.task("t", schema: wider).status == task.status)
        #expect(try store.table("t/labels").schema.columns.last?.name == "method")
        #expect(try store.table("t/predictions").lookup("_id", "p120") == 120)
    }

    @Test func onlyMoreFeaturesBehindTheOthersExtendATask() throws {
        var store = try open()
        _ = try store.task("t", schema: Self.schema([]))
        try store.close()
        let refused = [
            TaskSchema(kind: .binary(threshold: 0.5), features: ["miles": .float32]),
            TaskSchema(
                kind: .binary(threshold: 0.5), features: ["zone": .category, "miles": .float32],
                observed: ["tip": .float64]),
            TaskSchema(
                kind: .binary(threshold: 0.6), features: ["miles": .float32, "zone": .category, "x": .int8],
                observed: ["tip": .float64]),
            TaskSchema(
                kind: .binary(threshold: 0.5), features: ["miles": .float64, "zone": .category],
                observed: ["tip": .float64]),
        ]
        for schema in refused {
            store = try open()
            let error = #expect(throws: StoreError.self) { try store.task("t", schema: schema) }
            #expect(error?.code == .schemaMismatch)
            try store.close()
        }
        store = try open()
        let task = try store.task("t", schema: Self.schema([]))
        let error = #expect(throws: StoreError.self) { try store.task("t", schema: Self.schema([Feature("x", .int8)])) }
        #expect(error?.remedy == "open it first with the schema that has more of them")
        #expect(throws: StoreError.self) { try store.table("t/predictions").addColumn(ColumnDefinition("x", .int8)) }
        try Self.log(0..<3, to: task)
    }
}
