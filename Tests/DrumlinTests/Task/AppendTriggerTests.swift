import Drumlin
import Synchronization
import TestSupport
import Testing

@Suite("A user's handler of appended rows")
struct AppendTriggerTests {
    /// The row numbers that a handler has seen, in order.
    private final class Seen: Sendable {
        private let numbers = Mutex<[UInt64]>([])

        var rows: [UInt64] { numbers.withLock { $0 } }

        func take(_ batch: Batch) { numbers.withLock { $0 += batch.rowNumbers } }
    }

    @Test(
        "Every row comes once, in order, across seals; a cancelled trigger gets no more; a restart goes on where it says"
    )
    func rowsComeInOrder() throws {
        let folder = TemporaryFolder()
        let path = folder.path("numbers.drumlin")
        let store = try Store.open(path)
        let table = try store.createTable("numbers", schema: Schema([ColumnDefinition("n", .int64)]))
        try table.append(rows: [["n": 0]])

        let seen = Seen()
        let trigger = try store.onAppend("numbers") { seen.take($0) }
        for number in 1...40 {
            try table.append(rows: [["n": .int(Int64(number))], ["n": nil]])
            if number == 20 { try store.seal() }
        }
        store.drainTriggers()
        #expect(seen.rows == Array(1...80), "rows from before the registration are not delivered")
        #expect(trigger.nextRow == 81 && trigger.failure == nil)

        trigger.cancel()
        try table.append(rows: [["n": 41]])
        store.drainTriggers()
        #expect(seen.rows.count == 80)
        try store.close()

        let again = try Store.open(path)
        let rest = Seen()
        try again.onAppend("numbers", from: 79) { rest.take($0) }
        again.drainTriggers()
        #expect(rest.rows == [79, 80, 81])
        #expect(throws: StoreError.self) { try again.onAppend("no such table") { _ in } }
        try again.close()
    }

    @Test("A handler may log into the store that calls it, and predictions trigger it too")
    func handlersMayWrite() throws {
        let folder = TemporaryFolder()
        let store = try Store.open(folder.path("tips.drumlin"))
        let task = try store.task("tips", schema: TaskSchema(kind: .binary(), features: ["distance": .float64]))
        let copies = try store.createTable("copies", schema: Schema([ColumnDefinition("score", .float64)]))
        try store.onAppend("predictions") { batch in
            let scores = batch.doubles(of: "_score")
            try? copies.append(rows: scores.map { ["score": .float64($0)] })
        }
        for number in 0..<10 {
            try task.logPrediction(
                id: "p\(number)", at: .now, prediction: 0.25, features: ["distance": .float64(Double(number))])
        }
        store.drainTriggers()
        #expect(try copies.rowCount == 10)
        try store.close()
    }
}
