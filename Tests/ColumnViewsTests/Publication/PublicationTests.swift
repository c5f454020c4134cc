import ColumnFormat
import Testing

@testable import ColumnViews

/// Publications in short: `1h 0h closed closed 1` is window, start in hours, reason, status, revision.
extension WindowedView {
    func predict(at time: Int64, labeled: Bool = false, value: Int64 = 1) throws {
        var changes = CellChanges()
        changes.add(1, to: ReservedCell.predictions)
        if !labeled { changes.add(1, to: ReservedCell.unlabeled) }
        changes.add(value, to: 7)
        try apply(changes, at: time)
    }

    func label(at time: Int64) throws {
        var changes = CellChanges()
        changes.add(-1, to: ReservedCell.unlabeled)
        changes.add(1, to: 8)
        try apply(changes, at: time)
    }

    func change(at time: Int64, by delta: Int64) throws {
        var changes = CellChanges()
        changes.add(delta, to: 9)
        try apply(changes, at: time)
    }

    func taken(at time: Int64, limit: Int = .max) throws -> [String] {
        advance(to: time)
        return try takeDue(limit: limit).map { due in
            let start = due.start.map { "\($0 / hour)h" } ?? "-"
            return "\(due.window) \(start) \(due.reason.rawValue) \(due.status.rawValue) \(due.revision)"
        }
    }
}

@Suite struct PublicationTests {
    let hourly = Window.tumbling(.hours(1))

    @Test func aWindowIsPublishedWhenTheWatermarkPassesItsEnd() throws {
        let view = try WindowedView(windows: [hourly])
        #expect(try view.taken(at: 0) == [])
        try view.predict(at: 5)
        #expect(try view.taken(at: 2 * hour - 1) == [])
        #expect(try view.taken(at: 2 * hour) == ["1h 0h closed closed 1"])
        #expect(try view.taken(at: 2 * hour + minute) == [])
    }

    @Test func changesArePublishedAtDoublingAgesOnly() throws {
        let view = try WindowedView(windows: [hourly])
        _ = try view.taken(at: 0)
        try view.predict(at: 5)
        var ages: [Int64] = []
        for time in times(from: 0, to: 40 * hour, by: 20 * minute) {
            try view.change(at: 5, by: 1)
            let found = try view.taken(at: time)
            #expect(found.count <= 1)
            if !found.isEmpty { ages.append(time / hour - 2) }
        }
        #expect(ages == [0, 1, 2, 4, 8, 16, 32])
    }

    @Test func withoutAChangeThereIsNothingBetweenCloseAndHorizon() throws {
        let view = try WindowedView(windows: [hourly], clock: EventClock(labelHorizon: .days(3)))
        _ = try view.taken(at: 0)
        try view.predict(at: 5)
        var found: [String] = []
        for time in times(from: 0, to: 5 * day, by: 10 * minute) {
            // What is added and taken away again is no change.
            if time < 73 * hour {
                try view.change(at: 5, by: 1)
                try view.change(at: 5, by: -1)
            }
            found += try view.taken(at: time).map { "\(time / hour): \($0)" }
        }
        #expect(found == ["2: 1h 0h closed closed 1", "73: 1h 0h final final 2"])
    }

    @Test func aWindowWithAllItsLabelsIsFinalAtOnceAndForgotten() throws {
        let view = try WindowedView(windows: [hourly])
        _ = try view.taken(at: 0)
        try view.predict(at: 5)
        try view.label(at: 5)
        #expect(try view.taken(at: 2 * hour) == ["1h 0h closed final 1"])
        #expect(try view.taken(at: 90 * day) == [])
    }

    @Test func aWindowBecomesFinalByItsLastLabel() throws {
        let view = try WindowedView(windows: [hourly])
        _ = try view.taken(at: 0)
        try view.predict(at: 5)
        try view.predict(at: 6)
        #expect(try view.taken(at: 2 * hour) == ["1h 0h closed closed 1"])
        try view.label(at: 5)
        #expect(try view.taken(at: 3 * hour) == ["1h 0h changed closed 2"])
        try view.label(at: 6)
        #expect(try view.taken(at: 3 * hour + 59 * minute) == [])
        #expect(try view.taken(at: 4 * hour) == ["1h 0h final final 3"])
        #expect(try view.taken(at: 90 * day) == [])
    }

