import ColumnFormat
import Testing

@testable import ColumnViews

/// Random streams of predictions, labels, corrections, late events, jumps of the clock and registrations.
@Suite struct PublicationPropertyTests {
    struct Stream {
        var generator: Generator
        var now: Int64 = 0
        var open: [Int64] = []

        init(_ seed: UInt64) { generator = Generator(seed) }

        mutating func step(_ view: WindowedView) throws {
            switch Int.random(in: 0..<100, using: &generator) {
            case 0..<45:
                now += Int64.random(in: 0...20 * minute, using: &generator)
                try view.predict(at: now, value: .random(in: 1...9, using: &generator))
                open.append(now)
            case 45..<80:
                guard let place = open.indices.randomElement(using: &generator) else { return }
                try view.label(at: open.remove(at: place))
            case 80..<88:
                let late = now - Int64.random(in: 0...3 * day, using: &generator)
                try view.predict(at: late, labeled: Bool.random(using: &generator))
            case 88..<98:
                guard let time = open.randomElement(using: &generator) else { return }
                try view.change(at: time, by: .random(in: -2...2, using: &generator))
            default:
                now += Int64.random(in: 0...5 * day, using: &generator)
            }
            view.advance(to: now)
        }
    }

    static let windows: [Window] = [
        600, .tumbling(.hours(1), offset: .minutes(20)), .sliding(.hours(6), every: .hours(1)), .cumulative,
        .trailing(.hours(3)),
    ]

    @Test(arguments: 1...6 as ClosedRange<UInt64>)
    func everyWindowIsPublishedWithItsLastValueAndSeldomEnough(seed: UInt64) throws {
        var stream = Stream(seed)
        let clock = EventClock(allowedLateness: .hours(1), labelHorizon: .days(4))
        let view = try WindowedView(windows: Self.windows, clock: clock, byteLimit: seed % 2 == 0 ? 10_000 : 1 << 30)
        struct Published {
            var fingerprint: Int64
            var time: Int64
            var due: DueWindow
        }
        var last: [WindowInterval: Published] = [:]
        func publish() throws {
            guard let time = view.clock.time else { return }
            for due in try view.takeDue() where due.reason != .boundary {
                let interval = WindowInterval(window: due.window, start: due.start, end: due.end)
                let summary = try view.summary(of: interval)
                #expect(summary.predictions > 0)
                #expect(due.status == (try view.status(of: interval)))
                #expect(due.status != .open)
                if let before = last[interval] {
                    #expect(due.revision == before.due.revision + 1)
                    #expect(due.reason != .closed)
                    if due.reason == .changed {
                        #expect(summary.fingerprint != before.fingerprint)
                        let slide = try #require(due.window.slide)
                        #expect(before.due.reason == .closed || time - before.time >= slide.microseconds)
                    }
                } else {
                    #expect(due.revision == 1)
                    #expect(due.reason == .closed || due.reason == .reopened)
                }
                last[interval] = Published(fingerprint: summary.fingerprint, time: time, due: due)
            }
        }
        for _ in 0..<1_500 {
            try stream.step(view)
            if view.isDue { try publish() }
            #expect(!view.isDue)
        }
        // Long after the last event every window has been published as it is.
        for _ in 0..<12 {
            view.advance(to: (view.clock.time ?? 0) + day)
            try publish()
        }
        for window in Self.windows.prefix(3) {
            for interval in try view.currentWindows(window) {
                let found = try #require(last[interval])
                #expect(found.fingerprint == (try view.summary(of: interval).fingerprint))
                #expect(found.due.status == .final)
            }
        }
    }

    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func aCheckpointAndTheCallsAfterItGiveTheSamePublications(seed: UInt64) throws {
        var stream = Stream(seed &* 77)
        let live = try WindowedView(windows: Self.windows)
        var recovered = try WindowedView.decode(try live.encode())
        for step in 0..<800 {
            var same = stream
            try stream.step(live)
            try same.step(recovered)
            if step == 400 {
                for view in [live, recovered] { #expect(try view.register(.tumbling(.hours(2))) == .registered) }
            }
            #expect(live.isDue == recovered.isDue)
            if live.isDue, step % 3 == 0 { #expect(try live.takeDue() == recovered.takeDue()) }
            if step % 40 == Int(seed) * 5 {
                let bytes = try recovered.encode()
                recovered = try WindowedView.decode(bytes, byteLimit: step % 80 < 40 ? 8_000 : 1 << 30)
                #expect(try recovered.encode() == bytes)
                #expect(try live.encode() == bytes)
            }
        }
        live.advance(to: 400 * day)
        recovered.advance(to: 400 * day)
        #expect(try live.takeDue() == recovered.takeDue())
    }

    @Test func everyByteOfACheckpointFlippedOrCutIsAnErrorOrAView() throws {
        var stream = Stream(9)
        let view = try WindowedView(windows: Self.windows)
        for _ in 0..<70 {
            try stream.step(view)
            _ = try view.takeDue()
        }
        let bytes = try view.encode()
        for length in 0..<bytes.count {
            #expect(throws: FormatError.self) { try WindowedView.decode(Array(bytes[..<length])) }
        }
        for place in bytes.indices {
            for flip in [UInt8(1), 0x80] {
                var damaged = bytes
                damaged[place] ^= flip
                do {
                    let other = try WindowedView.decode(damaged)
                    // Another view, but one that works.
                    _ = try? other.takeDue(limit: 100)
                    other.advance(to: 500 * day)
                    _ = try? other.takeDue(limit: 100)
                    _ = try other.encode()
                } catch is FormatError {}
            }
        }
    }

    @Test func aRebuiltViewGoesOnWithRevisions() throws {
        let hourly = Window.tumbling(.hours(1))
        let view = try WindowedView(windows: [hourly])
        _ = try view.taken(at: 0)
        for step in 0..<Int64(10) { try view.predict(at: step * hour, labeled: step % 2 == 0) }
        #expect(try view.taken(at: 11 * hour).count == 10)
        #expect(try view.register(.tumbling(.minutes(30))) != .registered)
        let copy = try view.emptyCopy(adding: [.tumbling(.minutes(30))])
        for step in 0..<Int64(10) { try copy.predict(at: step * hour, labeled: step % 2 == 0) }
        let found = try copy.taken(at: 11 * hour)
        #expect(found.count == 10)
        #expect(found.allSatisfy { $0.hasPrefix("30m ") })
        try copy.label(at: hour)
        #expect(try copy.taken(at: 19 * hour).contains("1h 1h final final 2"))
        try copy.change(at: 0, by: 1)
        #expect(try copy.taken(at: 20 * hour).contains("1h 0h reopened final 2"))
    }
}
