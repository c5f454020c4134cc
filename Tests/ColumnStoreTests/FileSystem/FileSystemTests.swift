import ColumnFormat
import ColumnStore
import Foundation
import TestSupport
import Testing

/// What both file systems promise, so that the simulated one is a stand-in for the real one.
struct FileSystemTests {
    enum Kind: String, CaseIterable { case posix, simulated }

    private func with(
        _ kind: Kind, _ body: (any FileSystem, String) throws -> Void
    ) throws {
        switch kind {
        case .posix:
            let directory = try TemporaryDirectory()
            try withExtendedLifetime(directory) { try body(PosixFileSystem(), directory.path) }
        case .simulated:
            try body(try LogFixture.fileSystem(), LogFixture.directory)
        }
    }

    private func code(_ body: () throws -> Void) -> StoreError.Code? {
        do {
            try body()
            return nil
        } catch {
            return (error as? StoreError)?.code
        }
    }

    @Test(arguments: Kind.allCases)
    func whatIsWrittenIsRead(kind: Kind) throws {
        try with(kind) { fileSystem, directory in
            let path = FilePath.join(directory, "file")
            let file = try fileSystem.open(path, .createNew)
            #expect(file.path == path)
            try file.write([1, 2, 3], at: 0)
            try file.write([9], at: 10)
            try file.write([], at: 50)
            try file.sync()
            #expect(try file.byteCount() == 11)
            #expect(try file.read(11, at: 0) == [1, 2, 3, 0, 0, 0, 0, 0, 0, 0, 9])
            #expect(try file.read(0, at: 5) == [])
            #expect(code { _ = try file.read(3, at: 9) } == .corrupt)
            var buffer = [UInt8](repeating: 7, count: 4)
            let count = unsafe try buffer.withUnsafeMutableBytes { unsafe try file.pread(into: $0, at: 9) }
            #expect(count == 2 && buffer == [0, 9, 7, 7])
            let beyond = unsafe try buffer.withUnsafeMutableBytes { unsafe try file.pread(into: $0, at: 100) }
            #expect(beyond == 0)
            try file.preallocate(100)
            #expect(try file.byteCount() == 100)
            #expect(try file.read(89, at: 11) == [UInt8](repeating: 0, count: 89))
            try file.preallocate(50)
            #expect(try file.byteCount() == 100, "it never gets shorter")
            try file.truncate(100)
            try file.truncate(200)
            #expect(try file.byteCount() == 100, "and here never longer")
            try file.truncate(10)
            #expect(try file.byteCount() == 10)
            try file.preallocate(12)
            #expect(try file.read(12, at: 0) == [1, 2, 3] + [UInt8](repeating: 0, count: 9))
            file.close()
            #expect(code { try file.truncate(1) } == .closed)
            file.close()
            #expect(code { _ = try file.byteCount() } == .closed)
            #expect(code { try file.write([1], at: 0) } == .closed)
            #expect(try fileSystem.byteCount(of: path) == 12)
        }
    }

    @Test(arguments: Kind.allCases)
    func theModesOfOpening(kind: Kind) throws {
        try with(kind) { fileSystem, directory in
            let path = FilePath.join(directory, "file")
            #expect(code { _ = try fileSystem.open(path, .read) } == .notFound)
            #expect(code { _ = try fileSystem.open(path, .readWrite) } == .notFound)
            #expect(code { _ = try fileSystem.open(FilePath.join(directory, "no/file"), .createNew) } == .notFound)
            try fileSystem.open(path, .createNew).write([1, 2], at: 0)
            #expect(code { _ = try fileSystem.open(path, .createNew) } == .alreadyExists)
            #expect(try fileSystem.open(path, .readWrite).byteCount() == 2)
            #expect(code { try fileSystem.open(path, .read).write([1], at: 0) } == .io)
            #expect(try fileSystem.open(path, .createOrTruncate).byteCount() == 0)
        }
    }

    @Test(arguments: Kind.allCases)
    func namesAndDirectories(kind: Kind) throws {
        try with(kind) { fileSystem, directory in
            let inner = FilePath.join(directory, "a")
            let deep = FilePath.join(directory, "x/y/z")
            #expect(try fileSystem.kind(of: inner) == .none)
            try fileSystem.createDirectory(inner)
            try fileSystem.createDirectory(inner)
            try fileSystem.createDirectories(deep)
            try fileSystem.createDirectories(deep)
            #expect(try fileSystem.kind(of: deep) == .directory)
            let file = FilePath.join(inner, "file")
            try fileSystem.open(file, .createNew).write([5], at: 0)
            #expect(try fileSystem.kind(of: file) == .file)
            #expect(try fileSystem.kind(of: FilePath.join(file, "below")) == .none)
            #expect(code { try fileSystem.createDirectory(file) } == .alreadyExists)
            #expect(code { try fileSystem.removeDirectory(inner) } == .io)
            let moved = FilePath.join(deep, "moved")
            try fileSystem.open(moved, .createNew).write([6, 6], at: 0)
            let held = try fileSystem.open(moved, .read)
            try fileSystem.rename(file, to: moved)
            try fileSystem.syncDirectory(deep)
            try fileSystem.syncDirectory(inner)
            #expect(try fileSystem.list(inner) == [] && fileSystem.list(deep) == ["moved"])
            #expect(try fileSystem.readFile(moved, limit: 10) == [5])
            #expect(try held.read(2, at: 0) == [6, 6], "who has a file open keeps it")
            try fileSystem.unlink(moved)
            #expect(code { try fileSystem.unlink(moved) } == .notFound)
            #expect(code { try fileSystem.rename(moved, to: file) } == .notFound)
            try fileSystem.removeDirectory(inner)
            #expect(try fileSystem.list(directory) == ["x"])
            #expect(code { _ = try fileSystem.list(inner) } == .notFound)
            #expect(code { try fileSystem.syncDirectory(inner) } == .notFound)
        }
    }

