import ColumnFormat
import ColumnStore
import TestSupport
import Testing

struct LogReaderTests {
    private static let calls = [["a"], ["bb", "ccc"], [String(repeating: "d", count: 90)], ["e"]]

    /// The bytes of a log of four calls without its zero tail; `syncAfter` is how many calls were durable before the next.
    private func bytes(syncAfter: Int = 0, number: UInt64 = 1, seed: UInt64 = 1) throws -> (bytes: [UInt8], ends: [Int])
    {
        let fileSystem = try LogFixture.fileSystem(seed: seed)
        let writer = try LogFixture.writer(fileSystem, number: number)
        var ends: [Int] = []
        for (place, call) in Self.calls.enumerated() {
            try LogFixture.append(writer, call)
            ends.append(writer.endOffset)
            if place + 1 == syncAfter { try writer.sync() }
        }
        try writer.flush()
        let contents = try #require(fileSystem.contents(of: LogFile.path(LogFixture.directory, number)))
        return (Array(contents[..<writer.endOffset]), ends)
    }

    private func read(_ bytes: [UInt8], validByteCount: Int? = nil) throws -> (calls: [[String]], end: LogEnd) {
        let fileSystem = try LogFixture.fileSystem()
        fileSystem.setContents(of: "/store/log-000001", to: bytes)
        return try LogFixture.read(fileSystem, validByteCount: validByteCount)
    }

    private func corruption(_ bytes: [UInt8], validByteCount: Int? = nil) -> StoreError? {
        do {
            _ = try read(bytes, validByteCount: validByteCount)
            return nil
        } catch let error as StoreError where error.code == .corrupt {
            return error
        } catch {
            Issue.record("not a corruption: \(error)")
            return nil
        }
    }

    @Test(arguments: [0, 1, 7, 8, 100, 1_000, 5_000])
    func zerosAreACleanEnd(zeroCount: Int) throws {
        let (bytes, ends) = try bytes()
        let (calls, end) = try read(bytes + [UInt8](repeating: 0, count: zeroCount))
        #expect(calls == Self.calls)
        #expect(end == LogEnd(validByteCount: try #require(ends.last), nextSequence: 6, isTorn: false))
    }

    @Test func aLogCutAnywhereKeepsItsWholeFrames() throws {
        let (bytes, ends) = try bytes(syncAfter: 2)
        for length in LogFileHeader.byteCount...bytes.count {
            let (calls, end) = try read(Array(bytes[..<length]))
            let whole = ends.filter { $0 <= length }.count
            #expect(calls == Array(Self.calls[..<whole]), "cut at \(length)")
            let valid = whole == 0 ? LogFileHeader.byteCount : ends[whole - 1]
            #expect(end.validByteCount == valid, "cut at \(length)")
            // What is left of a frame is a tear, but may begin with zeros only by chance: it has a magic number.
            #expect(end.isTorn == (length > valid), "cut at \(length)")
        }
    }

    @Test func aFileWithoutItsHeaderIsCorrupt() throws {
        let (bytes, _) = try bytes()
        for length in 0..<LogFileHeader.byteCount {
            #expect(corruption(Array(bytes[..<length]))?.path == "/store/log-000001", "cut at \(length)")
        }
    }

    @Test func aFlippedBitIsNeverAWrongAnswer() throws {
        let (bytes, ends) = try bytes(syncAfter: 2)
        for bit in 0..<bytes.count * 8 {
            var damaged = bytes
            damaged[bit / 8] ^= 1 << (bit % 8)
            let place = bit / 8
            let frame = ends.firstIndex { place < $0 } ?? ends.count
            let isHeader = place < LogFileHeader.byteCount
            do {
                let (calls, end) = try read(damaged)
                // Only the last two calls were not known to be durable.
                #expect(!isHeader && frame >= 2, "bit \(bit)")
                #expect(calls == Array(Self.calls[..<frame]) && end.isTorn, "bit \(bit)")
            } catch let error as StoreError {
                // The version is the one field that may give another error.
                let isVersion = (8..<12).contains(place)
                #expect(error.code == .corrupt || (isVersion && error.code == .unsupportedVersion), "bit \(bit)")
                #expect(isHeader || frame < 2, "bit \(bit)")
                if !isHeader {
                    #expect(error.offset == (frame == 0 ? LogFileHeader.byteCount : ends[frame - 1]), "bit \(bit)")
                    #expect(error.remedy?.contains("colstat verify") == true)
                }
            }
        }
    }

