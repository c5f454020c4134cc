import ColumnFormat
import Testing

@testable import ColumnViews

@Suite struct WindowedViewTests {
    let windows: [Window] = [
        60, .tumbling(.minutes(5), offset: .minutes(2)), .sliding(.hours(1), every: .minutes(10)),
        .sliding(.minutes(90), every: .hours(1), offset: .minutes(30)), .trailing(.hours(2)), .cumulative,
    ]

    /// All windows of a kind by looking at every event.
    func truth(_ window: Window, _ events: [ModelEvent], cells: Int) throws -> [Int64: [Int64]] {
        let grid = try #require(WindowGrid(window))
        var members: [Int64: [ModelEvent]] = [:]
        for event in events {
            for ordinal in grid.ordinals(containing: event.time) {
                members[grid.start(ordinal), default: []].append(event)
            }
        }
        return members.mapValues { ModelEvent.sum($0, cells: cells) }
    }

    @Test(arguments: [1, 2, 3, 4, 5, 6])
    func everyWindowEqualsTheSumOfItsEvents(seed: UInt64) throws {
        var generator = Generator(seed)
        let cells = [8, 40, 300][Int(seed % 3)]
        let limit = seed % 2 == 0 ? 20_000 : 1 << 30
        let view = try WindowedView(windows: windows, byteLimit: limit)
        #expect(view.paneWidth.microseconds == minute)
        var events: [ModelEvent] = []
        for step in 0..<1_500 {
            if step % 5 == 4, let place = events.indices.randomElement(using: &generator) {
                try view.add(events.remove(at: place), isRemoval: true)
                continue
            }
            let time = Int64.random(in: -6 * hour...30 * hour, using: &generator)
            let event = ModelEvent.random(at: time, cells: cells, &generator)
            events.append(event)
            try view.add(event)
        }
        view.advance(to: 20 * hour + 7)
        for window in windows.prefix(4) {
            let expected = try truth(window, events, cells: cells)
            let intervals = try view.currentWindows(window)
            #expect(intervals.map(\.start) == expected.keys.sorted().map(Optional.init))
            for interval in intervals {
                let start = try #require(interval.start)
                #expect(try view.mergedCells(interval, count: cells) == expected[start])
            }
            let bounded = try view.currentWindows(window, from: -hour, to: 3 * hour + 1)
            #expect(bounded == intervals.filter { $0.start! >= -hour && $0.start! <= 3 * hour })
        }
        let cumulative = try #require(try view.currentWindows(.cumulative).first)
        #expect(try view.mergedCells(cumulative, count: cells) == ModelEvent.sum(events, cells: cells))
        let trailing = try #require(try view.currentWindows(.trailing(.hours(2))).first)
        #expect(trailing.start == 18 * hour + minute)
        #expect(trailing.end == 20 * hour + minute)
        let inside = events.filter { $0.time >= 18 * hour + minute && $0.time < 20 * hour + minute }
        #expect(try view.mergedCells(trailing, count: cells) == ModelEvent.sum(inside, cells: cells))
        // Any interval of panes.
        for _ in 0..<300 {
            let from = Int64.random(in: -500...2_000, using: &generator) * minute
            let to = from + Int64.random(in: 0...2_000, using: &generator) * minute
            var buffer: [Int64] = []
            try view.cells(over: from..<to, into: &buffer)
            let inside = events.filter { $0.time >= from && $0.time < to }
            #expect(buffer.padded(to: cells) == ModelEvent.sum(inside, cells: cells))
        }
    }

    @Test func anyOrderOfEventsGivesTheSameBytes() throws {
        var generator = Generator(7)
        var events: [ModelEvent] = []
        for _ in 0..<800 {
            let time = Int64.random(in: -2 * day...2 * day, using: &generator)
            events.append(.random(at: time, cells: 100, &generator))
        }
        var encodings: Set<[UInt8]> = []
        for round in 0..<4 {
            let view = try WindowedView(windows: windows, byteLimit: round == 2 ? 10_000 : 1 << 30)
            for event in events { try view.add(event) }
            for _ in 0..<50 {
                let extra = ModelEvent.random(
                    at: .random(in: -3 * day...3 * day, using: &generator), cells: 100, &generator)
                try view.add(extra)
                try view.add(extra, isRemoval: true)
            }
            encodings.insert(try view.encode())
            events.shuffle(using: &generator)
        }
        #expect(encodings.count == 1)
    }

    @Test func aWindowHasARowExactlyWhileItHoldsAPrediction() throws {
        let view = try WindowedView(windows: [60])
        var changes = CellChanges()
        changes.add(5, to: 9)
        try view.apply(changes, at: 0)  // state, but no prediction
        #expect(try view.currentWindows(60).isEmpty)
        changes.removeAll()
        changes.add(1, to: ReservedCell.predictions)
        try view.apply(changes, at: 0)
        #expect(try view.currentWindows(60).count == 1)
        changes.negate()
        try view.apply(changes, at: 0)
        #expect(try view.currentWindows(60).isEmpty)
    }

    @Test func anIntervalOffTheEdgesOfPanesIsAnErrorThatNamesTheGranularity() throws {
        let view = try WindowedView(windows: [.tumbling(.minutes(5))])
        var buffer: [Int64] = []
        let error = #expect(throws: ViewError.self) { try view.cells(over: 0..<(7 * minute), into: &buffer) }
        #expect(error?.message.contains("granularity of 5m") == true)
        #expect(error?.message.contains("1970-01-01T00:07:00Z") == true)
    }

    @Test func aFinerWindowNeedsARebuildAndACoarserOneDoesNot() throws {
        let view = try WindowedView(windows: [.tumbling(.hours(1))])
        #expect(try view.register(.tumbling(.hours(6), offset: .hours(2))) == .registered)
        #expect(try view.register(.cumulative) == .registered)
        let width = try PaneWidth(dividing: [.tumbling(.minutes(10))])
        #expect(try view.register(.tumbling(.minutes(50))) == .needsRebuild(paneWidth: width))
        #expect(view.windows.count == 3)
        let copy = try view.emptyCopy(adding: [.tumbling(.minutes(50))])
        #expect(copy.paneWidth == width)
        #expect(copy.windows.count == 4)
    }

    @Test func timesAtTheEndsOfInt64DoNotTrap() throws {
        let view = try WindowedView(windows: windows)
        var changes = CellChanges()
        changes.add(1, to: 0)
        for time in [Int64.min, .min + 1, -1, 0, .max - 1, .max] {
            try view.apply(changes, at: time)
            view.advance(to: time)
            _ = try view.takeDue()
            #expect(!view.isDue)  // or a loop that takes what is due would not end
            for window in windows { _ = try view.currentWindows(window) }
        }
        #expect(try view.currentWindows(.cumulative).count == 1)
        let bytes = try view.encode()
        #expect(try WindowedView.decode(bytes).encode() == bytes)
    }
}