    @Test(arguments: Kind.allCases)
    func aMappedFileOutlivesItsName(kind: Kind) throws {
        try with(kind) { fileSystem, directory in
            let path = FilePath.join(directory, "file")
            let bytes = (0..<10_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
            let file = try fileSystem.open(path, .createNew)
            #expect(try file.map().count == 0)
            try file.write(bytes, at: 0)
            let map = try file.map()
            file.close()
            try fileSystem.unlink(path)
            #expect(map.count == bytes.count)
            let copy = withExtendedLifetime(map) { unsafe [UInt8](map.bytes) }
            #expect(copy == bytes)
        }
    }

    @Test(arguments: Kind.allCases)
    func theLockHasOneHolder(kind: Kind) throws {
        try with(kind) { fileSystem, directory in
            let path = FilePath.join(directory, "LOCK")
            let lock = try fileSystem.lockExclusive(path)
            let error = #expect(throws: StoreError.self) { _ = try fileSystem.lockExclusive(path) }
            #expect(error?.code == .locked && error?.path == path && error?.remedy != nil)
            lock.unlock()
            lock.unlock()
            var second: (any FileLock)? = try fileSystem.lockExclusive(path)
            #expect(code { _ = try fileSystem.lockExclusive(path) } == .locked)
            _ = consume second
            second = nil
            _ = try fileSystem.lockExclusive(path)
        }
    }

    @Test(arguments: Kind.allCases)
    func aReplacedFileIsWholeAndSmallOnesAreReadWithALimit(kind: Kind) throws {
        try with(kind) { fileSystem, directory in
            let path = FilePath.join(directory, "CURRENT")
            try fileSystem.replaceFile(path, with: [1, 2, 3])
            try fileSystem.replaceFile(path, with: [4])
            #expect(try fileSystem.list(directory) == ["CURRENT"])
            #expect(try fileSystem.readFile(path, limit: 1) == [4])
            #expect(code { _ = try fileSystem.readFile(path, limit: 0) } == .corrupt)
            #expect(fileSystem.randomUInt64() != fileSystem.randomUInt64())
        }
    }

    @Test func filesAreForTheirOwnerOnly() throws {
        let directory = try TemporaryDirectory()
        let fileSystem = PosixFileSystem()
        try fileSystem.open(directory.file("file"), .createNew).close()
        try fileSystem.createDirectory(directory.file("inner"))
        func permissions(_ path: String) throws -> Int? {
            try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        }
        #expect(try permissions(directory.file("file")) == 0o600)
        #expect(try permissions(directory.file("inner")) == 0o700)
        #expect(try permissions(directory.path) == 0o700)
    }

    @Test func theLogAndTheManifestWorkOnARealDisk() throws {
        let directory = try TemporaryDirectory()
        let fileSystem = PosixFileSystem()
        let manifest = try Manifest.create(fileSystem, directory.path)
        try manifest.commit([.metadataSet(key: "k", bytes: [1])])
        #expect(try Manifest.load(fileSystem, directory.path).state == manifest.state)
        let executor = ThreadExecutor(name: "log")
        let writer = try LogFixture.writer(fileSystem, directory: directory.path, executor: executor)
        var expected: [[String]] = []
        for call in 0..<500 {
            try LogFixture.append(writer, ["call \(call)"])
            expected.append(["call \(call)"])
            if call % 100 == 99 { try writer.sync() }
        }
        try writer.close()
        executor.stop()
        #expect(try LogFixture.read(fileSystem, directory: directory.path).calls == expected)
    }

    @Test(arguments: [
        ("a", ".", "a"), ("/a", "/", "a"), ("/a/b", "/a", "b"), ("a/b/", "a", "b"), ("/", "/", "/"), (".", ".", "."),
    ])
    func pathsHaveParentsAndNames(path: String, parent: String, name: String) {
        #expect(FilePath.parent(of: path) == parent)
        #expect(FilePath.name(of: path) == name)
    }
}
