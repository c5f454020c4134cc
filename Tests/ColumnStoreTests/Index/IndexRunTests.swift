import ColumnFormat
import ColumnStore
import TestSupport
import Testing

/// Runs against brute force: keys are `hash << 32 | row`.
struct IndexRunTests {
    /// Entries whose hashes are as spread, or as alike, as `mask` leaves them.
    private static func keys(_ count: Int, mask: UInt32, seed: UInt64) -> [UInt64] {
        var generator = SeededGenerator(seed: seed)
        let keys = (0..<count).map {
            UInt64(UInt32.random(in: 0 ... .max, using: &generator) & mask) << 32 | UInt64($0)
        }
        return keys.sorted()
    }

    /// The bytes of a run with these keys.
    private static func bytes(
        _ keys: [UInt64], of runs: [IndexRun] = [], firstRow: UInt64 = 100, endRow: UInt64
    ) throws -> [UInt8] {
        let file = try SimulatedFileSystem().open("/run", .createOrTruncate)
        let merge = IndexRunMerge(runs: runs, fresh: keys, freshFirstRow: firstRow, endRow: endRow)
        _ = try merge.write(to: file)
        return try file.read(try file.byteCount(), at: 0)
    }

    private static func run(_ bytes: [UInt8]) throws -> IndexRun {
        try IndexRun(file: unsafe bytes.withUnsafeBytes { unsafe MappedFile(copying: $0) }, path: "dir/run")
    }

    private static func rows(_ run: IndexRun, _ hash: UInt32) throws -> [UInt64] {
        var rows: [UInt64] = []
        _ = try run.find(hash: hash) { (row: UInt64) throws(StoreError) in
            rows.append(row)
            return false
        }
        return rows
    }

    private static let sample = keys(40, mask: .max, seed: 3)
    private static func sampleBytes() throws -> [UInt8] { try bytes(sample, endRow: 140) }

    @Test(arguments: [1, 2, 15, 16, 17, 40, 700, 5_000], [UInt32(0), 0x3, 0xFFFF_0000, 0x0000_FFFF, .max])
    func everyHashLeadsToItsRows(count: Int, mask: UInt32) throws {
        let keys = Self.keys(count, mask: mask, seed: UInt64(count))
        let bytes = try Self.bytes(keys, endRow: 100 + UInt64(count))
        let run = try Self.run(bytes)
        #expect(run.entryCount == count && run.firstRow == 100 && run.endRow == 100 + UInt64(count))
        #expect(try run.verify() == Self.run(bytes).verify())
        var expected: [UInt32: [UInt64]] = [:]
        for key in keys { expected[UInt32(key >> 32), default: []].append(100 + key & 0xFFFF_FFFF) }
        for (hash, rows) in expected where try Self.rows(run, hash) != rows {
            Issue.record("\(hash) leads to \(try Self.rows(run, hash)), not to \(rows)")
            return
        }
        var generator = SeededGenerator(seed: 9)
        for _ in 0..<1_000 {
            let hash = UInt32.random(in: 0 ... .max, using: &generator)
            if expected[hash] == nil, try !Self.rows(run, hash).isEmpty { Issue.record("\(hash) leads somewhere") }
        }
        #expect(try run.find(hash: UInt32(keys[0] >> 32)) { _ in true } == 100 + keys[0] & 0xFFFF_FFFF)
    }

    @Test func aRunOfManyRowsWithFewKeysIsSmall() throws {
        let end = 5 + IndexRunFormat.maximumRowCount
        let keys: [UInt64] = [7 << 32 | 0, 7 << 32 | 4_000_000_000, 0xFFFF_FFFF << 32 | UInt64(end - 6)]
        let bytes = try Self.bytes(keys, firstRow: 5, endRow: end)
        let run = try Self.run(bytes)
        try run.verify()
        #expect(try Self.rows(run, 7) == [5, 4_000_000_005])
        #expect(try Self.rows(run, .max) == [end - 1])
        #expect(bytes.count < 512)
    }

