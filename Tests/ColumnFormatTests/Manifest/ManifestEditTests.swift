import ColumnFormat
import TestSupport
import Testing

struct ManifestEditTests {
    private let segment = SegmentRecord(
        fileName: "taxi/predictions/1.seg", firstRow: 0, rowCount: 100, byteCount: 4_096, footerChecksum: .max,
        firstSequence: 1, lastSequence: 130)
    private let run = IndexRunRecord(
        fileName: "taxi/index/2.run", firstRow: 0, endRow: 100, entryCount: 99, byteCount: 800, checksum: 7)
    private let checkpoint = CheckpointRecord(fileName: "taxi/views/3.ckpt", sequence: 131, byteCount: 1, checksum: 0)

    /// Every kind of edit.
    private var edits: [ManifestEdit] {
        [
            .storeCreated(id: UniqueID(high: 1, low: .max)), .nextTableID(4), .nextFileNumber(300),
            .logStart(number: 9),
            .logValidLength(number: 9, byteCount: 12_345),
            .tableCreated(id: 5, name: "taxi/predictions", schemaVersion: 1, schemaBytes: [1, 2, 3]),
            .tableSchemaChanged(id: 5, schemaVersion: 2, schemaBytes: []),
            .segmentAdded(tableID: 5, segment), .segmentRemoved(tableID: 5, fileName: segment.fileName),
            .indexRunAdded(tableID: 5, run), .indexRunRemoved(tableID: 5, fileName: run.fileName),
            .rowsDropped(tableID: 5, beforeRow: 50), .checkpointSet(name: "taxi", checkpoint),
            .checkpointRemoved(name: "taxi"), .metadataSet(key: "k", bytes: [UInt8](repeating: 9, count: 1_000)),
            .metadataRemoved(key: "k"), .tableDropped(id: 5),
        ]
    }

    private func decode(_ bytes: [UInt8]) throws -> [ManifestEdit] {
        try unsafe bytes.withUnsafeBytes { unsafe try ManifestEdit.decode($0) }
    }

    @Test func everyEditComesBack() throws {
        #expect(try decode(ManifestEdit.encode(edits)) == edits)
        for edit in edits { #expect(try decode(ManifestEdit.encode([edit])) == [edit]) }
        #expect(try decode([]) == [])
    }

    @Test func cutOrChangedBytesNeverTrap() throws {
        let bytes = ManifestEdit.encode(edits)
        let whole = Set(edits.indices.map { ManifestEdit.encode(Array(edits[..<$0])).count } + [bytes.count])
        for length in 0..<bytes.count where !whole.contains(length) {
            #expect(throws: FormatError.self, "cut at \(length)") { try decode(Array(bytes[..<length])) }
        }
        for place in bytes.indices {
            for value in [0, 1, 0x7F, 0x80, 0xFF] as [UInt8] {
                var changed = bytes
                changed[place] = value
                _ = try? decode(changed)
            }
        }
        var generator = SeededGenerator(seed: 4)
        for _ in 0..<2_000 {
            _ = try? decode(
                (0..<Int.random(in: 0...60, using: &generator)).map { _ in .random(in: 0...20, using: &generator) })
        }
    }

    @Test func anUnknownEditIsSkippedOnlyIfItIsOptional() throws {
        let known = ManifestEdit.encode([.logStart(number: 2)])
        #expect(try decode([200, 0, 3, 9, 9, 9] + known) == [.logStart(number: 2)])
        let error = #expect(throws: FormatError.self) { try decode(known + [200, 1, 3, 9, 9, 9]) }
        #expect(error?.code == .unsupported && error?.offset == known.count)
        #expect(error?.message.contains("200") == true)
    }

    @Test(arguments: ["", "/etc/passwd", "../x", "a/../b", "a//b", "a/", "./a", "a\u{0}b", "a/../\u{301}b"])
    func aFileNameStaysWithinTheStore(name: String) throws {
        var bad = segment
        bad.fileName = name
        #expect(throws: FormatError.self) { try decode(ManifestEdit.encode([.segmentAdded(tableID: 1, bad)])) }
    }

    @Test func theSnapshotMakesTheSameState() throws {
        var state = ManifestState()
        var second = segment
        second.fileName = "taxi/predictions/9.seg"
        second.firstRow = 100
        try state.apply([
            .storeCreated(id: UniqueID(high: 3, low: 4)),
            .tableCreated(id: 1, name: "gone", schemaVersion: 1, schemaBytes: []),
            .tableCreated(id: 2, name: "taxi/predictions", schemaVersion: 1, schemaBytes: [1]),
            .tableSchemaChanged(id: 2, schemaVersion: 2, schemaBytes: [2, 3]),
            .tableSchemaChanged(id: 2, schemaVersion: 3, schemaBytes: [4]),
            .tableCreated(id: 8, name: "last", schemaVersion: 1, schemaBytes: []), .tableDropped(id: 8),
            .tableDropped(id: 1), .segmentAdded(tableID: 2, second), .segmentAdded(tableID: 2, segment),
            .indexRunAdded(tableID: 2, run), .rowsDropped(tableID: 2, beforeRow: 12),
            .checkpointSet(name: "taxi", checkpoint), .logStart(number: 4), .logValidLength(number: 4, byteCount: 70),
            .logValidLength(number: 5, byteCount: 64), .metadataSet(key: "b", bytes: [1]),
            .metadataSet(key: "a", bytes: []), .nextFileNumber(77),
        ])
        var copy = ManifestState()
        try copy.apply(try decode(ManifestEdit.encode(state.snapshotEdits)))
        #expect(copy == state)
        #expect(state.tables[2]?.segments.map(\.firstRow) == [0, 100], "in the order of rows")
        #expect(state.tables[2]?.schemas.map(\.version) == [1, 2, 3])
        #expect(state.tables[2]?.schemas.map(\.bytes) == [[1], [2, 3], [4]])
        #expect(state.nextTableID == 9)
        #expect(
            state.fileNames == [
                "taxi/predictions/1.seg", "taxi/predictions/9.seg", "taxi/index/2.run", "taxi/views/3.ckpt",
            ])
        try state.apply([.logStart(number: 5)])
        #expect(state.logValidByteCounts == [5: 64])
    }

