import ColumnFormat
import ColumnStore
import Synchronization
import TestSupport
import Testing

struct LookupTests {
    private static let schema = Schema(
        [ColumnDefinition("id", .string), ColumnDefinition("n", .int64, isNullable: false)], indexed: ["id", "n"])

    private static func id(_ n: Int) -> String? { n % 7 == 0 ? nil : "id-\(n % 170)" }

    private static func row(_ n: Int) -> [String: Value] {
        ["id": id(n).map { .string($0) } ?? .null, "n": .int(Int64(n % 1_000))]
    }

    /// The answers that brute force gives for the first `count` rows.
    private static func newest(of count: Int) -> [String: UInt64] {
        var newest: [String: UInt64] = [:]
        for n in 0..<count { if let id = id(n) { newest[id] = UInt64(n) } }
        return newest
    }

    @Test(arguments: [UInt32(0), 0x1F, .max])
    func manyIDsAreFoundAsOneIsFound(_ mask: UInt32) throws {
        let simulated = SimulatedStore(SimulatedFileSystem())
        var options = simulated.options(memtableByteCount: 64 << 20)
        options.environment.indexHashMask = mask
        var store = try Store.open("/s", options: options)
        var table = try store.createTable("t", schema: Self.schema)
        var count = 0
        func check() throws {
            // Ids that come twice, the empty one, and ones that are nowhere.
            let ids = ["", "id-3", "id-3"] + (0..<300).map { "id-\(($0 * 37) % 200)" } + ["id-3", "none"]
            let rows = try table.lookupMany(ids)
            try #require(rows.count == ids.count)
            let newest = Self.newest(of: count)
            for (id, row) in zip(ids, rows) where row != newest[id] {
                Issue.record("\(id) of \(count): \(String(describing: row))")
            }
            for id in ids.prefix(20) {
                #expect(try table.lookup(id) == newest[id])
                #expect(try table.contains(id) == (newest[id] != nil))
            }
            if mask == .max {
                // More than are looked up together.
                let many = (0..<5_000).map { "id-\(($0 * 37) % 200)" }
                #expect(try table.lookupMany(many) == many.map { newest[$0] })
            }
            let values: [Value] = [1, .null, 5, "text", 299, 5, 100_000]
            let numbers = try table.lookupMany("n", values)
            #expect(try numbers == values.map { try table.lookup("n", $0) })
            #expect(numbers[1] == nil && numbers[3] == nil && numbers[2] == numbers[5])
            #expect(try table.contains("n", 5) == (count > 5))
            #expect(try table.lookupMany([]) == [])
        }
        for size in [0, 30, 300, 20] {
            if size > 0 { try table.append(rows: (count..<count + size).map(Self.row)) }
            count += size
            try check()
            try store.seal()
            try check()
        }
        try table.append(rows: (count..<count + 9).map(Self.row))
        count += 9
        try check()
        try store.close()
        store = try Store.open("/s", options: options)
        table = try store.table("t")
        try check()
        table = try Store.openReadOnly("/s", options: options).table("t")
        try check()
    }

    @Test func aTableWithoutIDsSaysSo() throws {
        let store = try Store.open("/s", options: SimulatedStore(SimulatedFileSystem()).options())
        let plain = try store.createTable("plain", schema: Schema([ColumnDefinition("n", .int64)], indexed: []))
        let numbers = try store.createTable("numbers", schema: Schema([ColumnDefinition("n", .int64)], indexed: ["n"]))
        for table in [plain, numbers] {
            #expect(#expect(throws: StoreError.self) { try table.lookup("a") }?.code == .invalidInput)
            #expect(#expect(throws: StoreError.self) { try table.contains("a") }?.code == .invalidInput)
            #expect(#expect(throws: StoreError.self) { try table.lookupMany(["a"]) }?.code == .invalidInput)
        }
        #expect(#expect(throws: StoreError.self) { try plain.lookupMany("n", [1]) }?.code == .invalidInput)
        #expect(try numbers.lookupMany("n", [1]) == [nil])
    }

