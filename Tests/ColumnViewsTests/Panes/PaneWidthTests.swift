import ColumnFormat
import Testing

@testable import ColumnViews

@Suite struct PaneWidthTests {
    @Test(arguments: [
        ([Window.cumulative], day), ([], day), ([60, 3600], minute), ([.tumbling(.hours(1)), .cumulative], hour),
        ([.sliding(.days(7), every: .days(1), offset: .hours(12))], 12 * hour),
        ([.trailing(.minutes(90)), 3600], 30 * minute),
        ([.sliding(10, every: 4)], 2 * second), ([61, 60], second), ([.tumbling(.days(7), offset: .days(3))], day),
    ])
    func isTheWidestThatDividesEverything(windows: [Window], width: Int64) throws {
        #expect(try PaneWidth(dividing: windows).microseconds == width)
    }

    @Test func refusesWindowsThatAreNotPossible() {
        #expect(throws: ViewError.self) { try PaneWidth(dividing: [60, 0]) }
        #expect(throws: ViewError.self) { try PaneWidth(dividing: [.tumbling(TimeSpan(microseconds: 2_500_000))]) }
    }

    @Test func panesAreHalfOpenAlsoBeforeTheEpoch() throws {
        let width = try PaneWidth(dividing: [60])
        #expect([-minute - 1, -minute, -1, 0, minute - 1, minute].map(width.index) == [-2, -1, -1, 0, 0, 1])
        #expect(width.start(-1) == -minute && width.end(-1) == 0)
        #expect(width.panes(from: -minute, to: 2 * minute) == -1..<2)
        #expect(width.panes(from: 0, to: -minute).isEmpty)
        for time in [Int64.min, .max] { #expect(width.start(width.index(of: time)) <= time) }
        #expect(width.end(width.index(of: .max)) == .max)
    }

    @Test func knowsWhichWindowsItDivides() throws {
        let width = try PaneWidth(dividing: [.tumbling(.hours(1))])
        #expect(width.divides(.sliding(.days(1), every: .hours(2), offset: .hours(1))))
        #expect(!width.divides(.sliding(.days(1), every: .hours(2), offset: .minutes(30))))
        #expect(width.divides(.cumulative))
    }
}
