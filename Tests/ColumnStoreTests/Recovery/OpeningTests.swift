import ColumnFormat
import ColumnStore
import Foundation
import TestSupport
import Testing

/// What `Store.open` and `openReadOnly` find, make, refuse and leave alone.
struct OpeningTests {
    private static func make(_ disk: SimulatedFileSystem, seals: Int = 1, path: String = "/s") throws {
        let store = try Store.open(path, options: SimulatedStore(disk).options(memtableByteCount: 64 << 20))
        let table = try store.createTable("t", schema: EveryType.schema)
        for seal in 0..<seals {
            try table.append(rows: EveryType.rows(seal * 5..<seal * 5 + 5, seed: 1))
            try store.seal()
        }
        try table.append(rows: EveryType.rows(100..<103, seed: 2))
        try store.close()
    }

    private static func open(_ disk: SimulatedFileSystem) throws -> Store {
        try Store.open("/s", options: SimulatedStore(disk).options())
    }

    private static func openReadOnly(_ disk: SimulatedFileSystem) throws -> Store {
        try Store.openReadOnly("/s", options: SimulatedStore(disk).options())
    }

    // MARK: What is no store

    @Test func aFileIsNoStore() throws {
        let folder = TemporaryFolder()
        let path = folder.path("file")
        try Data("hello".utf8).write(to: URL(fileURLWithPath: path))
        for open in [{ try Store.open(path) }, { try Store.openReadOnly(path) }] {
            let error = #expect(throws: StoreError.self) { _ = try open() }
            #expect(error?.code == .invalidInput && error?.path == path && error?.remedy != nil)
        }
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "hello")
    }

    @Test func aDirectoryWithOtherThingsIsNoStoreAndLeftAlone() throws {
        let folder = TemporaryFolder()
        try Data("hello".utf8).write(to: URL(fileURLWithPath: folder.path("notes.txt")))
        let error = #expect(throws: StoreError.self) { try Store.open(folder.path) }
        #expect(error?.code == .invalidInput && error?.message.contains("notes.txt") == true)
        let reading = #expect(throws: StoreError.self) { try Store.openReadOnly(folder.path) }
        #expect(reading?.code == .notFound)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["notes.txt"])
    }

    @Test func anEmptyDirectoryAndAPathThatIsNotThereBecomeStores() throws {
        let folder = TemporaryFolder()
        try Store.open(folder.path).close()
        try Store.open(folder.path("a/b/c")).close()
        try Store.open(folder.path("d/")).close()
        #expect(try Store.openReadOnly(folder.path("a/b/c")).tables.isEmpty)
        let error = #expect(throws: StoreError.self) { try Store.openReadOnly(folder.path("nothing")) }
        #expect(error?.code == .notFound)
        #expect(!FileManager.default.fileExists(atPath: folder.path("nothing")))
    }

    @Test func aPathWithASlashAtItsEndSealsAsWell() throws {
        let folder = TemporaryFolder()
        var options = StoreOptions()
        options.environment.logChunkByteCount = 64 << 10
        let store = try Store.open(folder.path("store/"), options: options)
        let table = try store.createTable("t", schema: EveryType.schema)
        for round in 0..<3 {
            try table.append(rows: EveryType.rows(round..<round + 1, seed: 1))
            try store.seal()
        }
        #expect(try table.rowCount == 3)
    }

    // MARK: Locks

    @Test func aSecondWriterIsRefusedAndReadersAreNot() throws {
        let folder = TemporaryFolder()
        let path = folder.path("store")
        let store = try Store.open(path)
        let table = try store.createTable("t", schema: EveryType.schema)
        try table.append(rows: [["id": "a"]])
        let error = #expect(throws: StoreError.self) { try Store.open(path) }
        #expect(error?.code == .locked && error?.path?.hasPrefix(path) == true)
        try store.sync()
        #expect(try Store.openReadOnly(path).table("t").rowCount == 1)
        try store.close()
        #expect(try Store.open(path).table("t").rowCount == 1)
    }

    @Test func aReaderSeesWholeCallsWhileAWriterAppendsAndSeals() throws {
        let folder = TemporaryFolder()
        let path = folder.path("store")
        var options = StoreOptions()
        options.durability = .written
        options.memtableByteCount = 4_000
        options.environment.logChunkByteCount = 64 << 10
        let store = try Store.open(path, options: options)
        let table = try store.createTable("t", schema: EveryType.schema)
        let rows = EveryType.rows(0..<400, seed: 3)
        let writer = Thread {
            for start in stride(from: 0, to: 400, by: 2) {
                do {
                    try table.append(rows: Array(rows[start..<start + 2]))
                    if start % 90 == 0 { try store.seal() }
                } catch {
                    Issue.record("\(error)")
                }
            }
        }
        writer.start()
        var last = 0
        while last < 400 {
            let isFinished = writer.isFinished
            let reader = try Store.openReadOnly(path)
            #expect(reader.isReadOnly)
            let found = try reader.table("t").allRows()
            #expect(found.count >= last && found.count % 2 == 0)
            #expect(found.map { $0["id"] } == rows.prefix(found.count).map { $0["id"] })
            last = found.count
            if isFinished {
                #expect(last == 400, "the writer has ended")
                break
            }
        }
        try store.close()
        #expect(try Store.openReadOnly(path).table("t").difference(from: rows) == nil)
    }

    @Test func aReaderCannotWrite() throws {
        let disk = SimulatedFileSystem()
        try Self.make(disk)
        let before = disk.operationCount
        let reader = try Self.openReadOnly(disk)
        #expect(reader.isReadOnly)
        let refused: [() throws -> Void] = [
            { try reader.table("t").append(rows: [["id": "x"]]) }, { try reader.seal() }, { try reader.sync() },
            { _ = try reader.createTable("u", schema: EveryType.schema) }, { try reader.dropTables(["t"]) },
        ]
        for action in refused {
            let error = #expect(throws: StoreError.self) { try action() }
            #expect(error?.code == .readOnly)
        }
        try reader.close()
        #expect(disk.operationCount == before, "nothing on the disk was changed")
    }

    // MARK: Damage

    /// Files of a later version, by the byte that says so, with a right checksum.
    @Test func filesOfALaterVersionAreRefusedByName() throws {
        let places: [(suffix: String, version: Int, checksumAt: Int)] = [
            (".seg", 8, 56), (".idx", 8, 56), ("MANIFEST-000001", 8, 56), ("log-000001", 8, 56), ("log-000002", 8, 56),
        ]
        for (suffix, version, checksumAt) in places {
            let disk = SimulatedFileSystem()
            try Self.make(disk)
            guard let path = disk.filePaths.first(where: { $0.hasSuffix(suffix) }) else { continue }
            var bytes = try #require(disk.contents(of: path))
            bytes[version] = 9
            var writer = ByteWriter()
            writer.append(bytes: bytes)
            writer.patch(Checksum.of(Array(bytes[..<checksumAt])), at: checksumAt)
            disk.setContents(of: path, to: writer.bytes)
            for open in [Self.open, Self.openReadOnly] {
                let error = #expect(throws: StoreError.self, "\(suffix)") { _ = try open(disk) }
                #expect(error?.code == .unsupportedVersion && error?.path == path, "\(suffix): \(error!)")
            }
        }
    }

    @Test func damageOfAnyFileIsNamedOrHarmless() throws {
        let whole = SimulatedFileSystem()
        try Self.make(whole, seals: 2)
        let reader = try Self.openReadOnly(whole)
        let expected = try reader.table("t").allRows()
        for path in whole.filePaths where !path.hasSuffix("LOCK") {
            let bytes = try #require(whole.contents(of: path))
            for place in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 40)) {
                let disk = SimulatedFileSystem()
                try disk.createDirectory("/s")
                try disk.createDirectory("/s/t")
                for other in whole.filePaths { disk.setContents(of: other, to: whole.contents(of: other)!) }
                var damaged = bytes
                damaged[place] ^= 0x55
                disk.setContents(of: path, to: damaged)
                for open in [Self.openReadOnly, Self.open] {
                    do {
                        let found = try open(disk).table("t").allRows()
                        // A tail of the log that was not known to be durable may go; nothing may change.
                        #expect(found.count <= expected.count && found.count >= 10)
                        for (row, other) in zip(found, expected) {
                            let isSame = row.allSatisfy { $0.value.isIdentical(to: other[$0.key] ?? .null) }
                            #expect(isSame, "\(path), byte \(place)")
                        }
                        guard path.hasSuffix(".idx") else { continue }
                        let table = try open(disk).table("t")
                        for (number, row) in found.enumerated() {
                            guard let id = row["id"], let answer = try? table.lookup("id", id) else { continue }
                            #expect(answer == UInt64(number), "\(path), byte \(place)")
                        }
                    } catch let error as StoreError {
                        #expect(error.path?.hasPrefix("/s") == true, "\(path), byte \(place): \(error)")
                        #expect(error.code == .corrupt, "\(path), byte \(place): \(error)")
                    }
                }
            }
        }
    }

    @Test func filesThatAreGoneAreNamed() throws {
        let whole = SimulatedFileSystem()
        try Self.make(whole, seals: 2)
        for path in whole.filePaths where !path.hasSuffix("LOCK") && !path.hasSuffix("CURRENT") {
            let disk = SimulatedFileSystem()
            try Self.make(disk, seals: 2)
            try disk.unlink(path)
            for open in [Self.openReadOnly, Self.open] {
                do {
                    let store = try open(disk)
                    // The newest log only: nothing tells a store that it was there, but that it was the only one. And an
                    // index, which is made again from the rows, or whose look-ups say that it is gone.
                    #expect(try store.table("t").rowCount >= 10, "\(path)")
                    #expect(path.contains("log-") || path.hasSuffix(".idx"), "\(path)")
                    let row = try? store.table("t").lookup("id", "row-3")
                    #expect(row == (store.isReadOnly && path.hasSuffix(".idx") ? nil : 3))
                } catch let error as StoreError {
                    #expect(error.code == .corrupt, "\(path): \(error)")
                    #expect(error.path?.hasPrefix("/s") == true)
                }
            }
        }
    }

    @Test func aSegmentOfAnotherStoreIsNoticed() throws {
        let disk = SimulatedFileSystem()
        try Self.make(disk)
        let other = SimulatedFileSystem()
        let store = try Store.open("/s", options: SimulatedStore(other).options(memtableByteCount: 64 << 20))
        let table = try store.createTable("t", schema: EveryType.schema)
        try table.append(rows: EveryType.rows(0..<5, seed: 77))
        try store.seal()
        let path = try #require(disk.filePaths.first { $0.hasSuffix(".seg") })
        disk.setContents(of: path, to: try #require(other.contents(of: path)))
        let error = #expect(throws: StoreError.self) { try Self.open(disk) }
        #expect(error?.code == .corrupt && error?.path == path)
    }

    // MARK: Tidiness

    @Test func whatCrashesLeftIsRemovedAndNothingElse() throws {
        let disk = SimulatedFileSystem()
        try Self.make(disk)
        let live = disk.filePaths
        try disk.createDirectory("/s/gone")
        try disk.createDirectory("/s/gone/labels")
        try disk.createDirectory("/s/gone/views")
        let strays = [
            "/s/t/00000000ff.seg", "/s/t/00000000fe.idx.tmp", "/s/gone/labels/00000000fd.seg", "/s/CURRENT.tmp",
            "/s/gone/views/00000000fc.ckpt", "/s/log-000099.tmp", "/s/MANIFEST-000099.tmp",
        ]
        let others = ["/s/t/notes.txt", "/s/t/x.seg", "/s/readme.tmp"]
        for path in strays + others { disk.setContents(of: path, to: [1, 2, 3]) }
        let store = try Self.open(disk)
        #expect(try store.table("t").rowCount == 8)
        let left = Set(disk.filePaths)
        for path in strays { #expect(!left.contains(path), "\(path)") }
        #expect(left.isSuperset(of: live.filter { !$0.contains("log-") } + others))
        #expect(try disk.kind(of: "/s/gone") == .none)
    }

    @Test func openingOftenDoesNotPileUpLogs() throws {
        let disk = SimulatedFileSystem()
        try Self.make(disk)
        for round in 0..<60 {
            let store = try Self.open(disk)
            #expect(try store.table("t").rowCount == 8 + round / 3)
            if round % 3 == 2 { try store.table("t").append(rows: [["id": .string("\(round)")]]) }
            try store.close()
            #expect(disk.filePaths.filter { $0.contains("log-") }.count <= 10)
        }
        let store = try Self.open(disk)
        #expect(try store.table("t").rowCount == 28)
        #expect(try store.table("t").lookup("id", "59") == 27)
    }

    @Test func openingAloneChangesNothingThatGrows() throws {
        let disk = SimulatedFileSystem()
        try Self.make(disk)
        try Self.open(disk).close()
        let files = disk.filePaths
        for _ in 0..<5 { try Self.open(disk).close() }
        #expect(disk.filePaths == files)
        try Store.open("/empty", options: SimulatedStore(disk).options()).close()
        let both = disk.filePaths
        for _ in 0..<5 { try Store.open("/empty", options: SimulatedStore(disk).options()).close() }
        #expect(disk.filePaths == both)
    }

    @Test func sequenceNumbersGoOnAfterEveryOpening() throws {
        let disk = SimulatedFileSystem()
        try Self.make(disk)
        var last: UInt64 = 0
        for round in 0..<4 {
            let store = try Self.open(disk)
            let next = store.read { $0.nextSequence }
            #expect(round % 2 == 1 ? next > last : next >= last)
            last = next
            if round % 2 == 0 { try store.table("t").append(rows: [["id": "x"], ["id": "y"]]) }
            try store.seal()
            try store.close()
        }
        let records = try Manifest.load(disk, "/s").state.tables.values.flatMap(\.segments)
        for (record, next) in zip(records, records.dropFirst()) { #expect(record.lastSequence < next.firstSequence) }
    }
}
