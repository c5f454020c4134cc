import ColumnFormat
import ColumnStore
import TestSupport
import Testing

struct LogWriterFaultTests {
    private let text = String(repeating: "t", count: 300)

    private func error(_ body: () throws -> Void) -> StoreError? {
        do {
            try body()
            return nil
        } catch {
            return error as? StoreError
        }
    }

    @Test(arguments: [SimulatedFault.inputOutput, .syncLosesData])
    func aFailedSyncPoisonsTheLogForWriting(fault: SimulatedFault) throws {
        let fileSystem = try LogFixture.fileSystem()
        let writer = try LogFixture.writer(fileSystem)
        try LogFixture.append(writer, ["durable"])
        try writer.sync()
        try LogFixture.append(writer, ["lost"])
        try writer.flush()
        fileSystem.failNext(fault)
        let first = error { try writer.sync() }
        #expect(first?.code == .poisoned)
        #expect((first?.cause as? StoreError)?.code == .io)
        #expect(first?.path == "/store/log-000001")
        let operations = fileSystem.operationCount
        for _ in 0..<3 {
            #expect(error { try writer.sync() }?.description == first?.description)
            #expect(error { try LogFixture.append(writer, ["more"]) }?.description == first?.description)
            #expect(error { try writer.rotate() }?.description == first?.description)
        }
        #expect(error { try writer.close() }?.code == .poisoned)
        #expect(fileSystem.operationCount == operations, "nothing is tried again")
        #expect(writer.durableUpTo == 2)
        let recovered = try LogFixture.read(fileSystem.crash(.nothing)).calls
        #expect(recovered == [["durable"]])
    }

    @Test func aFailedWritePoisonsTheLog() throws {
        let fileSystem = try LogFixture.fileSystem()
        let writer = try LogFixture.writer(fileSystem)
        try LogFixture.append(writer, ["a"])
        try writer.sync()
        try LogFixture.append(writer, ["b"])
        fileSystem.failNext(.inputOutput)
        #expect(error { try writer.flush() }?.code == .poisoned)
        #expect(error { try LogFixture.append(writer, ["c"]) }?.code == .poisoned)
        let (calls, _) = try LogFixture.read(fileSystem)
        #expect(calls == [["a"]] || calls == [["a"], ["b"]])
    }

    @Test func aFullDiskRefusesCallsUntilThereIsRoom() throws {
        let fileSystem = try LogFixture.fileSystem()
        fileSystem.setCapacity(20_000)
        let writer = try LogFixture.writer(fileSystem, chunkByteCount: 4_096)
        var accepted = 0
        var refusal: StoreError?
        for call in 0..<200 {
            refusal = error { try LogFixture.append(writer, ["\(call) \(text)"]) }
            if refusal != nil { break }
            accepted += 1
            // What was accepted can be made durable.
            try writer.sync()
        }
        #expect(refusal?.code == .noSpace)
        #expect(accepted > 30)
        let nextSequence = writer.nextSequence
        for _ in 0..<3 { #expect(error { try LogFixture.append(writer, [text]) }?.code == .noSpace) }
        #expect(writer.nextSequence == nextSequence, "a call that threw has changed nothing")
        fileSystem.setCapacity(100_000)
        for call in accepted..<accepted + 20 { try LogFixture.append(writer, ["\(call) \(text)"]) }
        try writer.close()
        let calls = try LogFixture.read(fileSystem.crash(.nothing)).calls
        #expect(calls == (0..<accepted + 20).map { ["\($0) \(text)"] })
    }

    @Test func aFullDiskAtTheWriteLosesNothing() throws {
        let fileSystem = try LogFixture.fileSystem()
        let writer = try LogFixture.writer(fileSystem)
        try LogFixture.append(writer, ["a"])
        for _ in 0..<3 {
            fileSystem.failNext(.noSpace)
            #expect(error { try writer.sync() }?.code == .noSpace)
            #expect(writer.writtenUpTo == 1)
        }
        try LogFixture.append(writer, ["b"])
        try writer.sync()
        #expect(try LogFixture.read(fileSystem.crash(.nothing)).calls == [["a"], ["b"]])
    }

    @Test func aFullDiskAtARotationLosesNothing() throws {
        for operation in 0..<8 {
            let fileSystem = try LogFixture.fileSystem()
            let writer = try LogFixture.writer(fileSystem)
            try LogFixture.append(writer, ["a"])
            try writer.rotate()
            try LogFixture.append(writer, ["b"])
            fileSystem.fail(at: fileSystem.operationCount + operation, .noSpace)
            if let error = error({ try writer.flush() }) {
                // A sync that fails is final, whatever the reason.
                #expect(error.code == .noSpace || error.code == .poisoned, "operation \(operation): \(error)")
                if error.code == .poisoned { continue }
            }
            try LogFixture.append(writer, ["c"])
            try writer.sync()
            let crashed = fileSystem.crash(.nothing)
            #expect(try LogFixture.read(crashed, number: 1).calls == [["a"]], "operation \(operation)")
            #expect(try LogFixture.read(crashed, number: 2).calls == [["b"], ["c"]], "operation \(operation)")
        }
    }

    @Test func memoryHasABound() throws {
        let fileSystem = try LogFixture.fileSystem()
        fileSystem.setCapacity(300_000)
        var options = LogFixture.options(chunkByteCount: 0)
        options.pendingByteLimit = 10_000
        let writer = try LogWriter(
            fileSystem: fileSystem, directory: LogFixture.directory, number: 1, firstSequence: 1, options: options,
            executor: nil)
        for _ in 0..<100 {
            try LogFixture.append(writer, [text])
            #expect(writer.unwrittenByteCount < 11_000)
        }
        fileSystem.setCapacity(0)
        let count = try #require((0..<100).first { _ in error { try LogFixture.append(writer, [text]) } != nil })
        #expect(count < 40)
        #expect(writer.unwrittenByteCount < 11_000)
    }

    @Test func aLogThatCannotBeMadeLeavesNoFile() throws {
        for fault in [SimulatedFault.noSpace, .inputOutput] {
            for operation in 0..<6 {
                let fileSystem = try LogFixture.fileSystem()
                fileSystem.fail(at: fileSystem.operationCount + operation, fault)
                #expect(error { _ = try LogFixture.writer(fileSystem) } != nil, "\(fault) at operation \(operation)")
                // The name may be there if only the directory's sync failed.
                if operation < 5 { #expect(fileSystem.filePaths.isEmpty, "\(fault) at operation \(operation)") }
                _ = try LogFixture.writer(fileSystem)
            }
        }
    }

    @Test func anErrorInTheBackgroundIsThrownByTheNextCall() throws {
        let fileSystem = try LogFixture.fileSystem()
        let executor = InlineExecutor()
        let writer = try LogFixture.writer(fileSystem, executor: executor)
        try LogFixture.append(writer, ["a"])
        fileSystem.failNext(.noSpace)
        executor.advance(milliseconds: 10)
        fileSystem.failNext(.noSpace)
        #expect(error { try LogFixture.append(writer, ["b"]) }?.code == .noSpace)
        try LogFixture.append(writer, ["b"])
        executor.advance(milliseconds: 10)
        fileSystem.failNext(.inputOutput)
        executor.advance(milliseconds: 100)
        #expect(error { try LogFixture.append(writer, ["c"]) }?.code == .poisoned)
    }
}
