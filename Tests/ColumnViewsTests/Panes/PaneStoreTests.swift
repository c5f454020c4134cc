import Testing

@testable import ColumnViews

/// Keeps pages as `InMemoryPanePages` does, and fails when told to.
final class FailingPages: PanePageStore {
    let inner = InMemoryPanePages()
    var failsToWrite = false
    var failsToRead = false
    var isDamaging = false
    /// Turns over a bit of this byte of each page.
    var flippedByte: Int?
    var memoryByteCount: Int { inner.memoryByteCount }

    func write(_ page: [UInt8]) throws(ViewError) -> PanePageHandle {
        if failsToWrite { throw ViewError(.page, "no room") }
        return try inner.write(page)
    }

    func read(_ handle: PanePageHandle) throws(ViewError) -> [UInt8] {
        if failsToRead { throw ViewError(.page, "the disk is gone") }
        var page = try inner.read(handle)
        if isDamaging { page.removeLast() }
        if let flippedByte, flippedByte < page.count { page[flippedByte] ^= 1 << (flippedByte % 8) }
        return page
    }

    func release(_ handle: PanePageHandle) { inner.release(handle) }
}

@Suite struct PaneStoreTests {
    /// Limits: never, sometimes, and always too small.
    @Test(arguments: [1 << 30, 60_000, 0], [200, 30_000, 10_000_000] as [Int64])
    func anyRangeEqualsTheSumOfItsEvents(limit: Int, spread: Int64) throws {
        var generator = Generator(UInt64(limit) &+ UInt64(spread))
        let store = PaneBox(byteLimit: limit)
        var events: [ModelEvent] = []
        for step in 0..<(limit == 0 ? 250 : 700) {
            if step % 7 == 6, let place = events.indices.randomElement(using: &generator) {
                try store.apply(events.remove(at: place), isRemoval: true)
            } else {
                // Partly in order of time, as a stream is, partly anywhere.
                let isNext = step % 3 != 0
                let ordered = -spread + 2 * spread * Int64(step) / 700
                let pane = isNext ? ordered : Int64.random(in: -spread...spread, using: &generator)
                events.append(.random(at: pane, cells: 60, &generator))
                try store.apply(events[events.count - 1])
            }
            guard step % 10 == 0 else { continue }
            for _ in 0..<5 {
                let from = Int64.random(in: -spread - 70...spread, using: &generator)
                let panes = from..<(from + .random(in: 0...(2 * spread), using: &generator))
                let inside = events.filter { panes.contains($0.time) }
                #expect(try store.merged(panes, count: 60) == ModelEvent.sum(inside, cells: 60))
                let summary = try store.summary(of: panes)
                #expect(summary.predictions == Int64(inside.count))
                #expect(try store.nextPane(atOrAfter: from) == events.map(\.time).filter { $0 >= from }.min())
            }
            #expect(try store.merged(.min..<(.max), count: 60) == ModelEvent.sum(events, cells: 60))
            #expect(store.total.predictions == Int64(events.count))
        }
        #expect((store.frozenNodeCount > 0) == (limit < 1 << 30))
        for event in events { try store.apply(event, isRemoval: true) }
        #expect(store.total == PaneSummary())
        #expect(try store.firstPane() == nil)
        #expect(try store.encoded() == [60, 0])
    }

    @Test func supergroupsFreezeAndThaw() throws {
        var generator = Generator(5)
        let pages = InMemoryPanePages()
        let store = PaneBox(byteLimit: 30_000, pages: pages)
        var events: [ModelEvent] = []
        for pane in stride(from: Int64(0), to: 40_000, by: 37) {
            events.append(.random(at: pane, cells: 20, &generator))
            try store.apply(events[events.count - 1])
        }
        // Far fewer nodes in memory than the 626 groups have: their sums are in pages as well.
        #expect(store.liveByteCount < 45_000)
        for pane in [Int64(3), 64, 5_000, 39_999, 20_000] {
            events.append(.random(at: pane, cells: 20, &generator))
            try store.apply(events[events.count - 1])
            for _ in 0..<50 {
                let from = Int64.random(in: 0...40_000, using: &generator)
                let panes = from..<(from + .random(in: 0...9_000, using: &generator))
                let inside = events.filter { panes.contains($0.time) }
                #expect(try store.merged(panes, count: 20) == ModelEvent.sum(inside, cells: 20))
            }
        }
        for event in events { try store.apply(event, isRemoval: true) }
        #expect(pages.count == 0)
    }