    @Test func equalEntriesMakeEqualBytesHoweverTheyWereMerged() throws {
        for mask in [UInt32(0), 0x3, .max] {
            for seed in UInt64(0)..<12 {
                var generator = SeededGenerator(seed: seed)
                let keys = Self.keys(600, mask: mask, seed: seed)
                let whole = try Self.bytes(keys, endRow: 700)
                // Neighbouring parts, some of them without a key, merged in a random order of neighbours.
                var cuts = (0..<4).map { _ in Int.random(in: 1..<600, using: &generator) }.sorted()
                cuts = Array(Set([0] + cuts + [600])).sorted()
                var parts: [IndexRun] = []
                for (start, end) in zip(cuts, cuts.dropFirst()) {
                    let own = keys.filter { (UInt64(start)..<UInt64(end)).contains($0 & 0xFFFF_FFFF) }.map {
                        $0 - UInt64(start)
                    }
                    parts.append(
                        try Self.run(
                            Self.bytes(own, firstRow: 100 + UInt64(start), endRow: 100 + UInt64(end))))
                }
                while parts.count > 1 {
                    let first = Int.random(in: 0..<parts.count - 1, using: &generator)
                    let end = Int.random(in: first + 2...parts.count, using: &generator)
                    let merged = Array(parts[first..<end])
                    let endRow = merged[merged.count - 1].endRow
                    let run = try Self.run(Self.bytes([], of: merged, firstRow: endRow, endRow: endRow))
                    parts.replaceSubrange(first..<end, with: [run])
                }
                #expect(try Self.run(whole).verify() == parts[0].verify(), "seed \(seed)")
                #expect(parts[0].headerChecksum == (try Self.run(whole)).headerChecksum, "seed \(seed)")
            }
        }
    }

    /// More than one piece a section, and more than the buffers of a writer hold.
    @Test func aLargeRunIsWrittenInPieces() throws {
        let keys = Self.keys(60_000, mask: .max, seed: 1)
        let bytes = try Self.bytes(keys, endRow: 60_100)
        let run = try Self.run(bytes)
        try run.verify()
        #expect(run.header.pieceCount > 60)
        #expect(Double(bytes.count) / 60_000 < 5.2, "\(bytes.count) bytes")
        let same = try Self.run(Self.bytes([], of: [run], firstRow: 60_100, endRow: 60_100))
        #expect(same.headerChecksum == run.headerChecksum)
        for key in stride(from: 0, to: keys.count, by: 97).map({ keys[$0] }) {
            #expect(try Self.rows(run, UInt32(key >> 32)).contains(100 + key & 0xFFFF_FFFF))
        }
    }

    // MARK: Damage

    /// Whatever byte is changed: the run is refused, or every lookup gives the right rows or an error.
    @Test func noChangedByteLeadsToAWrongAnswer() throws {
        let bytes = try Self.sampleBytes()
        let whole = try Self.run(bytes)
        for place in bytes.indices {
            for bit in 0..<8 {
                var damaged = bytes
                damaged[place] ^= 1 << bit
                let run: IndexRun
                do { run = try Self.run(damaged) } catch let error as StoreError {
                    #expect(error.path == "dir/run" && error.offset != nil)
                    continue
                }
                let error = #expect(throws: StoreError.self, "byte \(place)") { try run.verify() }
                #expect(error?.path == "dir/run" && error?.offset != nil && error?.remedy != nil)
                let fresh = try Self.run(damaged)
                for key in Self.sample {
                    let hash = UInt32(key >> 32)
                    if let rows = try? Self.rows(fresh, hash), try rows != Self.rows(whole, hash) {
                        Issue.record("byte \(place), bit \(bit): \(hash) leads to \(rows)")
                        return
                    }
                }
            }
        }
    }

