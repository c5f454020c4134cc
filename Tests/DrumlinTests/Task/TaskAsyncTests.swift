import Drumlin
import Synchronization
import TestSupport
import Testing

/// The forms that hold no thread while they wait.
@Suite(.timeLimit(.minutes(2)))
struct TaskAsyncTests {
    private static let schema = TaskSchema(kind: .binary(threshold: 0.5), features: ["x": .float32])
    private static let at = Timestamp(microseconds: 1_600_000_000_000_000)

    @Test(arguments: Durability.allCases)
    func manyCallsWaitWithFewThreads(durability: Durability) async throws {
        let base = SimulatedFileSystem()
        let disk = StallingFileSystem(base)
        var options = StoreOptions()
        options.environment.fileSystem = disk
        options.environment.logChunkByteCount = 64 << 10
        options.durability = durability
        options.memtableByteCount = 40 << 10
        let store = try Store.open("/s", options: options)
        let task = try store.task("t", schema: Self.schema)
        let table = try store.createTable("own", schema: Schema([ColumnDefinition("n", .int64)]))
        try await store.sync()
        // More calls than a machine has threads for tasks; all of them wait for one disk.
        disk.stall([.sync, .write])
        let finished = Counter()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<300 {
                group.addTask {
                    let id = "p\(number)"
                    try await task.logPrediction(id: id, at: Self.at, prediction: 0.9, features: [:])
                    let sequence = store.status.nextSequence
                    #expect(sequence > 1)
                    try await task.logFeedback(id: id, at: Self.at, label: 1)
                    try await table.append(rows: [["n": .int(Int64(number))]])
                    finished.value.add(1, ordering: .relaxed)
                }
            }
            if durability != .buffered {
                // This task goes on although all of them wait.
                while task.status.predictions < 300 { await _Concurrency.Task.yield() }
                #expect(finished.value.load(ordering: .relaxed) == 0)
            }
            disk.resume()
            try await group.waitForAll()
        }
        #expect(finished.value.load(ordering: .relaxed) == 300)
        if durability == .durable { #expect(store.durableUpTo == store.status.nextSequence) }
        if durability == .written { #expect(store.status.writtenUpTo == store.status.nextSequence) }
        try await store.sync()
        let image = base.kill()
        let recovered = try Store.open("/s", options: SimulatedStore(image).options())
        let status = try recovered.task("t", schema: Self.schema).status
        #expect(status.predictions == 300 && status.labels == 300)
        #expect(try recovered.table("own").rowCount == 300)
        try recovered.close()
    }

    @Test func whatCannotBeLoggedIsThrown() async throws {
        let disk = SimulatedFileSystem()
        var options = SimulatedStore(disk).options(.durable)
        options.environment.makeExecutor = { ThreadExecutor(name: $0) }
        let store = try Store.open("/s", options: options)
        let task = try store.task("t", schema: Self.schema)
        try await task.logPrediction(id: "p", at: Self.at, prediction: 0.9, features: [:])
        await #expect(throws: StoreError.self) {
            try await task.logPrediction(id: "p", at: Self.at, prediction: 0.1, features: [:])
        }
        let batch = task.makePredictionBatch()
        for number in 0..<5 { try batch.append(id: "b\(number)", at: Self.at, score: 0.5, features: [0.0].span) }
        try await task.logPredictions(batch)
        #expect(task.status.predictions == 6)
        // A sync that fails is told to those who wait, and to all who come.
        disk.fail(at: disk.operationCount + 1, .inputOutput)
        for _ in 0..<3 {
            do throws(StoreError) {
                try await task.logFeedback(id: "p", at: Self.at, label: 1)
                Issue.record("it was taken")
            } catch {
                #expect(error.code == .poisoned)
            }
        }
        #expect(store.status.logFailure?.code == .poisoned)
        try? store.close()
        await #expect(throws: StoreError.self) {
            try await task.logPrediction(id: "q", at: Self.at, prediction: 0.9, features: [:])
        }
        await #expect(throws: (any Error).self) { try await store.sync() }
    }
}

private final class Counter: Sendable {
    let value = Atomic<Int>(0)
}
