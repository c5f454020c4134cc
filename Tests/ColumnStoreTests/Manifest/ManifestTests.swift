import ColumnFormat
import ColumnStore
import TestSupport
import Testing

struct ManifestTests {
    private let directory = "/store"

    private func fileSystem() throws -> SimulatedFileSystem { try LogFixture.fileSystem() }

    private func edit(_ number: Int) -> ManifestEdit {
        .metadataSet(key: "key \(number % 5)", bytes: Array("value \(number)".utf8))
    }

    @Test func whatIsCommittedIsThereAfterReopening() throws {
        let fileSystem = try fileSystem()
        #expect(try !Manifest.exists(fileSystem, directory))
        let manifest = try Manifest.create(fileSystem, directory)
        #expect(try Manifest.exists(fileSystem, directory))
        let id = try #require(manifest.state.storeID)
        for number in 0..<20 { try manifest.commit([edit(number), .nextFileNumber(UInt64(number + 1))]) }
        let state = manifest.state
        #expect(state.nextFileNumber == 20 && state.metadata.count == 5)
        manifest.close()
        #expect(try Manifest.load(fileSystem, directory).state == state)
        let reopened = try Manifest.open(fileSystem, directory)
        #expect(reopened.state == state && reopened.state.storeID == id)
        try reopened.commit([edit(99)])
        #expect(try Manifest.load(fileSystem.crash(.nothing), directory).state == reopened.state)
    }

    @Test func aStoreIsMadeOnce() throws {
        let fileSystem = try fileSystem()
        _ = try Manifest.create(fileSystem, directory)
        let error = #expect(throws: StoreError.self) { _ = try Manifest.create(fileSystem, directory) }
        #expect(error?.code == .alreadyExists)
    }

    @Test func whereThereIsNoStoreTheErrorSaysSo() throws {
        let fileSystem = try fileSystem()
        for directory in ["/store", "/nowhere"] {
            let error = #expect(throws: StoreError.self) { _ = try Manifest.load(fileSystem, directory) }
            #expect(error?.code == .notFound && error?.path == directory)
            #expect(throws: StoreError.self) { _ = try Manifest.open(fileSystem, directory) }
        }
    }

    @Test func aLargeManifestIsRolled() throws {
        let fileSystem = try fileSystem()
        let manifest = try Manifest.create(fileSystem, directory, rollByteCount: 1_000)
        for number in 0..<100 { try manifest.commit([edit(number)]) }
        let names = try fileSystem.list(directory)
        #expect(names.count == 2 && names[0] == "CURRENT" && names[1] > "MANIFEST-000004", "\(names)")
        #expect(try Manifest.load(fileSystem, directory).state == manifest.state)
    }

    @Test func editsThatDoNotFitChangeNothing() throws {
        let fileSystem = try fileSystem()
        let manifest = try Manifest.create(fileSystem, directory)
        try manifest.commit([edit(1)])
        let state = manifest.state
        let operations = fileSystem.operationCount
        let error = #expect(throws: StoreError.self) { try manifest.commit([edit(2), .tableDropped(id: 3)]) }
        #expect(error?.code == .invalidInput)
        #expect(manifest.state == state && fileSystem.operationCount == operations)
    }

    @Test(arguments: [SimulatedFault.inputOutput, .noSpace, .syncLosesData])
    func aCommitSurvivesAFailureByMovingToANewFile(fault: SimulatedFault) throws {
        for operation in 0..<2 {
            let fileSystem = try fileSystem()
            let manifest = try Manifest.create(fileSystem, directory)
            try manifest.commit([edit(1)])
            fileSystem.fail(at: fileSystem.operationCount + operation, fault)
            try manifest.commit([edit(2)])
            try manifest.commit([edit(3)])
            #expect(try fileSystem.list(directory) == ["CURRENT", "MANIFEST-000002"])
            #expect(try Manifest.load(fileSystem.crash(.nothing), directory).state == manifest.state)
        }
    }

    @Test func aFullDiskRefusesCommitsUntilThereIsRoom() throws {
        let fileSystem = try fileSystem()
        let manifest = try Manifest.create(fileSystem, directory)
        let state = manifest.state
        fileSystem.setCapacity(0)
        for number in 0..<3 {
            let error = #expect(throws: StoreError.self) { try manifest.commit([edit(number)]) }
            #expect(error?.code == .noSpace)
            #expect(manifest.state == state)
        }
        fileSystem.setCapacity(nil)
        try manifest.commit([edit(7)])
        #expect(try Manifest.load(fileSystem.crash(.nothing), directory).state == manifest.state)
        #expect(manifest.state.metadata.count == 1)
    }