    @Test func aLateEventReopensAFinalWindowAtTheNextEdgeOfPanes() throws {
        let view = try WindowedView(windows: [hourly, 600])
        _ = try view.taken(at: 0)
        try view.predict(at: 5, labeled: true)
        let closed = ["10m 0h closed final 1"]
        #expect(try view.taken(at: hour + 10 * minute) == closed)
        #expect(try view.taken(at: 5 * hour) == ["1h 0h closed final 1"])
        try view.predict(at: 6)
        try view.predict(at: 7 * minute)
        #expect(try view.taken(at: 5 * hour + 9 * minute) == [])
        let reopened = ["10m 0h reopened closed 2", "1h 0h reopened closed 2"]
        #expect(try view.taken(at: 5 * hour + 10 * minute) == reopened)
        // From now on it is watched as any other.
        try view.label(at: 6)
        try view.label(at: 7 * minute)
        #expect(try view.taken(at: 5 * hour + 20 * minute) == ["10m 0h final final 3"])
        #expect(try view.taken(at: 6 * hour + 10 * minute) == ["1h 0h final final 3"])
        // A correction of a final window: at most once a slide.
        try view.change(at: 6, by: 1)
        #expect(try view.taken(at: 7 * hour).map { $0.prefix(11) } == ["10m 0h reop", "1h 0h reope"])
        var count = 0
        for time in times(from: 7 * hour, to: 9 * hour, by: minute) {
            try view.change(at: 6, by: 1)
            count += try view.taken(at: time).filter { $0.hasPrefix("1h") }.count
        }
        #expect(count == 1)
    }

    @Test func aLateEventToAWindowThatWasEmptyIsItsFirstPublication() throws {
        let view = try WindowedView(windows: [hourly])
        _ = try view.taken(at: 10 * hour)
        try view.predict(at: 2 * hour)
        #expect(try view.taken(at: 11 * hour) == ["1h 2h reopened closed 1"])
    }

    @Test func aWindowWhosePredictionsAreAllRemovedIsNotPublished() throws {
        let view = try WindowedView(windows: [hourly])
        _ = try view.taken(at: 0)
        try view.predict(at: 5)
        #expect(try view.taken(at: 2 * hour).count == 1)
        var changes = CellChanges()
        changes.add(-1, to: ReservedCell.predictions)
        changes.add(-1, to: ReservedCell.unlabeled)
        changes.add(-1, to: 7)
        try view.apply(changes, at: 5)
        #expect(try view.taken(at: 4 * hour) == [])
        // It comes back, and its revisions go on.
        try view.predict(at: 5)
        #expect(try view.taken(at: 6 * hour) == ["1h 0h reopened closed 2"])
    }

    @Test func aJumpOfYearsVisitsOnlyWindowsWithData() throws {
        let view = try WindowedView(windows: [1, .sliding(.days(7), every: .days(1)), .sliding(.hours(1), every: 60)])
        try view.predict(at: 0)
        try view.predict(at: 100_000 * day)
        _ = try view.taken(at: 0)
        let found = try view.taken(at: 100_030 * day)
        #expect(found.count { $0.hasPrefix("1s") } == 2)
        #expect(found.count { $0.hasPrefix("7d/1d") } == 14)
        #expect(found.count { $0.hasPrefix("1h/1m") } == 120)
        #expect(try view.taken(at: 100_070 * day).count == 1 + 7 + 60)
        #expect(try view.taken(at: 292_000 * 365 * day).isEmpty)
    }

    @Test func aJumpPastTheHorizonPublishesEachWindowOnce() throws {
        let view = try WindowedView(windows: [hourly])
        _ = try view.taken(at: 0)
        for step in 0..<Int64(48) { try view.predict(at: step * hour) }
        let found = try view.taken(at: 400 * day)
        #expect(found == (0..<48).map { "1h \($0)h closed final 1" })
    }