    @Test func zeroedSectorsBelowWhatWasDurableAreCorrupt() throws {
        let (bytes, ends) = try bytes(syncAfter: 3)
        for start in stride(from: LogFileHeader.byteCount, to: ends[2], by: 8) {
            var damaged = bytes
            for place in start..<ends[2] { damaged[place] = 0 }
            #expect(corruption(damaged) != nil, "zeros from \(start)")
        }
    }

    @Test func framesBehindATearThatWasNotDurableAreLeftOut() throws {
        let (bytes, ends) = try bytes()
        var damaged = bytes
        for place in ends[0]..<ends[1] { damaged[place] = 0 }
        let (calls, end) = try read(damaged)
        #expect(calls == [["a"]])
        #expect(end == LogEnd(validByteCount: ends[0], nextSequence: 2, isTorn: true))
    }

    @Test func framesOfAnotherLogAreNotTaken() throws {
        let (old, _) = try bytes(syncAfter: 4, seed: 99)
        let (new, ends) = try bytes()
        // A recycled file: the new log's first two frames, then what the old one had there.
        let (calls, end) = try read(Array(new[..<ends[1]]) + old[ends[1]...])
        #expect(calls == Array(Self.calls[..<2]))
        #expect(end == LogEnd(validByteCount: ends[1], nextSequence: 4, isTorn: true))
    }

    @Test func misplacedFramesAreNotTaken() throws {
        let (bytes, ends) = try bytes()
        let second = bytes[ends[0]..<ends[1]]
        let (calls, end) = try read(Array(bytes[..<ends[0]]) + [UInt8](repeating: 0, count: 8) + second)
        #expect(calls == [["a"]] && end.isTorn)
    }

    @Test func anUnknownMajorVersionIsRefusedByName() throws {
        var (bytes, _) = try bytes()
        bytes[8] = 2
        let checksum = Checksum.of(Array(bytes[..<56]))
        for i in 0..<8 { bytes[56 + i] = UInt8(truncatingIfNeeded: checksum >> (8 * UInt64(i))) }
        let error = #expect(throws: StoreError.self) { try read(bytes) }
        #expect(error?.code == .unsupportedVersion)
        #expect(error?.message.contains("format 2") == true && error?.message.contains("format 1") == true)
    }

    @Test func aRecordedLengthHidesATear() throws {
        let (bytes, ends) = try bytes()
        let torn = Array(bytes[..<(ends[2] - 5)])
        let (calls, end) = try read(torn, validByteCount: ends[1])
        #expect(calls == Array(Self.calls[..<2]))
        #expect(end == LogEnd(validByteCount: ends[1], nextSequence: 4, isTorn: false))
        #expect(corruption(torn, validByteCount: ends[2]) != nil, "what was valid then has to be valid now")
    }

    @Test func aFollowerSeesWhatIsAppendedLater() throws {
        let fileSystem = try LogFixture.fileSystem()
        let writer = try LogFixture.writer(fileSystem)
        let reader = try LogReader(file: try fileSystem.open("/store/log-000001", .read))
        #expect(try reader.next() == nil)
        for call in Self.calls {
            try LogFixture.append(writer, call)
            #expect(try reader.next() == nil, "it is in memory only")
            try writer.flush()
            let frame = try #require(try reader.next())
            #expect(try LogFixture.texts(of: frame) == call)
            #expect(try reader.next() == nil)
        }
    }

