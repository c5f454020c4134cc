import ColumnFormat
import Testing

@testable import ColumnViews

@Suite struct EventClockTests {
    @Test func neverRunsBack() {
        var clock = EventClock()
        #expect(clock.time == nil && clock.watermark == nil)
        #expect(clock.status(end: .min, unlabeled: 0) == .open)
        let moved = [Int64(-5), -5, -6, -4, -5].map { clock.advance(to: $0) }
        #expect(moved == [true, false, false, true, false])
        #expect(clock.time == -4)
        #expect(clock.watermark == -4 - hour)
    }

    @Test func aWindowIsOpenThenClosedThenFinal() {
        var clock = EventClock(allowedLateness: .hours(1), labelHorizon: .days(30))
        clock.advance(to: day + hour - 1)
        #expect(clock.status(end: day, unlabeled: 0) == .open)
        clock.advance(to: day + hour)
        #expect(clock.status(end: day, unlabeled: 1) == .closed)
        #expect(clock.status(end: day, unlabeled: 0) == .final)
        clock.advance(to: 31 * day - 1)
        #expect(clock.status(end: day, unlabeled: 1) == .closed)
        clock.advance(to: 31 * day)
        #expect(clock.status(end: day, unlabeled: 1) == .final)
        #expect(clock.status(end: nil, unlabeled: 0) == .open)
    }

    @Test func aHorizonShorterThanTheLatenessDoesNotMakeOpenWindowsFinal() {
        var clock = EventClock(allowedLateness: .hours(2), labelHorizon: .hours(1))
        clock.advance(to: hour + hour / 2)
        #expect(clock.status(end: 0, unlabeled: 1) == .open)
        clock.advance(to: 2 * hour)
        #expect(clock.status(end: 0, unlabeled: 1) == .final)
        let backwards = EventClock(allowedLateness: -5, labelHorizon: -5)
        #expect(backwards.allowedLateness == 0 && backwards.labelHorizon == 0)
    }

    @Test func theEndsOfTimeDoNotTrap() {
        var clock = EventClock()
        clock.advance(to: .min)
        #expect(clock.watermark == .min)
        clock.advance(to: .max)
        #expect(clock.time == Int64.max - 1)
        #expect(clock.status(end: .max, unlabeled: 1) == .open)
        #expect(clock.status(end: .min, unlabeled: 1) == .final)
    }
}