    @Test func aWindowRegisteredLatePublishesWhatHasClosedOnce() throws {
        let view = try WindowedView(windows: [hourly])
        _ = try view.taken(at: 0)
        for step in 0..<Int64(48) {
            try view.predict(at: step * hour)
            _ = try view.taken(at: step * hour)
        }
        #expect(!view.isDue)
        #expect(try view.register(.tumbling(.hours(12))) == .registered)
        #expect(view.isDue)
        let found = try view.taken(at: 47 * hour)
        #expect(found == ["12h 0h closed closed 1", "12h 12h closed closed 1", "12h 24h closed closed 1"])
        #expect(try view.taken(at: 49 * hour).contains("12h 36h closed closed 1"))
        // Registering again changes nothing; unregistering ends it.
        #expect(try view.register(.tumbling(.hours(12))) == .registered)
        #expect(!view.isDue)
        view.unregister(.tumbling(.hours(12)))
        for step in 0..<Int64(48) { try view.change(at: step * hour, by: 1) }
        #expect(try view.taken(at: 200 * day).allSatisfy { $0.hasPrefix("1h ") })
    }

    @Test func movingWindowsArePublishedOnceAnHourIfTheyChanged() throws {
        let view = try WindowedView(windows: [.cumulative, .trailing(.hours(2)), 600])
        var found: [String] = []
        for time in times(from: 0, to: 4 * hour, by: 10 * minute) {
            if time < 2 * hour { try view.predict(at: time) }
            let due = try view.taken(at: time).filter { !$0.hasPrefix("10m") }
            found += due.map { "\(time / minute)m \($0)" }
        }
        #expect(
            found == [
                "0m trailing:2h -1h boundary open 1", "0m cumulative - boundary open 1",
                "60m trailing:2h 0h boundary open 2", "60m cumulative - boundary open 2",
                "120m trailing:2h 0h boundary open 3", "120m cumulative - boundary open 3",
                "180m trailing:2h 1h boundary open 4",
            ])
        // A jump over many edges is one publication.
        try view.predict(at: 300 * day)
        let later = try view.taken(at: 300 * day).filter { !$0.hasPrefix("10m") }
        #expect(later == ["trailing:2h 7198h boundary open 5", "cumulative - boundary open 4"])
    }

    @Test func widePanesMakeMovingWindowsRarer() throws {
        let width = try PaneWidth(dividing: [.tumbling(.days(1))])
        #expect(PublicationSchedule.boundaryInterval(of: .cumulative, width: width) == day)
        let odd = try PaneWidth(dividing: [.tumbling(.minutes(7))])
        #expect(PublicationSchedule.boundaryInterval(of: .cumulative, width: odd) == 63 * minute)
    }

    @Test func whatIsDueIsOrderedByEndAndCanBeTakenInParts() throws {
        let windows: [Window] = [.tumbling(.hours(6)), hourly, .sliding(.hours(12), every: .hours(3))]
        func fill() throws -> WindowedView {
            let view = try WindowedView(windows: windows)
            for step in 0..<Int64(300) { try view.predict(at: step * 17 * minute) }
            return view
        }
        let whole = try fill()
        whole.advance(to: 100 * hour)
        let all = try whole.takeDue()
        #expect(all.map { $0.end ?? .max } == all.map { $0.end ?? .max }.sorted())
        let parts = try fill()
        parts.advance(to: 100 * hour)
        var found: [DueWindow] = []
        var calls = 0
        while parts.isDue {
            let some = try parts.takeDue(limit: 10)
            #expect(some.count <= 10)
            found += some
            calls += 1
        }
        #expect(calls > 5)
        #expect(Set(found) == Set(all))
        #expect(found.count == all.count)
    }

    @Test func nothingIsDueBeforeTheFirstEvent() throws {
        let view = try WindowedView(windows: [hourly, .cumulative])
        #expect(!view.isDue)
        #expect(try view.takeDue().isEmpty)
        #expect(try view.currentWindows(hourly).isEmpty)
        #expect(try view.currentWindows(.trailing(.hours(1))).isEmpty)
    }

    @Test func afterAPageThatCouldNotBeReadNothingIsLost() throws {
        let pages = FailingPages()
        let view = try WindowedView(windows: [hourly], byteLimit: 3_000, pages: pages)
        _ = try view.taken(at: 0)
        for step in 0..<Int64(400) { try view.predict(at: step * hour) }
        pages.failsToRead = true
        #expect(throws: ViewError.self) { try view.taken(at: 350 * hour) }
        pages.failsToRead = false
        let found = try view.taken(at: 350 * hour)
        #expect(found.map { $0.split(separator: " ")[1] } == (0..<349).map { "\($0)h" })
    }
}
