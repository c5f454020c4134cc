import ColumnStore
import TestSupport
import Testing

/// The simulated disk has to be as unkind as a real one, or the crash tests prove nothing.
struct SimulatedFileSystemTests {
    private func prepared(_ seed: UInt64 = 1) throws -> (SimulatedFileSystem, any File) {
        let fileSystem = SimulatedFileSystem(seed: seed)
        let file = try fileSystem.open("/file", .createNew)
        try file.write([UInt8](repeating: 1, count: 2_048), at: 0)
        try file.sync()
        try fileSystem.syncDirectory("/")
        return (fileSystem, file)
    }

    @Test func whatWasNotSyncedMayBeLost() throws {
        let (fileSystem, file) = try prepared()
        try file.write([2, 2, 2], at: 0)
        #expect(fileSystem.pendingCount == 1)
        #expect(fileSystem.crash(.nothing).contents(of: "/file")?.first == 1)
    }

    @Test func whatWasNotSyncedMayBeKept() throws {
        let (fileSystem, file) = try prepared()
        try file.write([2, 2, 2], at: 0)
        #expect(fileSystem.crash(.everything).contents(of: "/file")?.first == 2)
    }

    @Test func sectorsOfOneWriteAreKeptOneByOne() throws {
        var seen: Set<[UInt8]> = []
        for seed in 0..<200 as Range<UInt64> {
            let (fileSystem, file) = try prepared()
            try file.write([UInt8](repeating: 2, count: 2_048), at: 0)
            let bytes = try #require(fileSystem.crash(.subset(seed: seed)).contents(of: "/file"))
            let sectors = stride(from: 0, to: 2_048, by: 512).map { bytes[$0] }
            for (place, value) in sectors.enumerated() {
                #expect(bytes[place * 512..<place * 512 + 512].allSatisfy { $0 == value }, "a sector is written whole")
            }
            seen.insert(sectors)
        }
        #expect(seen.count == 16, "every subset happens")
    }

