import ColumnFormat
import ColumnStore
import CommandSupport
import Drumlin
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import colstat

@Suite struct LiveStoreTests {
    let folder = TemporaryFolder()

    @Test func rowsOfAnOpenStoreAreSeen() throws {
        let path = folder.path("rides.drumlin")
        let store = try Store.open(path, options: Rides.options)
        let table = try store.createTable("rides", schema: Rides.schema)
        try table.append(rows: (0..<30).map(Rides.row))
        #expect(try folder.colstat("tables", path, "--json").objects.first?["log_rows"] == .integer(30))
        try store.seal()
        try table.append(rows: (30..<35).map(Rides.row))
        let live = try #require(try folder.colstat("tables", path, "--json").objects.first)
        #expect(live["rows"] == .integer(35) && live["log_rows"] == .integer(5))
        #expect(folder.colstat("verify", path).status == .fine)
        try store.close()
    }

    /// While a thread appends and seals, every look is at one consistent state, and nothing looks damaged.
    @Test func aBusyWriterDamagesNothing() throws {
        let path = folder.path("rides.drumlin")
        let store = try Store.open(path, options: Rides.options)
        let table = try store.createTable("rides", schema: Rides.schema)
        let state = WriterState()
        let writer = Thread { [table, store] in
            do {
                var number = 0
                while !state.isDone.load(ordering: .relaxed), number < 20_000 {
                    try table.append(rows: (number..<number + 50).map(Rides.row))
                    number += 50
                    if number % 300 == 0 { try store.seal() }
                }
            } catch { state.failure.withLock { $0 = "\(error)" } }
        }
        writer.start()
        defer {
            state.isDone.store(true, ordering: .relaxed)
            while !writer.isFinished { usleep(1_000) }
        }
        var last: Int64 = 0
        for round in 0..<25 {
            let summary = folder.colstat(path, "--json")
            #expect(summary.status == .fine, "\(summary)")
            guard case .object(let report) = try summary.json, case .integer(let rows)? = report["rows"] else {
                continue
            }
            #expect(rows >= last && rows % 50 == 0)
            last = rows
            let tail = try folder.colstat("head", path, "--tail", "-n", "3", "--json").objects
            if rows > 0 { #expect(tail.count == 3 && tail[2]["passengers"] == .integer(4)) }
            if round % 5 == 0 {
                let verify = folder.colstat("verify", path)
                #expect(verify.status == .fine, "\(verify)")
            }
        }
        state.isDone.store(true, ordering: .relaxed)
        while !writer.isFinished { usleep(1_000) }
        #expect(state.failure.withLock { $0 } == nil)
        try store.close()
        #expect(folder.colstat("verify", path).status == .fine)
    }
}

/// What the test and its writing thread say to each other.
private final class WriterState: Sendable {
    let isDone = Atomic<Bool>(false)
    let failure = Mutex<String?>(nil)
}
