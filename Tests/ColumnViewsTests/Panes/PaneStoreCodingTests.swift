import ColumnFormat
import Testing

@testable import ColumnViews

@Suite struct PaneStoreCodingTests {
    static func sample(_ seed: UInt64, panes: ClosedRange<Int64>, count: Int) throws -> [UInt8] {
        var generator = Generator(seed)
        let store = PaneBox()
        for _ in 0..<count {
            try store.apply(.random(at: .random(in: panes, using: &generator), cells: 500, &generator))
        }
        return try store.encoded()
    }

    @Test(arguments: [
        (0, 0...0), (1, 5...5), (50, -3...3), (500, -9_000...9_000), (300, -9_000_000_000_000...9_000_000_000_000),
    ])
    func whatIsWrittenIsReadBack(count: Int, panes: ClosedRange<Int64>) throws {
        let bytes = try Self.sample(1, panes: panes, count: count)
        for limit in [1 << 30, 10_000] {
            let copy = PaneBox(byteLimit: limit)
            try copy.decode(bytes)
            #expect(try copy.encoded() == bytes)
            // Roll-ups are right again, and the copy takes changes.
            var generator = Generator(8)
            let original = PaneBox()
            try original.decode(bytes)
            for _ in 0..<50 {
                let from = Int64.random(in: panes, using: &generator)
                let range = from..<(from + 5_000)
                #expect(try copy.merged(range, count: 500) == original.merged(range, count: 500))
                let event = ModelEvent.random(at: from, cells: 500, &generator)
                try copy.apply(event)
                try original.apply(event)
            }
            #expect(try copy.encoded() == original.encoded())
        }
    }

    @Test func aSecondCheckpointHoldsWhatChangedSince() throws {
        var generator = Generator(4)
        let store = PaneBox()
        for round in 0..<60 {
            for _ in 0..<5 {
                try store.apply(.random(at: .random(in: 0...400, using: &generator), cells: 40, &generator))
            }
            if round % 2 == 0 { try store.apply(.random(at: 400 + Int64(round), cells: 40, &generator)) }
            let bytes = try store.encoded()
            let copy = PaneBox()
            try copy.decode(bytes)
            #expect(try copy.merged(.min..<(.max), count: 40) == store.merged(.min..<(.max), count: 40))
            #expect(try copy.merged(0..<200, count: 40) == store.merged(0..<200, count: 40))
        }
    }

    @Test func goldenBytes() throws {
        let store = PaneBox()
        var changes = CellChanges()
        changes.add(2, to: ReservedCell.predictions)
        changes.add(1, to: ReservedCell.unlabeled)
        changes.add(-1, to: 2)
        changes.add(300, to: 9)
        try store.apply(changes, to: 65)
        changes.removeAll()
        changes.add(1, to: ReservedCell.predictions)
        try store.apply(changes, to: -1)
        #expect(
            try store.encoded() == [
                10, 2,  // cells, groups
                // Group −1: one pane, at 63; one prediction, none unlabeled, no other cells.
                1, 5, 1, 63, 2, 0, 0,
                // Group 1: one pane, at 1; two predictions, one unlabeled; cell 2 is −1, cell 9 is 300.
                4, 10, 1, 1, 4, 2, 2, 0, 1, 6, 216, 4,
            ])
    }

    @Test func everyByteFlippedAndEveryLengthCutIsAnErrorOrAStore() throws {
        for bytes in [
            try Self.sample(2, panes: -200...200, count: 25),
            try Self.sample(3, panes: -9_000_000...9_000_000, count: 12),
        ] {
            for length in 0..<bytes.count {
                let store = PaneBox()
                #expect(throws: FormatError.self) { try store.decode(Array(bytes[..<length])) }
            }
            for place in bytes.indices {
                for flip in [UInt8(1), 0x80, 0x40, 0xFF] {
                    var damaged = bytes
                    damaged[place] ^= flip
                    let store = PaneBox(byteLimit: 50_000)
                    do {
                        try store.decode(damaged)
                        // It may be another store; it is a sound one.
                        #expect(try store.encoded().count <= damaged.count + 8)
                        _ = try store.merged(-100..<100, count: 500)
                    } catch is FormatError {}
                }
            }
        }
    }

    @Test func anotherOrderOfGroupsOrCellsIsRefused() {
        for bytes: [UInt8] in [
            [10, 2, 4, 5, 1, 63, 2, 0, 0, 1, 5, 1, 63, 2, 0, 0],  // groups descend
            [10, 1, 0, 6, 2, 5, 2, 0, 0, 5],  // the same pane twice, and cut
            [10, 1, 0, 5, 1, 64, 2, 0, 0],  // no such pane in a group
            [10, 1, 0, 5, 0, 3, 2, 0, 0],  // a group without panes
            [3, 1, 0, 7, 1, 3, 2, 0, 1, 5, 2],  // a cell beyond the count
            [10, 1, 0, 7, 1, 3, 2, 0, 1, 5, 0],  // a stored zero
            [10, 1, 0, 6, 1, 3, 2, 0, 0, 9],  // bytes behind the records
        ] {
            let store = PaneBox()
            #expect(throws: FormatError.self) { try store.decode(bytes) }
        }
    }
}