    @Test func damageInOnePieceLeavesTheOthers() throws {
        let keys = Self.keys(20_000, mask: .max, seed: 1)
        var bytes = try Self.bytes(keys, endRow: 20_100)
        let place = try Self.run(bytes).header.checksumOffset - 3_000
        bytes[place] ^= 1
        let run = try Self.run(bytes)
        var failures = 0
        for key in keys {
            do {
                #expect(try Self.rows(run, UInt32(key >> 32)).contains(100 + key & 0xFFFF_FFFF))
            } catch {
                failures += 1
            }
        }
        #expect((1..<2_000).contains(failures))
        let error = #expect(throws: StoreError.self) { try run.verify() }
        #expect(error?.code == .corrupt && (error?.offset).map { abs($0 - place) < 4_096 } == true)
    }

    @Test func everyCutOfARunIsSeen() throws {
        let bytes = try Self.sampleBytes()
        for count in 0..<bytes.count {
            let error = #expect(throws: StoreError.self, "\(count) bytes") { try Self.run(Array(bytes[..<count])) }
            #expect(error?.path == "dir/run" && error?.offset != nil)
        }
        #expect(throws: StoreError.self) { try Self.run(bytes + [0]) }
    }

    /// Bytes that a later version, or somebody with bad intentions, has given right checksums.
    @Test func aRunOfAnotherVersionOrWithImpossibleCountsIsRefused() throws {
        let bytes = try Self.sampleBytes()
        func changed<T: FixedWidthInteger & BitwiseCopyable>(_ value: T, at offset: Int) -> [UInt8] {
            var writer = ByteWriter()
            writer.append(bytes: bytes)
            writer.patch(value, at: offset)
            writer.patch(Checksum.of(Array(writer.bytes[..<56])), at: 56)
            return writer.bytes
        }
        let later = #expect(throws: StoreError.self) { try Self.run(changed(UInt16(3), at: 8)) }
        #expect(later?.code == .unsupportedVersion)
        let earlier = #expect(throws: StoreError.self) { try Self.run(changed(UInt16(1), at: 8)) }
        #expect(earlier?.code == .corrupt)
        for (value, offset) in [(UInt64.max, 16), (99, 24), (100, 24), (.max, 24), (0, 32), (.max, 32), (54, 32)] {
            #expect(throws: StoreError.self, "\(value) at \(offset)") { try Self.run(changed(value, at: offset)) }
        }
        for (value, offset) in [(UInt8(33), 10), (255, 10), (33, 11), (0, 11), (255, 11), (0, 12), (35, 12), (255, 12)]
        {
            #expect(throws: StoreError.self, "\(value) at \(offset)") { try Self.run(changed(value, at: offset)) }
        }
    }

    /// Random bytes in the place of directory and entries, with right checksums: an error or some rows of the run, no trap.
    @Test func nonsenseWithRightChecksumsStaysWithinTheRun() throws {
        let bytes = try Self.sampleBytes()
        let header = try Self.run(bytes).header
        for seed in UInt64(0)..<300 {
            var generator = SeededGenerator(seed: seed)
            var writer = ByteWriter()
            writer.append(bytes: bytes)
            for _ in 0..<(seed % 3 == 0 ? 400 : 3) {
                let place = Int.random(in: header.directoryOffset..<header.checksumOffset, using: &generator)
                writer.patch(UInt8.random(in: 0...255, using: &generator), at: place)
            }
            for piece in 0..<header.pieceCount {
                let place = header.piece(piece)
                let checksum = Checksum.of(Array(writer.bytes[place]), seed: UInt64(place.lowerBound))
                writer.patch(checksum, at: header.checksumOffset + piece * 8)
            }
            let checksums = Array(writer.bytes[header.checksumOffset...])
            writer.patch(Checksum.of(checksums, seed: IndexRunFormat.magic), at: 40)
            writer.patch(Checksum.of(Array(writer.bytes[..<56])), at: 56)
            let run = try Self.run(writer.bytes)
            for _ in 0..<200 {
                let hash = UInt32.random(in: 0 ... .max, using: &generator)
                if let rows = try? Self.rows(run, hash) { #expect(rows.allSatisfy { (100..<140).contains($0) }) }
            }
            for key in Self.sample {
                if let rows = try? Self.rows(run, UInt32(key >> 32)) {
                    #expect(rows.allSatisfy { (100..<140).contains($0) })
                }
            }
            _ = try? run.verify()
        }
    }
}