    @Test func aLogInTheMiddleMayNotBeTornOrMissing() throws {
        let fileSystem = try LogFixture.fileSystem()
        let writer = try LogFixture.writer(fileSystem)
        for call in Self.calls {
            try LogFixture.append(writer, call)
            try writer.rotate()
        }
        try writer.close()
        func replay(_ fileSystem: SimulatedFileSystem, from start: UInt64 = 1) throws -> Int {
            var count = 0
            _ = try LogReplay(
                fileSystem: fileSystem, directory: "/store", from: start, validByteCounts: [:], makeDurable: true
            ) { frames throws(StoreError) in count += frames.count }
            return count
        }
        #expect(try replay(fileSystem) == 4)
        #expect(try replay(fileSystem, from: 3) == 2)
        let whole = try #require(fileSystem.contents(of: "/store/log-000002"))
        for place in [70, 100, 130] {
            var damaged = whole
            damaged[place] ^= 1
            fileSystem.setContents(of: "/store/log-000002", to: damaged)
            let error = #expect(throws: StoreError.self) { _ = try replay(fileSystem) }
            #expect(error?.code == .corrupt && error?.path == "/store/log-000002")
        }
        // Zeros where the frame was look like an end, but the next log begins with a later number.
        fileSystem.setContents(of: "/store/log-000002", to: Array(whole[..<64]) + [UInt8](repeating: 0, count: 4_032))
        #expect(throws: StoreError.self) { _ = try replay(fileSystem) }
        fileSystem.setContents(of: "/store/log-000002", to: whole)
        try fileSystem.unlink("/store/log-000003")
        let error = #expect(throws: StoreError.self) { _ = try replay(fileSystem) }
        #expect(error?.message.contains("log-000003 is missing") == true)
    }

    /// Many frames at a time are the same as one by one, whatever the memory, also before and behind damage.
    @Test func framesComeInBatches() throws {
        let fileSystem = try LogFixture.fileSystem()
        let writer = try LogFixture.writer(fileSystem)
        var generator = SeededGenerator(seed: 5)
        for call in 0..<200 {
            let size = call % 50 == 7 ? 9_000 : Int.random(in: 0...120, using: &generator)
            try LogFixture.append(writer, [String(repeating: "x", count: size), "\(call)"])
        }
        try writer.close()
        let whole = try #require(fileSystem.contents(of: "/store/log-000001"))
        for round in 0..<40 {
            var bytes = whole
            if round > 0 { bytes[Int.random(in: 64..<whole.count, using: &generator)] ^= 4 }
            fileSystem.setContents(of: "/store/log-000001", to: bytes)
            let (calls, count) = (try LogFixture.read(fileSystem).calls, round % 10 == 0 ? 1 : round)
            let reader = try LogReader(file: try fileSystem.open("/store/log-000001", .read), chunkByteCount: 4_096)
            let batch = LogBatch(byteCount: 4_096)
            var batched: [[String]] = []
            repeat {
                try reader.next(batch, atMost: count)
                #expect(batch.frames.count <= count)
                for frame in batch.frames { batched.append(try LogFixture.texts(of: frame)) }
            } while !batch.frames.isEmpty
            #expect(batched == calls)
        }
    }