    @Test func everyDamagedBitIsAnErrorOrAnOlderCommit() throws {
        let fileSystem = try fileSystem()
        let manifest = try Manifest.create(fileSystem, directory)
        var states = [manifest.state]
        for number in 0..<4 {
            try manifest.commit([edit(number)])
            states.append(manifest.state)
        }
        let path = "/store/MANIFEST-000001"
        let bytes = try #require(fileSystem.contents(of: path))
        for bit in 0..<bytes.count * 8 {
            var damaged = bytes
            damaged[bit / 8] ^= 1 << (bit % 8)
            fileSystem.setContents(of: path, to: damaged)
            do {
                // Damage in the last commit cannot be told from one that was never finished.
                let state = try Manifest.load(fileSystem, directory).state
                #expect(state == states[3], "bit \(bit)")
            } catch {
                #expect(
                    [.corrupt, .unsupportedVersion].contains(error.code) && error.path == path, "bit \(bit): \(error)")
            }
        }
        for length in 0..<bytes.count {
            fileSystem.setContents(of: path, to: Array(bytes[..<length]))
            if let state = try? Manifest.load(fileSystem, directory).state {
                #expect(states.contains(state), "cut at \(length)")
            }
        }
    }

    @Test(arguments: [
        "", "MANIFEST-000001", "MANIFEST-1\n", "MANIFEST-000002\n", "../MANIFEST-000001\n", "LOG-000001\n",
    ])
    func aDamagedCurrentIsCorrupt(text: String) throws {
        let fileSystem = try fileSystem()
        _ = try Manifest.create(fileSystem, directory)
        fileSystem.setContents(of: "/store/CURRENT", to: Array(text.utf8))
        for open in [false, true] {
            let error = #expect(throws: StoreError.self) {
                if open {
                    _ = try Manifest.open(fileSystem, directory)
                } else {
                    _ = try Manifest.load(fileSystem, directory)
                }
            }
            #expect(error?.code == .corrupt && error?.path?.hasPrefix("/store/") == true)
        }
    }

    @Test func aManifestThatWasCutAfterACloseIsCorrupt() throws {
        let fileSystem = try fileSystem()
        let manifest = try Manifest.create(fileSystem, directory)
        try manifest.commit([edit(1)])
        let whole = try #require(fileSystem.contents(of: "/store/MANIFEST-000001"))
        try manifest.commit([edit(2)])
        manifest.close(recordingEnd: true)
        #expect(try Manifest.load(fileSystem, directory).state == manifest.state)
        // It stays true while the manifest grows.
        let reopened = try Manifest.open(fileSystem, directory)
        try reopened.commit([edit(3)])
        #expect(try Manifest.load(fileSystem, directory).state == reopened.state)
        fileSystem.setContents(of: "/store/MANIFEST-000001", to: whole)
        for open in [false, true] {
            let error = #expect(throws: StoreError.self) {
                if open {
                    _ = try Manifest.open(fileSystem, directory)
                } else {
                    _ = try Manifest.load(fileSystem, directory)
                }
            }
            #expect(error?.code == .corrupt && error?.path == "/store/MANIFEST-000001" && error?.offset == whole.count)
        }
    }

    @Test func aCloseNamesTheManifestThatIsOpenWhateverNumbersFailedAttemptsHaveUsed() throws {
        let fileSystem = try fileSystem()
        _ = try Manifest.create(fileSystem, directory)
        fileSystem.setContents(of: "/store/MANIFEST-000004", to: [1, 2, 3])
        let manifest = try Manifest.open(fileSystem, directory)
        try manifest.commit([edit(1)])
        manifest.close(recordingEnd: true)
        #expect(try Manifest.load(fileSystem, directory).state == manifest.state)
        #expect(try Manifest.open(fileSystem, directory).state == manifest.state)
    }

    @Test func everyFlippedBitOfCurrentIsSeen() throws {
        let fileSystem = try fileSystem()
        try Manifest.create(fileSystem, directory).close(recordingEnd: true)
        let whole = try #require(fileSystem.contents(of: "/store/CURRENT"))
        #expect(whole.count > 30)
        for bit in 0..<whole.count * 8 {
            var bytes = whole
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            fileSystem.setContents(of: "/store/CURRENT", to: bytes)
            let error = #expect(throws: StoreError.self, "bit \(bit)") {
                _ = try Manifest.load(fileSystem, directory)
            }
            #expect(error?.code == .corrupt && error?.path != nil)
        }
    }

    @Test func aTornCommitGoesAndTheNextOneMovesToANewFile() throws {
        let fileSystem = try fileSystem()
        let manifest = try Manifest.create(fileSystem, directory)
        try manifest.commit([edit(1)])
        let state = manifest.state
        try manifest.commit([edit(2)])
        let bytes = try #require(fileSystem.contents(of: "/store/MANIFEST-000001"))
        fileSystem.setContents(of: "/store/MANIFEST-000001", to: Array(bytes.dropLast(3)))
        let reopened = try Manifest.open(fileSystem, directory)
        #expect(reopened.state == state)
        try reopened.commit([edit(3)])
        #expect(try fileSystem.list(directory) == ["CURRENT", "MANIFEST-000002"])
        #expect(try Manifest.load(fileSystem, directory).state == reopened.state)
    }

    @Test func aReaderSeesWhetherThereIsSomethingNew() throws {
        let fileSystem = try fileSystem()
        let manifest = try Manifest.create(fileSystem, directory, rollByteCount: 400)
        for number in 0..<20 {
            let (_, version) = try Manifest.load(fileSystem, directory)
            #expect(try Manifest.version(fileSystem, directory) == version)
            try manifest.commit([edit(number)])
            #expect(try Manifest.version(fileSystem, directory) != version)
        }
    }

    @Test func manyThreadsCommitOneAfterTheOther() throws {
        let fileSystem = try fileSystem()
        let manifest = try Manifest.create(fileSystem, directory, rollByteCount: 2_000)
        let failures = FailureCount()
        let threads = (0..<6).map { ThreadExecutor(name: "committer \($0)") }
        for (number, thread) in threads.enumerated() {
            thread.submit {
                for commit in 0..<20 {
                    do { try manifest.commit([.metadataSet(key: "\(number)/\(commit)", bytes: [])]) } catch {
                        failures.add()
                    }
                }
            }
        }
        // A reader beside them always finds one whole state.
        for _ in 0..<50 { _ = try Manifest.load(fileSystem, directory) }
        for thread in threads { thread.stop() }
        #expect(failures.count == 0)
        #expect(try Manifest.load(fileSystem.crash(.nothing), directory).state.metadata.count == 120)
    }
}
