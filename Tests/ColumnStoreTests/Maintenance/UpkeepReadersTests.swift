import ColumnFormat
import ColumnStore
import Synchronization
import TestSupport
import Testing

/// Readers, in this process and as other processes are, while rows are appended, erased, dropped, merged and compacted on
/// real threads and files: each sees whole calls in their order, and a store that was opened once stays as it was.
struct UpkeepReadersTests {
    private static let schema = Schema(
        [ColumnDefinition("id", .string, isNullable: false), ColumnDefinition("call", .int64)], indexed: ["id"])
    private static let rowsOfCall = 5

    private static func rows(_ call: Int) -> [[String: Value]] {
        (0..<rowsOfCall).map { ["id": .string("\(call)-\($0)"), "call": .int(Int64(call))] }
    }

    /// What is wrong with rows that a reader saw; nil where they are whole calls, of which only those that are erased may lack.
    private static func defect(_ rows: [[String: Value]]) -> String? {
        var place = 0
        var last = -1
        while place < rows.count {
            guard case .int(let number)? = rows[place]["call"] else { return "row \(place) has no call" }
            let call = Int(number)
            if last >= 0, (last + 1..<call).contains(where: { $0 % 7 != 3 }) || call <= last {
                return "call \(call) follows call \(last)"
            }
            guard place + rowsOfCall <= rows.count, Array(rows[place..<place + rowsOfCall]) == Self.rows(call) else {
                return "call \(call) is there in part"
            }
            last = call
            place += rowsOfCall
        }
        return nil
    }

    @Test func everybodySeesWholeCalls() throws {
        let folder = TemporaryFolder()
        var options = StoreOptions()
        options.environment.logChunkByteCount = 64 << 10
        let path = folder.path("store")
        let store = try Store.open(path, options: options)
        let table = try store.createTable("t", schema: Self.schema)
        let isDone = Atomic<Bool>(false)
        let problems = Mutex<[String]>([])
        let lookCount = Atomic<Int>(0)
        let readers = (0..<2).map { ThreadExecutor(name: "reader-\($0)") }
        for (number, reader) in readers.enumerated() {
            reader.submit {
                do {
                    while !isDone.load(ordering: .relaxed) {
                        let seen = number == 0 ? table : try Store.openReadOnly(path).table("t")
                        let rows = try seen.allRows()
                        if let defect = Self.defect(rows) { problems.withLock { $0.append(defect) } }
                        if number == 1 {
                            // Its files may be gone meanwhile: the rows stay.
                            guard try seen.allRows() == rows, try seen.rowCount == rows.count else {
                                problems.withLock { $0.append("a store that was opened once has other rows now") }
                                return
                            }
                            if case .string(let id)? = rows.last?["id"], try seen.lookup("id", .string(id)) == nil {
                                problems.withLock { $0.append("\(id) is not found") }
                            }
                        }
                        lookCount.add(1, ordering: .relaxed)
                    }
                } catch {
                    problems.withLock { $0.append("\(error)") }
                }
            }
        }
        for call in 0..<140 {
            try table.append(rows: Self.rows(call))
            if call % 7 == 5 {
                #expect(try table.erase(where: .equal("call", .int(Int64(call - 2)))) == Self.rowsOfCall)
            }
            if call % 4 == 3 { try store.seal() }
            if call == 60 { try store.setRetention(Retention(rowCount: 150), for: "t") }
            if call % 30 == 29 { try store.compact() }
        }
        try store.compact()
        isDone.store(true, ordering: .relaxed)
        for reader in readers { reader.stop() }
        #expect(problems.withLock { $0 } == [])
        #expect(lookCount.load(ordering: .relaxed) > 1)
        let status = store.maintenanceStatus
        #expect(status.merges > 0 && status.droppedRows > 300 && status.purgedRows > 0 && status.failure == nil)
        let left = try table.allRows()
        #expect(left.count >= 150 - 150 / 7 - Self.rowsOfCall && left.count < 300)
        try store.close()
        #expect(try Store.openReadOnly(path).table("t").allRows() == left)
    }
}
