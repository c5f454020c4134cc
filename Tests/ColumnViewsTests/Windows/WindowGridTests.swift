import ColumnFormat
import Testing

@testable import ColumnViews

@Suite struct WindowGridTests {
    static let windows: [Window] = [
        60, .tumbling(.days(1)), .tumbling(.days(7), offset: .days(4)), .sliding(.hours(1), every: .minutes(7)),
        .sliding(10, every: 3, offset: 2), .sliding(7, every: 7, offset: 6), .sliding(.days(7), every: .minutes(1)),
    ]

    @Test(arguments: windows)
    func theWindowsOfATimeAreExactlyThoseThatContainIt(window: Window) throws {
        let grid = try #require(WindowGrid(window))
        var generator = Generator(1)
        var times: [Int64] = [-1, 0, 1]
        for edge in -3...3 {
            let start = grid.start(Int64(edge))
            times += [start - 1, start, start + 1, grid.end(Int64(edge)) - 1, grid.end(Int64(edge))]
        }
        for _ in 0..<200 { times.append(.random(in: -400 * day...400 * day, using: &generator)) }
        for time in times {
            let found = grid.ordinals(containing: time)
            #expect(grid.start(found.lowerBound) <= time && time < grid.end(found.lowerBound))
            #expect(grid.start(found.upperBound) <= time && time < grid.end(found.upperBound))
            #expect(grid.end(found.lowerBound - 1) <= time)
            #expect(grid.start(found.upperBound + 1) > time)
            #expect(Int64(found.count) <= grid.overlap)
            let ended = grid.lastOrdinal(endingAtOrBefore: time)
            #expect(grid.end(ended) <= time && grid.end(ended + 1) > time)
        }
    }

    @Test(arguments: windows)
    func startsAreListedHalfOpen(window: Window) throws {
        let grid = try #require(WindowGrid(window))
        let start = grid.start(-5)
        #expect(grid.ordinals(startingFrom: start, to: grid.start(5)) == -5..<5)
        #expect(grid.ordinals(startingFrom: start + 1, to: grid.start(5) + 1) == -4..<6)
        #expect(grid.ordinals(startingFrom: start, to: start).isEmpty)
        #expect(grid.ordinals(startingFrom: start, to: start - hour).isEmpty)
    }

    @Test func alignmentIsToTheEpochInUTC() throws {
        let weeks = try #require(WindowGrid(.tumbling(.days(7), offset: .days(4))))
        // 2020-04-08T13:05Z was a Wednesday, the epoch a Thursday: weeks with an offset of 4 days begin on Monday.
        let wednesday: Int64 = 1_586_351_100_000_000
        let monday = weeks.start(weeks.lastOrdinal(containing: wednesday))
        #expect(Timestamp(microseconds: monday).description == "2020-04-06T00:00:00Z")
        let days = try #require(WindowGrid(.tumbling(.days(1))))
        #expect(days.start(days.lastOrdinal(containing: -1)) == -day)
    }

    @Test(arguments: windows, [Int64.min, .min + 1, .min + day, .max - day, .max - 1, .max])
    func nothingTrapsAtTheEndsOfTime(window: Window, time: Int64) throws {
        let grid = try #require(WindowGrid(window))
        let found = grid.ordinals(containing: time)
        for ordinal in [found.lowerBound - 1, found.lowerBound, found.upperBound, found.upperBound + 1] {
            #expect(grid.start(ordinal) <= grid.end(ordinal))
        }
        _ = grid.ordinals(startingFrom: time, to: .max)
        _ = grid.ordinals(startingFrom: .min, to: time)
        _ = grid.lastOrdinal(endingAtOrBefore: time)
        #expect(grid.start(.max) == .max && grid.end(.min) == .min)
    }

    @Test func windowsWithoutAGridHaveNone() {
        #expect(WindowGrid(.cumulative) == nil)
        #expect(WindowGrid(.trailing(60)) == nil)
    }
}
