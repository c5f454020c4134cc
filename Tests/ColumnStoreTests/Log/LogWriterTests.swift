import ColumnFormat
import ColumnStore
import Synchronization
import TestSupport
import Testing

struct LogWriterTests {
    @Test func whatWasAppendedIsReadInOrder() throws {
        let fileSystem = try LogFixture.fileSystem()
        let writer = try LogFixture.writer(fileSystem, firstSequence: 10)
        #expect(try LogFixture.append(writer, ["a"]) == 10..<11)
        #expect(try LogFixture.append(writer, ["b", "c", ""]) == 11..<14)
        #expect(try LogFixture.append(writer, []) == 14..<15, "a call without rows takes a number too")
        #expect(writer.writtenUpTo == 10)
        try writer.flush()
        #expect(writer.writtenUpTo == 15)
        #expect(writer.durableUpTo == 10)
        try writer.sync()
        #expect(writer.durableUpTo == 15)
        let (calls, end) = try LogFixture.read(fileSystem)
        #expect(calls == [["a"], ["b", "c", ""], []])
        #expect(end == LogEnd(validByteCount: writer.endOffset, nextSequence: 15, isTorn: false))
    }

    @Test func framesCarryTheirSectionsAndTimes() throws {
        let fileSystem = try LogFixture.fileSystem()
        let writer = try LogFixture.writer(fileSystem)
        try writer.append(arrival: Timestamp(microseconds: -5)) { builder throws(StoreError) in
            #expect(builder.baseSequence == 1)
            do throws(FormatError) {
                try builder.beginSection(.rows, tableID: 1, schemaVersion: 2)
                try builder.append([1, 2, 3])
                builder.endSection(rowCount: 2)
                try builder.beginSection(.event, tableID: .max, schemaVersion: 0)
                builder.endSection(rowCount: 0)
            } catch {
                throw StoreError(.invalidInput, error.message)
            }
        }
        try writer.sync()
        try LogFixture.append(writer, ["later"])
        try writer.flush()
        let reader = try LogReader(file: try fileSystem.open("/store/log-000001", .read))
        let first = try #require(try reader.next())
        #expect(first.header.arrivalMicroseconds == -5)
        #expect(first.header.sequenceCount == 2)
        #expect(first.header.durableUpTo == 1)
        #expect(first.offset == LogFileHeader.byteCount)
        var sections = first.sections
        let rows = try #require(try sections.next())
        #expect(rows.kind == .rows && rows.tableID == 1 && rows.schemaVersion == 2 && rows.rowCount == 2)
        #expect(unsafe [UInt8](rows.bytes) == [1, 2, 3])
        let event = try #require(try sections.next())
        #expect(event.kind == .event && event.tableID == .max && event.rowCount == 0)
        #expect(unsafe event.bytes.isEmpty)
        #expect(try sections.next() == nil)
        #expect(try reader.next()?.header.durableUpTo == 3)
    }

