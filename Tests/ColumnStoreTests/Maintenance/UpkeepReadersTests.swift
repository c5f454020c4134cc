import ColumnFormat
import ColumnStore
import Synchronization
import TestSupport
import Testing

/// Readers, in this process and as other processes are, while rows are appended, erased, dropped, merged and compacted on
/// real threads and files: each sees whole calls in their order, and a store that was opened once stays as it was.
struct UpkeepReadersTests {
    @Test func everybodySeesWholeCalls() throws {
        let folder = TemporaryFolder()
        var options = StoreOptions()
        options.environment.logChunkByteCount = 64 << 10
        let path = folder.path("store")
        let store = try Store.open(path, options: options)
        let table = try store.createTable("t", schema: WholeCalls.schema)
        let isDone = Atomic<Bool>(false)
        let problems = Mutex<[String]>([])
        let lookCount = Atomic<Int>(0)
        let readers = (0..<2).map { ThreadExecutor(name: "reader-\($0)") }
        for (number, reader) in readers.enumerated() {
            reader.submit {
                do {
                    var looks = MonotoneLooks()
                    while !isDone.load(ordering: .relaxed) {
                        let seen = number == 0 ? table : try Store.openReadOnly(path).table("t")
                        let rows = try seen.allRows()
                        try looks.look(at: rows)
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
            try table.append(rows: WholeCalls.rows(call))
            if call % 7 == 5 {
                #expect(try table.erase(where: .equal("call", .int(Int64(call - 2)))) == WholeCalls.rowsOfCall)
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
        #expect(left.count >= 150 - 150 / 7 - WholeCalls.rowsOfCall && left.count < 300)
        try store.close()
        #expect(try Store.openReadOnly(path).table("t").allRows() == left)
    }
}