    /// Readers look up while rows are appended, sealed and merged: what was there before the call is found.
    @Test func readersFindWhatIsThereWhileRowsAreSealed() async throws {
        let folder = TemporaryFolder()
        var options = StoreOptions()
        options.memtableByteCount = 20_000
        let store = try Store.open(folder.path + "/s", options: options)
        let table = try store.createTable("t", schema: Self.schema)
        let progress = Progress()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { progress.isOver.store(true, ordering: .releasing) }
                for batch in 0..<60 {
                    try table.append(
                        rows: (batch * 50..<batch * 50 + 50).map { ["id": .string("id-\($0)"), "n": .int(Int64($0))] })
                    progress.rowCount.store(batch * 50 + 50, ordering: .releasing)
                }
                try store.seal()
            }
            for seed in UInt64(1)...2 {
                group.addTask {
                    var generator = SeededGenerator(seed: seed)
                    while !progress.isOver.load(ordering: .acquiring) {
                        let count = progress.rowCount.load(ordering: .acquiring)
                        let rows = (0..<40).map { _ in Int.random(in: 0..<count + 1, using: &generator) }
                        let found = try table.lookupMany(rows.map { "id-\($0)" })
                        for (row, answer) in zip(rows, found) where row < count { #expect(answer == UInt64(row)) }
                        if count > 0 { #expect(try table.lookup("id-\(count - 1)") == UInt64(count - 1)) }
                        #expect(try !table.contains("none"))
                    }
                }
            }
            try await group.waitForAll()
        }
        for n in stride(from: 0, to: 3_000, by: 17) { #expect(try table.lookup("id-\(n)") == UInt64(n)) }
        try store.close()
    }

    private final class Progress: Sendable {
        let rowCount = Atomic<Int>(0)
        let isOver = Atomic<Bool>(false)
    }

    // MARK: A lost index

    private static func storeWithThreeRuns() throws -> (disk: SimulatedFileSystem, paths: [String]) {
        let simulated = SimulatedStore(SimulatedFileSystem())
        let store = try Store.open("/s", options: simulated.options(memtableByteCount: 64 << 20))
        let table = try store.createTable("t", schema: schema)
        var count = 0
        for size in [200, 60, 10] {
            try table.append(rows: (count..<count + size).map(row))
            count += size
            try store.seal()
        }
        try table.append(rows: (count..<count + 5).map(row))
        try store.close()
        return (simulated.fileSystem, simulated.fileSystem.filePaths.filter { $0.hasSuffix(".idx") })
    }

    /// An index holds nothing that is not in the rows: a run that is lost, or from before the first release, is made again.
    @Test(arguments: 0..<3, 0..<4)
    func aLostRunIsMadeAgainFromTheRows(_ which: Int, _ damage: Int) throws {
        let (disk, paths) = try Self.storeWithThreeRuns()
        try #require(paths.count == 3)
        let bytes = try #require(disk.contents(of: paths[which]))
        switch damage {
        case 0: try disk.unlink(paths[which])
        case 1: disk.setContents(of: paths[which], to: Array(bytes.dropLast()))
        case 2: disk.setContents(of: paths[which], to: try #require(disk.contents(of: paths[(which + 1) % 3])))
        default: disk.setContents(of: paths[which], to: [])
        }
        let options = SimulatedStore(disk).options(memtableByteCount: 64 << 20)
        let reader = try Store.openReadOnly("/s", options: options).table("t")
        #expect(try reader.allRows().count == 275, "rows are read without the index")
        let error = #expect(throws: StoreError.self) { try reader.lookup("id-3") }
        #expect(error?.code == .corrupt && error?.path == paths[which] && error?.remedy != nil)
        #expect(throws: StoreError.self) { try reader.lookupMany(["id-3"]) }
        let store = try Store.open("/s", options: options)
        let table = try store.table("t")
        let newest = Self.newest(of: 275)
        for id in (0..<200).map({ "id-\($0)" }) where try table.lookup(id) != newest[id] {
            Issue.record("\(id) is found in row \(String(describing: try table.lookup(id)))")
            return
        }
        try table.append(rows: [Self.row(1)])
        try store.seal()
        #expect(try table.lookup("id-1") == 275)
        try store.close()
        let again = try Store.openReadOnly("/s", options: options).table("t")
        #expect(try again.lookup("id-3") == newest["id-3"])
    }

    /// Damage within a run shows when it is read: in a search that is an error, and the next merge makes it again.
    @Test func aDamagedRunIsMadeAgainWhereItIsMerged() throws {
        let (disk, paths) = try Self.storeWithThreeRuns()
        let path = try #require(paths.max { disk.contents(of: $0)!.count < disk.contents(of: $1)!.count })
        var bytes = try #require(disk.contents(of: path))
        bytes[bytes.count / 2] ^= 4
        disk.setContents(of: path, to: bytes)
        let options = SimulatedStore(disk).options(memtableByteCount: 64 << 20)
        let store = try Store.open("/s", options: options)
        let table = try store.table("t")
        let failed = (0..<170).filter { (try? table.lookup("id-\($0)")) == nil }
        let error = #expect(throws: StoreError.self) { try table.lookupMany(failed.map { "id-\($0)" }) }
        #expect(error?.code == .corrupt && error?.path == path)
        try table.append(rows: (275..<700).map(Self.row))
        try store.seal()
        let newest = Self.newest(of: 700)
        let ids = (0..<200).map { "id-\($0)" }
        #expect(try table.lookupMany(ids) == ids.map { newest[$0] })
        try store.close()
        #expect(disk.filePaths.count { $0.hasSuffix(".idx") } == 1)
        #expect(try Store.openReadOnly("/s", options: options).table("t").lookupMany(ids) == ids.map { newest[$0] })
    }
}