    @Test func pagesAreGivenBackWithTheStore() throws {
        let pages = InMemoryPanePages()
        do {
            var generator = Generator(5)
            let store = PaneBox(byteLimit: 10_000, pages: pages)
            for pane in 0..<9_000 { try store.apply(.random(at: Int64(pane), cells: 20, &generator)) }
            #expect(pages.count > 100)
        }
        #expect(pages.count == 0)
        #expect(pages.memoryByteCount == 0)
    }

    @Test func aLongRangeIsMadeOfFewPieces() throws {
        let store = PaneBox()
        var changes = CellChanges()
        changes.add(1, to: 0)
        for pane in 0..<Int64(40_000) { try store.apply(changes, to: pane) }
        var generator = Generator(2)
        var greatest = 0
        for _ in 0..<500 {
            let from = Int64.random(in: 0...29_900, using: &generator)
            #expect(try store.summary(of: from..<(from + 10_080)).predictions == 10_080)
            greatest = max(greatest, store.lastPieceCount)
        }
        #expect(greatest <= 200)
        _ = try store.summary(of: .min..<(.max))
        #expect(store.lastPieceCount <= 2)
    }

    @Test func aPageThatCannotBeWrittenStaysInMemory() throws {
        let pages = FailingPages()
        pages.failsToWrite = true
        let store = PaneBox(byteLimit: 5_000, pages: pages)
        var generator = Generator(9)
        for pane in 0..<2_000 { try store.apply(.random(at: Int64(pane), cells: 20, &generator)) }
        #expect(store.lastFreezeFailure != nil)
        #expect(store.total.predictions == 2_000)
        #expect(store.frozenNodeCount == 0)
        pages.failsToWrite = false
        for pane in 2_000..<9_000 { try store.apply(.random(at: Int64(pane), cells: 20, &generator)) }
        #expect(store.lastFreezeFailure == nil)
        #expect(store.frozenNodeCount > 0)
    }

    @Test(arguments: [false, true])
    func aPageThatCannotBeReadIsAnErrorThatChangesNothing(isDamaged: Bool) throws {
        let pages = FailingPages()
        let store = PaneBox(byteLimit: 5_000, pages: pages)
        var generator = Generator(9)
        for pane in 0..<2_000 { try store.apply(.random(at: Int64(pane), cells: 20, &generator)) }
        let before = try store.encoded()
        pages.failsToRead = !isDamaged
        pages.isDamaging = isDamaged
        let late = ModelEvent.random(at: 3, cells: 20, &generator)
        let total = store.total
        #expect(throws: ViewError.self) { try store.apply(late) }
        #expect(throws: ViewError.self) { _ = try store.summary(of: 3..<7) }
        #expect(store.total == total)
        try store.apply(.random(at: 2_001, cells: 20, &generator))  // the newest pane needs no page
        pages.failsToRead = false
        pages.isDamaging = false
        try store.apply(late)
        try store.apply(late, isRemoval: true)
        #expect(try store.summary(of: 0..<2_000).predictions == 2_000)
        #expect(try store.encoded().count > before.count)
    }

    @Test func aDamagedPageNeverTrapsAndNeverGetsIntoThePanes() throws {
        let pages = FailingPages()
        let store = PaneBox(byteLimit: 5_000, pages: pages)
        var generator = Generator(11)
        for pane in stride(from: Int64(0), to: 20_000, by: 40) {
            try store.apply(.random(at: pane, cells: 20, &generator))
        }
        let total = store.total
        let before = try store.encoded()
        var refused = 0
        for byte in 0..<300 {
            pages.flippedByte = byte
            let panes: Range<Int64> = 3..<(5_000 + Int64(byte))
            _ = try? store.summary(of: panes)
            _ = try? store.merged(panes, count: 20)
            _ = try? store.nextPane(atOrAfter: 77)
            _ = try? store.encoded()
            do {
                let late = ModelEvent.random(at: Int64(byte * 50), cells: 20, &generator)
                try store.apply(late)
                pages.flippedByte = nil
                try store.apply(late, isRemoval: true)
            } catch is ViewError { refused += 1 }
            pages.flippedByte = nil
            #expect(store.total == total)
        }
        #expect(refused > 100)
        #expect(try store.encoded() == before)
    }

    @Test func memoryIsReported() throws {
        let store = PaneBox()
        let empty = store.byteCount
        var changes = CellChanges()
        changes.add(1, to: 0)
        changes.add(1, to: 100)
        for pane in 0..<Int64(1_000) { try store.apply(changes, to: pane) }
        #expect(store.byteCount > empty + 1_000 * 96)
        changes.negate()
        for pane in 0..<Int64(1_000) { try store.apply(changes, to: pane) }
        #expect(store.byteCount < empty + 8_000)
    }
}