    @Test func aCallThatThrowsLeavesNothing() throws {
        let fileSystem = try LogFixture.fileSystem()
        let writer = try LogFixture.writer(fileSystem)
        try LogFixture.append(writer, ["a"])
        for place in 0..<4 {
            #expect(throws: StoreError.self) {
                try writer.append(arrival: Timestamp(microseconds: 0)) { builder throws(StoreError) in
                    let refusal = StoreError(.invalidInput, "refused")
                    if place == 0 { throw refusal }
                    try? builder.beginSection(.rows, tableID: 1, schemaVersion: 1)
                    if place == 1 { throw refusal }
                    try? builder.append([UInt8](repeating: 9, count: 10_000))
                    if place == 2 { throw refusal }
                    builder.endSection(rowCount: 1)
                    throw refusal
                }
            }
        }
        #expect(try LogFixture.append(writer, ["b"]) == 2..<3)
        try writer.close()
        #expect(try LogFixture.read(fileSystem).calls == [["a"], ["b"]])
    }

    @Test func framesOfAllSizesGoThroughFullChunksAndBuffers() throws {
        let fileSystem = try LogFixture.fileSystem()
        let writer = try LogFixture.writer(fileSystem)
        var expected: [[String]] = []
        for size in [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 500, 4_095, 4_096, 5_000, 70_000, 3] {
            let text = String(repeating: "x", count: size)
            try LogFixture.append(writer, [text])
            expected.append([text])
            if size % 3 == 0 { try writer.flush() }
        }
        try writer.close()
        #expect(try LogFixture.read(fileSystem).calls == expected)
    }

    @Test func theFileIsTakenInChunksOfZeros() throws {
        let fileSystem = try LogFixture.fileSystem()
        let writer = try LogFixture.writer(fileSystem, chunkByteCount: 8_192)
        #expect(fileSystem.contents(of: "/store/log-000001")?.count == 8_192)
        for _ in 0..<100 { try LogFixture.append(writer, [String(repeating: "y", count: 200)]) }
        try writer.flush()
        let bytes = try #require(fileSystem.contents(of: "/store/log-000001"))
        #expect(bytes.count % 8_192 == 0 && bytes.count >= writer.endOffset)
        #expect(bytes[writer.endOffset...].allSatisfy { $0 == 0 })
    }

    @Test func aRotationGoesOnInTheNextFile() throws {
        let fileSystem = try LogFixture.fileSystem()
        let writer = try LogFixture.writer(fileSystem)
        try LogFixture.append(writer, ["a"])
        let operations = fileSystem.operationCount
        let (number, firstSequence) = try writer.rotate()
        #expect(number == 2 && firstSequence == 2 && writer.number == 2)
        try LogFixture.append(writer, ["b"])
        try writer.rotate()
        try writer.rotate()
        try LogFixture.append(writer, ["c"])
        #expect(fileSystem.operationCount == operations, "a rotation does nothing to the disk")
        try writer.flush()
        #expect(writer.durableUpTo == 3, "what is behind a newer file is durable")
        #expect(try LogFixture.read(fileSystem, number: 1).calls == [["a"]])
        #expect(try LogFixture.read(fileSystem, number: 2).calls == [["b"]])
        #expect(try LogFixture.read(fileSystem, number: 3).calls == [])
        #expect(try LogFixture.read(fileSystem, number: 4).calls == [["c"]])
        var replayed: [[String]] = []
        let replay = try LogReplay(
            fileSystem: fileSystem, directory: LogFixture.directory, from: 2, validByteCounts: [:], makeDurable: false
        ) { frames throws(StoreError) in
            for frame in frames { replayed.append((try? LogFixture.texts(of: frame)) ?? ["?"]) }
        }
        #expect(replayed == [["b"], ["c"]])
        #expect(replay.nextSequence == 4 && replay.nextNumber == 5 && replay.torn == nil)
    }

    @Test func syncMakesTheFileOfARotationWithNothingInIt() throws {
        let fileSystem = try LogFixture.fileSystem()
        let writer = try LogFixture.writer(fileSystem)
        try LogFixture.append(writer, ["a"])
        try writer.rotate()
        try writer.sync()
        #expect(try LogFile.numbers(in: LogFixture.directory, fileSystem) == [1, 2])
        #expect(try LogFixture.read(fileSystem, number: 2).end.nextSequence == 2)
    }

    @Test func closedMeansClosed() throws {
        let fileSystem = try LogFixture.fileSystem()
        let writer = try LogFixture.writer(fileSystem)
        try LogFixture.append(writer, ["a"])
        try writer.close()
        try writer.close()
        #expect(throws: StoreError.self) { try LogFixture.append(writer, ["b"]) }
        #expect(throws: StoreError.self) { try writer.rotate() }
        #expect(try LogFixture.read(fileSystem).calls == [["a"]])
        let path = LogFile.path(LogFixture.directory, 1)
        #expect(try fileSystem.byteCount(of: path) == writer.endOffset, "room that was not needed is given back")
    }

    @Test func theBackgroundWritesAndSyncsByItself() throws {
        let fileSystem = try LogFixture.fileSystem()
        let executor = InlineExecutor()
        let writer = try LogFixture.writer(fileSystem, executor: executor)
        try LogFixture.append(writer, ["a"])
        executor.advance(milliseconds: 9)
        #expect(writer.writtenUpTo == 1)
        executor.advance(milliseconds: 1)
        #expect(writer.writtenUpTo == 2 && writer.durableUpTo == 1)
        try LogFixture.append(writer, ["b"])
        executor.advance(milliseconds: 99)
        #expect(writer.writtenUpTo == 3 && writer.durableUpTo == 1)
        executor.advance(milliseconds: 1)
        #expect(writer.durableUpTo == 3)
        let operations = fileSystem.operationCount
        executor.advance(milliseconds: 10_000)
        #expect(fileSystem.operationCount == operations, "nothing is done when there is nothing to do")
    }

    @Test func muchAtOnceIsWrittenWithoutDelay() throws {
        let fileSystem = try LogFixture.fileSystem()
        let executor = InlineExecutor()
        let writer = try LogFixture.writer(fileSystem, executor: executor)
        try LogFixture.append(writer, [String(repeating: "z", count: 2_000)])
        try LogFixture.append(writer, [String(repeating: "z", count: 2_000)])
        #expect(executor.pendingCount == 1)
        executor.drain()
        #expect(writer.writtenUpTo == 3)
    }

    @Test func manyTasksWaitWithoutHoldingThreads() async throws {
        let fileSystem = try LogFixture.fileSystem()
        let executor = ThreadExecutor(name: "log")
        let writer = try LogFixture.writer(fileSystem, executor: executor)
        let failures = FailureCount()
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<200 {
                group.addTask {
                    do {
                        let sequences = try LogFixture.append(writer, ["\(task)"])
                        try await writer.durable(through: sequences.upperBound)
                        if writer.durableUpTo < sequences.upperBound { failures.add() }
                    } catch {
                        failures.add()
                    }
                }
            }
        }
        #expect(failures.count == 0)
        executor.stop()
        try LogFixture.append(writer, ["last"])
        try await writer.durable(through: writer.nextSequence)
        #expect(try LogFixture.read(fileSystem.crash(.nothing)).calls.count == 201)
    }

    @Test func manyThreadsAreCommittedInGroups() throws {
        let fileSystem = try LogFixture.fileSystem()
        let writer = try LogFixture.writer(fileSystem)
        let callCount = 50
        let failures = FailureCount()
        let threads = (0..<8).map { ThreadExecutor(name: "appender \($0)") }
        for (number, thread) in threads.enumerated() {
            thread.submit {
                for call in 0..<callCount {
                    do {
                        let sequences = try LogFixture.append(writer, ["\(number) \(call)"])
                        try writer.sync(through: sequences.upperBound)
                        if writer.durableUpTo < sequences.upperBound { failures.add() }
                        if call == callCount / 2, number == 0 { try writer.rotate() }
                    } catch {
                        failures.add()
                    }
                }
            }
        }
        for thread in threads { thread.stop() }
        #expect(failures.count == 0)
        let crashed = fileSystem.crash(.nothing)
        var calls = try LogFixture.read(crashed, number: 1).calls
        calls += try LogFixture.read(crashed, number: 2).calls
        #expect(calls.count == threads.count * callCount)
        for number in threads.indices {
            let own = calls.filter { $0[0].hasPrefix("\(number) ") }
            #expect(own == (0..<callCount).map { ["\(number) \($0)"] })
        }
    }
}

/// How often something went wrong, counted by several threads.
final class FailureCount: Sendable {
    private let value = Atomic<Int>(0)

    var count: Int { value.load(ordering: .relaxed) }

    func add() { value.add(1, ordering: .relaxed) }
}