    @Test func editsThatDoNotFitAreRefusedAsAWhole() throws {
        var state = ManifestState()
        try state.apply([
            .storeCreated(id: UniqueID(high: 3, low: 4)),
            .tableCreated(id: 2, name: "t", schemaVersion: 1, schemaBytes: []),
            .segmentAdded(tableID: 2, segment), .logStart(number: 4), .nextFileNumber(10),
        ])
        func adding(_ firstRow: UInt64, _ rowCount: UInt64, first: UInt64 = 1, last: UInt64 = 2) -> ManifestEdit {
            .segmentAdded(
                tableID: 2,
                SegmentRecord(
                    fileName: "\(firstRow)", firstRow: firstRow, rowCount: rowCount, byteCount: 1, footerChecksum: 0,
                    firstSequence: first, lastSequence: last))
        }
        let refused: [ManifestEdit] = [
            .storeCreated(id: UniqueID(high: 5, low: 6)),
            .tableCreated(id: 2, name: "u", schemaVersion: 1, schemaBytes: []),
            .tableCreated(id: 1, name: "u", schemaVersion: 1, schemaBytes: []),
            .tableCreated(id: 3, name: "t", schemaVersion: 1, schemaBytes: []),
            .tableCreated(id: .max, name: "u", schemaVersion: 1, schemaBytes: []), .tableDropped(id: 9),
            .tableSchemaChanged(id: 9, schemaVersion: 2, schemaBytes: []),
            .tableSchemaChanged(id: 2, schemaVersion: 1, schemaBytes: []),
            .tableSchemaChanged(id: 2, schemaVersion: 3, schemaBytes: []), adding(0, 1), adding(99, 5), adding(50, 10),
            adding(.max, 2), adding(200, 0), adding(200, 1, first: 5, last: 4),
            .segmentRemoved(tableID: 2, fileName: "x"), .indexRunRemoved(tableID: 2, fileName: "x"),
            .rowsDropped(tableID: 9, beforeRow: 1), .checkpointRemoved(name: "x"), .logStart(number: 3),
            .logValidLength(number: 4, byteCount: .max), .nextFileNumber(9), .nextTableID(1),
        ]
        for edit in refused {
            let before = state
            #expect(throws: FormatError.self, "\(edit)") {
                try state.apply([.metadataSet(key: "first", bytes: [1]), edit])
            }
            #expect(state == before)
        }
        try state.apply([.segmentRemoved(tableID: 2, fileName: segment.fileName), adding(0, 100)])
    }
}