    @Test func aFileMayGrowWithoutItsBytes() throws {
        var seen: Set<[UInt8]> = []
        for seed in 0..<300 as Range<UInt64> {
            let (fileSystem, file) = try prepared()
            try file.write([UInt8](repeating: 2, count: 512), at: 2_048)
            seen.insert(Array(try #require(fileSystem.crash(.subset(seed: seed)).contents(of: "/file"))[2_048...]))
        }
        let (zeros, written) = ([UInt8](repeating: 0, count: 512), [UInt8](repeating: 2, count: 512))
        #expect(seen.isSuperset(of: [[], zeros, written]))
        // And garbage, another each time.
        #expect(seen.count > 10 && seen.allSatisfy { $0.isEmpty || $0.count == 512 })
    }

    @Test func namesAreLostUntilTheirDirectoryIsSynced() throws {
        let fileSystem = SimulatedFileSystem()
        let file = try fileSystem.open("/new", .createNew)
        try file.write([1], at: 0)
        try file.sync()
        #expect(fileSystem.crash(.nothing).filePaths.isEmpty)

        let (second, _) = try prepared()
        try second.rename("/file", to: "/renamed")
        #expect(second.filePaths == ["/renamed"])
        #expect(second.crash(.nothing).filePaths == ["/file"])

        let (third, _) = try prepared()
        try third.unlink("/file")
        #expect(third.crash(.nothing).filePaths == ["/file"], "an unlinked file comes back")

        let (fourth, _) = try prepared()
        try fourth.rename("/file", to: "/renamed")
        try fourth.syncDirectory("/")
        #expect(fourth.crash(.nothing).filePaths == ["/renamed"])
    }

    @Test func aRenameIsAllOrNothing() throws {
        for seed in 0..<50 as Range<UInt64> {
            let (fileSystem, _) = try prepared()
            try fileSystem.rename("/file", to: "/renamed")
            let paths = fileSystem.crash(.subset(seed: seed)).filePaths
            #expect(paths == ["/file"] || paths == ["/renamed"])
        }
    }

    @Test func aDirectoryThatIsLostTakesItsFilesAlong() throws {
        let fileSystem = SimulatedFileSystem()
        try fileSystem.createDirectory("/inner")
        try fileSystem.open("/inner/file", .createNew).sync()
        try fileSystem.syncDirectory("/inner")
        #expect(fileSystem.crash(.nothing).filePaths.isEmpty)
    }

    @Test func aSyncThatFailsMayForgetItsData() throws {
        let (fileSystem, file) = try prepared()
        try file.write([2], at: 0)
        fileSystem.failNext(.syncLosesData)
        #expect(throws: StoreError.self) { try file.sync() }
        #expect(try file.read(1, at: 0) == [2], "the file reads as if nothing had happened")
        #expect(fileSystem.fork(.everything, seed: 1).contents(of: "/file")?.first == 1)
        // Repeating it helps nothing; what is written again arrives.
        try file.write([3], at: 1)
        try file.sync()
        #expect(try file.read(2, at: 0) == [2, 3])
        #expect(fileSystem.fork(.everything, seed: 1).contents(of: "/file")?.prefix(2) == [1, 3])
        try file.write([2], at: 0)
        try file.sync()
        #expect(fileSystem.fork(.nothing, seed: 1).contents(of: "/file")?.prefix(2) == [2, 3])
    }

    @Test func aFailedWriteMayHaveBegun() throws {
        var lengths: Set<Int> = []
        for seed in 0..<100 as Range<UInt64> {
            let (fileSystem, file) = try prepared(seed)
            fileSystem.failNext(.noSpace)
            #expect(throws: StoreError.self) { try file.write([2, 2, 2], at: 0) }
            lengths.insert(try file.read(3, at: 0).filter { $0 == 2 }.count)
        }
        #expect(lengths == [0, 1, 2, 3])
    }

    @Test func aFullDiskFailsWhatNeedsRoom() throws {
        let (fileSystem, file) = try prepared()
        fileSystem.setCapacity(3_000)
        #expect(throws: StoreError.self) { try file.preallocate(3_001) }
        try file.preallocate(3_000)
        #expect(throws: StoreError.self) { try file.write([1], at: 3_000) }
        try file.write([1], at: 2_999)
        try fileSystem.unlink("/file")
        try fileSystem.open("/other", .createNew).preallocate(3_000)
    }

    @Test func afterACrashNothingWorksForThoseWhoWereThere() throws {
        let (fileSystem, file) = try prepared()
        fileSystem.fail(at: fileSystem.operationCount, .crash)
        #expect(throws: StoreError.self) { try file.write([2], at: 0) }
        #expect(fileSystem.hasCrashed)
        #expect(throws: StoreError.self) { _ = try file.read(1, at: 0) }
        #expect(throws: StoreError.self) { _ = try fileSystem.list("/") }
        #expect(try fileSystem.crash(.nothing).list("/") == ["file"])
    }

    @Test func aKilledProcessLosesItsLockAndNothingElse() throws {
        let (fileSystem, file) = try prepared()
        let lock = try fileSystem.lockExclusive("/LOCK")
        try file.write([2], at: 0)
        let next = fileSystem.kill()
        #expect(next.contents(of: "/file")?.first == 2)
        _ = try next.lockExclusive("/LOCK")
        #expect(next.crash(.nothing).contents(of: "/file")?.first == 1, "it was not durable, and is not now")
        lock.unlock()
    }

    @Test func theSameSeedDoesTheSame() throws {
        func run() throws -> [UInt8]? {
            let (fileSystem, file) = try prepared(42)
            for place in 0..<20 { try file.write([UInt8](repeating: 3, count: 700), at: place * 100) }
            return fileSystem.crash(.subset(seed: 5)).contents(of: "/file")
        }
        #expect(try run() == run())
    }
}
