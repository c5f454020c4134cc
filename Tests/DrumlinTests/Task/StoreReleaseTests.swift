import ColumnStore
import Drumlin
import TestSupport
import Testing

/// A store that is closed and let go leaves nothing behind: neither itself, nor the disk that it was on.
struct StoreReleaseTests {
    private final class Watched {
        weak var store: Store?
        weak var core: StoreCore?
        weak var disk: SimulatedFileSystem?

        init(_ store: Store, _ disk: SimulatedFileSystem? = nil) {
            self.store = store
            self.disk = disk
            core = store.read { $0 }
        }

        var isGone: Bool { store == nil && core == nil && disk == nil }
    }

    private static let schema = TaskSchema(
        kind: .binary(), features: ["x": .int32], bucketing: .scoreQuantiles(2), labelHorizon: .days(2))

    /// A store that has had a bit of everything that holds on to something.
    private static func use(_ store: Store) throws {
        let rides = try store.createTable("rides", schema: EveryType.schema)
        try store.onAppend("rides") { _ in }
        try rides.append(rows: EveryType.rows(0..<20, seed: 1))
        let task = try store.task("t", schema: schema)
        try task.registerMetric(.accuracy, windows: [.tumbling(.hours(1))])
        try task.registerMetric("half", windows: [.tumbling(.hours(1))]) { _, _ in 0.5 }
        try task.registerSegments(["x"])
        try task.logTrainingSet(reference(), modelVersion: "v1")
        for number in 0..<200 {
            let at = Timestamp(microseconds: 1_583_020_800_000_000 + Int64(number) * 60_000_000)
            try task.logPrediction(
                id: "p\(number)", at: at, prediction: .number(Double(number % 10) / 10),
                features: ["x": .int(Int64(number % 3))])
            try task.logFeedback(id: "p\(number)", at: at, label: .number(Double(number % 2)))
        }
        _ = try task.metrics()
        try store.seal()
        _ = try store.compact()
    }

    private static func reference() throws -> TrainingSet {
        let set = TrainingSet(schema: schema)
        for row in 0..<40 {
            try set.append(
                prediction: .number(Double(row) / 40), label: .number(row % 3 == 0 ? 1 : 0),
                features: ["x": .int(Int64(row % 3))])
        }
        return set
    }

    @Test func aStoreWithThreadsOfItsOwn() throws {
        let folder = TemporaryFolder()
        func live() throws -> Watched {
            var options = StoreOptions()
            options.arrival = .eventTime
            let store = try Store.open(folder.path("store"), options: options)
            try Self.use(store)
            try store.close()
            return Watched(store)
        }
        #expect(try live().isGone)
    }

    @Test func aStoreOnASimulatedDisk() throws {
        func live() throws -> Watched {
            let disk = SimulatedFileSystem()
            try disk.createDirectory("/dir")
            let store = try Store.open("/dir/store", options: SimulatedStore(disk).options())
            try Self.use(store)
            try store.close()
            return Watched(store, disk)
        }
        #expect(try live().isGone)
    }

    @Test func aStoreWhosePowerWasLost() throws {
        func live() throws -> Watched {
            let disk = SimulatedFileSystem()
            try disk.createDirectory("/dir")
            let store = try Store.open("/dir/store", options: SimulatedStore(disk).options())
            try Self.use(store)
            disk.powerOff()
            return Watched(store, disk)
        }
        #expect(try live().isGone)
    }
}
