import ColumnFormat
import ColumnStore
import TestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// What a store does when the world around it changes.
struct OddSituationTests {
    private static let schema = Schema([ColumnDefinition("id", .string, isNullable: false)], indexed: ["id"])

    private static func row(_ number: Int) -> [String: Value] { ["id": .string("row-\(number)")] }

    private static func error(_ body: () throws -> Void) -> StoreError? {
        do {
            try body()
            return nil
        } catch {
            return error as? StoreError
        }
    }

    // MARK: The directory

    @Test func aRemovedDirectoryEndsWritingWithAClearError() throws {
        let folder = TemporaryFolder()
        let path = folder.path("store")
        let store = try Store.open(path)
        let table = try store.createTable("t", schema: Self.schema)
        try table.append(rows: [Self.row(1)])
        try store.sync()
        for name in try PosixFileSystem().list(path) { _ = unsafe unlink(path + "/" + name) }
        _ = unsafe rmdir(path + "/t")
        _ = unsafe rmdir(path)
        try table.append(rows: [Self.row(2)])
        let first = Self.error { try store.sync() }
        #expect(first?.code == .poisoned && (first?.cause as? StoreError)?.code == .notFound, "\(first as Any)")
        #expect("\(first!)".contains("removed while the store was open"))
        #expect(Self.error { try table.append(rows: [Self.row(3)]) }?.code == .poisoned)
        #expect(store.durableUpTo == 2, "what went with the directory is not called durable")
        // What is in memory can still be read.
        #expect(try table.rowCount == 2)
        #expect(Self.error { try store.close() } != nil)
        #expect(try PosixFileSystem().kind(of: path) == .none, "nothing is made anew")
    }

    @Test func aStoreThatTookThePlaceOfARenamedOneIsLeftAlone() throws {
        let folder = TemporaryFolder()
        let (path, moved) = (folder.path("store"), folder.path("moved"))
        let store = try Store.open(path)
        let table = try store.createTable("t", schema: Self.schema)
        try table.append(rows: [Self.row(1)])
        try store.sync()
        let outcome = unsafe rename(path, moved)
        #expect(outcome == 0)
        let other = try Store.open(path)
        try other.createTable("other", schema: Self.schema).append(rows: [Self.row(7)])
        // The log is still the old one's, wherever it is; but no file is made at the path.
        try table.append(rows: [Self.row(2)])
        try store.sync()
        let names = try PosixFileSystem().list(path)
        let refusal = Self.error { try store.seal() }
        #expect("\(refusal!)".contains("removed or renamed"), "\(refusal!)")
        #expect(Self.error { _ = try store.createTable("u", schema: Self.schema) } == nil, "the manifest is open")
        #expect(Self.error { try store.close() } != nil)
        #expect(try PosixFileSystem().list(path) == names)
        #expect(try other.tables.map(\.name) == ["other"] && other.table("other").rowCount == 1)
        try other.close()
        // It is whole where it was moved to.
        let found = try Store.open(moved)
        #expect(try found.table("t").allRows().map { $0["id"] } == [.string("row-1"), .string("row-2")])
        try found.close()
    }

    // MARK: Files that cannot be written

    /// A file system that is mounted for reading only.
    private final class ReadOnlyFileSystem: FileSystem {
        private let base: any FileSystem
        init(_ base: any FileSystem) { self.base = base }

        func open(_ path: String, _ mode: FileMode) throws(StoreError) -> any File {
            guard mode == .read else { throw .system(EROFS, "open", path: path) }
            return try base.open(path, mode)
        }
        func rename(_ path: String, to newPath: String) throws(StoreError) {
            throw .system(EROFS, "rename", path: path)
        }
        func unlink(_ path: String) throws(StoreError) { throw .system(EROFS, "unlink", path: path) }
        func createDirectory(_ path: String) throws(StoreError) { throw .system(EROFS, "mkdir", path: path) }
        func removeDirectory(_ path: String) throws(StoreError) { throw .system(EROFS, "rmdir", path: path) }
        func syncDirectory(_ path: String) throws(StoreError) { try base.syncDirectory(path) }
        func list(_ path: String) throws(StoreError) -> [String] { try base.list(path) }
        func kind(of path: String) throws(StoreError) -> FileKind { try base.kind(of: path) }
        func lockExclusive(_ path: String) throws(StoreError) -> any FileLock {
            throw .system(EROFS, "open", path: path)
        }
        func randomUInt64() -> UInt64 { base.randomUInt64() }
    }