    /// With a second thread that reads ahead a replay gives the same calls and ends with the same error, wherever that comes from.
    @Test func readingAheadChangesNothing() throws {
        let fileSystem = try LogFixture.fileSystem()
        let writer = try LogFixture.writer(fileSystem)
        for call in 0..<600 {
            try LogFixture.append(writer, [String(repeating: "y", count: call * 7 % 4_000), "\(call)"])
            if call % 150 == 149 { try writer.rotate() }
            if call % 100 == 99 { try writer.sync() }
        }
        try writer.close()
        func replay(_ disk: SimulatedFileSystem, ahead: Int, failsAt: Int) -> (calls: [[String]], end: String) {
            var calls: [[String]] = []
            do throws(StoreError) {
                let replay = try LogReplay(
                    fileSystem: disk, directory: "/store", from: 1, validByteCounts: [:], makeDurable: true,
                    readAheadFrom: ahead
                ) { frames throws(StoreError) in
                    for frame in frames { calls.append((try? LogFixture.texts(of: frame)) ?? []) }
                    if calls.count >= failsAt { throw StoreError(.invalidInput, "enough") }
                }
                return (calls, "\(replay)")
            } catch {
                return (calls, "\(error)")
            }
        }
        var generator = SeededGenerator(seed: 6)
        for round in 0..<40 {
            let image = fileSystem.fork(.kill, seed: 1)
            if round > 1 {
                let path = "/store/log-00000\(Int.random(in: 1...4, using: &generator))"
                var bytes = try #require(image.contents(of: path))
                bytes[Int.random(in: 0..<bytes.count, using: &generator)] ^= 1
                image.setContents(of: path, to: bytes)
            }
            let failsAt = round % 5 == 1 ? Int.random(in: 1..<600, using: &generator) : .max
            let failingRead = round % 7 == 6 ? Int.random(in: 0..<12, using: &generator) : nil
            func disk() -> SimulatedFileSystem {
                let disk = image.fork(.kill, seed: 1)
                if let failingRead { disk.failRead(at: failingRead) }
                return disk
            }
            let expected = replay(disk(), ahead: .max, failsAt: failsAt)
            #expect(round > 0 || expected.calls.count == 600)
            for ahead in [0, 1, 100_000] {
                #expect(replay(disk(), ahead: ahead, failsAt: failsAt) == expected, "round \(round)")
            }
        }
    }

    @Test func framesLargerThanTheReadersMemoryAreRead() throws {
        let fileSystem = try LogFixture.fileSystem()
        let writer = try LogFixture.writer(fileSystem)
        let large = String(repeating: "large", count: 30_000)
        for call in [["a"], [large], ["b"], [large, large], ["c"]] { try LogFixture.append(writer, call) }
        try writer.close()
        #expect(try LogFixture.read(fileSystem).calls == [["a"], [large], ["b"], [large, large], ["c"]])
    }

    @Test func whatIsWholeBehindADamageCanBeSalvaged() throws {
        let (bytes, ends) = try bytes(syncAfter: 4)
        for place in ends[0]..<ends[1] {
            var damaged = bytes
            damaged[place] ^= 0x10
            let fileSystem = try LogFixture.fileSystem()
            fileSystem.setContents(of: "/store/log-000001", to: damaged + [UInt8](repeating: 0, count: 999))
            let reader = try LogReader(file: try fileSystem.open("/store/log-000001", .read), chunkByteCount: 4_096)
            var calls: [[String]] = []
            var missing: UInt64 = 0
            repeat {
                while let frame = try reader.next() { calls.append(try LogFixture.texts(of: frame)) }
                guard let count = try reader.skipDamage() else { break }
                missing += count
            } while true
            #expect(calls == [Self.calls[0]] + Self.calls[2...] && missing == 2, "byte \(place)")
            #expect(reader.offset == ends[3])
        }
    }

    @Test func aFailedReadIsAnErrorNotAnEnd() throws {
        let fileSystem = try LogFixture.fileSystem()
        let writer = try LogFixture.writer(fileSystem)
        for call in Self.calls { try LogFixture.append(writer, call) }
        try writer.close()
        let reads = fileSystem.readCount
        _ = try LogFixture.read(fileSystem)
        let count = fileSystem.readCount - reads
        for read in 0..<count {
            fileSystem.failRead(at: fileSystem.readCount + read)
            let error = #expect(throws: StoreError.self) { _ = try LogFixture.read(fileSystem) }
            #expect(error?.code == .io)
        }
    }
}
