import ColumnFormat
import ColumnViews
import Testing

@testable import Drumlin

@Suite("The layout of cells")
struct CellLayoutTests {
    private static let kinds: [TaskKind] = [
        .binary(threshold: 0.3), .multiclass(classes: ["a", "b", "c"], hasProbabilities: true), .regression,
    ]

    private static func bytes(_ layout: CellLayout) -> [UInt8] {
        var writer = ByteWriter()
        layout.write(to: &writer)
        return writer.bytes
    }

    private static func read(_ bytes: [UInt8]) throws -> CellLayout {
        try unsafe bytes.withUnsafeBytes {
            var reader = unsafe ByteReader($0)
            return try CellLayout(from: &reader)
        }
    }

    @Test("only grows at the end", arguments: kinds)
    func onlyGrowsAtTheEnd(kind: TaskKind) throws {
        var layout = CellLayout(kind: kind)
        #expect(layout.groups.first?.firstCell == ReservedCell.firstFree)
        var before = layout
        func check() {
            #expect(Array(layout.groups.prefix(before.groups.count)) == before.groups)
            var next = ReservedCell.firstFree
            for group in layout.groups {
                #expect(group.firstCell == next)
                next += group.cellCount
            }
            #expect(layout.cellCount == next)
            before = layout
        }
        for (index, metric) in Metric.all(for: kind).enumerated() {
            try layout.require(metric)
            check()
            if index < 2 {
                #expect(
                    try layout.openEpoch(bucketCount: 6, fixesClass: index == 0, bins: ScoreBins(edges: [0.25, 0.5]))
                        == index)
                check()
            }
        }
        let cellCount = layout.cellCount
        for metric in Metric.all(for: kind) { try layout.require(metric) }
        #expect(layout.cellCount == cellCount)
    }

    @Test("comes back from bytes as it was", arguments: kinds)
    func roundTrips(kind: TaskKind) throws {
        var layout = CellLayout(kind: kind)
        #expect(try Self.read(Self.bytes(layout)) == layout)
        for metric in Metric.all(for: kind).reversed() {
            try layout.require(metric)
            _ = try layout.openEpoch(bucketCount: 9, fixesClass: true, bins: ScoreBins(edges: [0.1, 0.9]))
            #expect(try Self.read(Self.bytes(layout)) == layout)
        }
    }

    @Test("is refused from bytes that are cut, and never traps on changed ones", arguments: kinds)
    func refusesBadBytes(kind: TaskKind) throws {
        var layout = CellLayout(kind: kind)
        for metric in Metric.all(for: kind) { try layout.require(metric) }
        _ = try layout.openEpoch(bucketCount: 4, fixesClass: false, bins: ScoreBins(edges: [0.1, 0.9]))
        let bytes = Self.bytes(layout)
        for count in bytes.indices {
            #expect(throws: FormatError.self) { try Self.read(Array(bytes.prefix(count))) }
        }
        for index in bytes.indices {
            for flip: UInt8 in [1, 0x80, 0xFF] {
                var changed = bytes
                changed[index] ^= flip
                guard let read = try? Self.read(changed) else { continue }
                // What is accepted can be used.
                var cells = DenseCells(count: read.cellCount)
                let facts = PredictionFacts(score: 0.4, predictedClass: 0, bucket: 3, epoch: 0)
                read.addUnlabeled(facts, sign: 1, to: &cells)
                read.addLabeled(facts, label: 0, delayMicroseconds: 5, sign: 1, to: &cells)
            }
        }
    }

    @Test("appended cells can be filled later from the same events")
    func fillsAppendedCells() throws {
        struct From: CellSink {
            var cells: DenseCells
            var first: Int
            mutating func add(_ delta: Int64, to cell: Int) { if cell >= first { cells.add(delta, to: cell) } }
        }
        var generator = SeededGenerator(seed: 5)
        let task = SyntheticTask.binary(count: 100, generator: &generator)
        func log<Sink: CellSink>(_ layout: CellLayout, to sink: inout Sink) {
            for row in task.labels.indices {
                let facts = PredictionFacts(score: task.scores[row], predictedClass: Int32(task.classes[row]))
                if row % 2 == 0 {
                    layout.addUnlabeled(facts, sign: 1, to: &sink)
                } else {
                    layout.addLabeled(facts, label: task.labels[row], delayMicroseconds: 9_999, sign: 1, to: &sink)
                }
            }
        }
        var layout = CellLayout(kind: .binary())
        try layout.require(.accuracy)
        var early = DenseCells(count: layout.cellCount)
        log(layout, to: &early)
        let oldCount = layout.cellCount
        for metric in Metric.all(for: .binary()) { try layout.require(metric) }
        let padding = [Int64](repeating: 0, count: layout.cellCount - oldCount)
        var late = From(cells: DenseCells(count: 0), first: oldCount)
        late.cells.cells = early.cells + padding
        log(layout, to: &late)
        var whole = DenseCells(count: layout.cellCount)
        log(layout, to: &whole)
        #expect(late.cells.cells == whole.cells)
    }

    @Test("takes rows of an unknown epoch, bucket or class without losing or trapping on them")
    func takesWhatItDoesNotKnow() throws {
        var layout = CellLayout(kind: .binary())
        for metric in Metric.all(for: .binary()) { try layout.require(metric) }
        _ = try layout.openEpoch(bucketCount: 4, fixesClass: true, bins: ScoreBins(edges: [0.5]))
        var cells = DenseCells(count: layout.cellCount)
        for epoch: Int32 in [-1, 0, 1, .max, .min] {
            for bucket: Int32 in [-1, 3, 4, .max, .min] {
                for predicted: Int32 in [-1, 0, 1, 2, .max] {
                    let facts = PredictionFacts(score: 0.5, predictedClass: predicted, bucket: bucket, epoch: epoch)
                    layout.addUnlabeled(facts, sign: 1, to: &cells)
                }
            }
        }
        #expect(layout.unlabeledCount(cells.cells) == 125)
        let counted = layout.groups.filter { $0.content == .unlabeledCounts }
        #expect(counted.flatMap(\.cells).reduce(0) { $0 + cells.cells[$1] } == 125)
        for label in [-1, 2, .nan, .infinity] {
            layout.addLabeled(PredictionFacts(score: 0.5), label: label, delayMicroseconds: 0, sign: 1, to: &cells)
        }
        #expect(layout.labeledCount(cells.cells) == 0)
    }

    @Test("refuses more cells than a window can have")
    func refusesTooManyCells() throws {
        var layout = CellLayout(kind: .multiclass(classes: (0..<256).map { "\($0)" }, hasProbabilities: false))
        let before = layout
        #expect(throws: CellLayout.TooManyCells.self) {
            try layout.openEpoch(bucketCount: 60_000, fixesClass: false, bins: ScoreBins(edges: []))
        }
        #expect(layout == before)
    }
}