    @Test func aStoreOnAReadOnlyFileSystemCanBeReadAndSaysWhyItCannotBeWritten() throws {
        let disk = SimulatedFileSystem()
        let store = try Store.open("/s", options: SimulatedStore(disk).options())
        try store.createTable("t", schema: Self.schema).append(rows: [Self.row(1)])
        try store.seal()
        try store.table("t").append(rows: [Self.row(2)])
        try store.close()
        var options = SimulatedStore(disk).options()
        options.environment.fileSystem = ReadOnlyFileSystem(disk)
        for path in ["/s", "/new"] {
            let refusal = Self.error { _ = try Store.open(path, options: options) }
            #expect(refusal?.code == .readOnly && refusal?.remedy?.contains("reading only") == true)
        }
        let operations = disk.operationCount
        let reader = try Store.openReadOnly("/s", options: options)
        #expect(try reader.table("t").rowCount == 2)
        try reader.close()
        #expect(disk.operationCount == operations)
    }

    @Test func aPoisonedStoreCanBeReadAndOpenedAgain() throws {
        let disk = SimulatedFileSystem()
        let store = try Store.open("/s", options: SimulatedStore(disk).options(.durable))
        let table = try store.createTable("t", schema: Self.schema)
        try table.append(rows: [Self.row(1)])
        disk.fail(at: disk.operationCount + 1, .syncLosesData)
        #expect(Self.error { try table.append(rows: [Self.row(2)]) }?.code == .poisoned)
        let operations = disk.operationCount
        for _ in 0..<3 {
            #expect(Self.error { try table.append(rows: [Self.row(3)]) }?.code == .poisoned)
            #expect(Self.error { try store.sync() }?.code == .poisoned)
            #expect(Self.error { try store.seal() }?.code == .poisoned)
            #expect(Self.error { _ = try table.erase(where: .equal("id", .string("row-1"))) }?.code == .poisoned)
        }
        #expect(disk.operationCount == operations, "nothing is tried again")
        #expect(store.status.logFailure?.code == .poisoned)
        #expect(try table.lookup("row-1") == 0)
        #expect(Self.error { try store.close() }?.code == .poisoned)
        let reopened = try Store.open("/s", options: SimulatedStore(disk.crash(.nothing)).options(.durable))
        #expect(try reopened.table("t").allRows().map { $0["id"] } == [.string("row-1")])
        try reopened.table("t").append(rows: [Self.row(4)])
        try reopened.close()
    }

    // MARK: A fork

    @Test func aChildOfTheProcessIsRefused() throws {
        typealias Fork = @convention(c) () -> Int32
        // Swift hides it, with good reason: the child is one thread of many.
        guard let symbol = unsafe dlsym(nil, "fork") else { return }
        let fork = unsafe unsafeBitCast(symbol, to: Fork.self)
        let folder = TemporaryFolder()
        let store = try Store.open(folder.path("store"))
        let table = try store.createTable("t", schema: Self.schema)
        try table.append(rows: [Self.row(1)])
        let child = fork()
        if child == 0 {
            var refusals = 0
            for body in [
                { try table.append(rows: [Self.row(2)]) }, { try store.sync() }, { try store.seal() },
                { try store.close() }, { _ = try table.rowCount },
                { _ = try store.createTable("u", schema: Self.schema) },
            ] as [() throws -> Void] where Self.error(body)?.code == .forked { refusals += 1 }
            _exit(Int32(refusals))
        }
        var status: Int32 = 0
        #expect(unsafe waitpid(child, &status, 0) == child)
        #expect(status == 6 << 8, "the child was refused \(status >> 8) times of 6, signal \(status & 127)")
        // The parent goes on, and still has the lock.
        try table.append(rows: [Self.row(3)])
        #expect(Self.error { _ = try Store.open(store.path) }?.code == .locked)
        try store.close()
        let reader = try Store.openReadOnly(store.path)
        #expect(try reader.table("t").allRows().map { $0["id"] } == [.string("row-1"), .string("row-3")])
    }
}
