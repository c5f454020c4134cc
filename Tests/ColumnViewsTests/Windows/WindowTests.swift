import ColumnFormat
import Testing

@testable import ColumnViews

@Suite struct WindowTests {
    @Test func readsAsInTheInterface() {
        let windows: [Window] = [60, 3600, .tumbling(.hours(1)), .sliding(.days(7), every: .days(1)), .trailing(5)]
        #expect(windows.map(\.description) == ["1m", "1h", "1h", "7d/1d", "trailing:5s"])
        #expect(windows[1] == windows[2])
    }

    @Test(arguments: [
        ("1h", Window.tumbling(.hours(1))), ("60s", 60), ("5m", 300), ("7d", .tumbling(.days(7))),
        ("7d/1d", .sliding(.days(7), every: .days(1))), ("7d+3d", .tumbling(.days(7), offset: .days(3))),
        ("7d/1d+12h", .sliding(.days(7), every: .days(1), offset: .hours(12))), ("trailing:1h", .trailing(.hours(1))),
        ("cumulative", .cumulative), ("90s", 90), ("86400s", .tumbling(.days(1))), ("36500d", .tumbling(.days(36_500))),
        ("1h+0s", .tumbling(.hours(1))),
    ])
    func textIsReadAndWritten(text: String, window: Window) throws {
        #expect(try Window.parse(text) == window)
        #expect(Window(text) == window)
        #expect(Window(window.description) == window)
    }

    @Test func descriptionUsesTheLargestUnitThatDivides() {
        #expect(Window.tumbling(.seconds(5_400)).description == "90m")
        #expect(Window.tumbling(.seconds(86_401)).description == "86401s")
        #expect(Window.sliding(.hours(48), every: .minutes(60), offset: .seconds(120)).description == "2d/1h+2m")
        #expect(Window.trailing(.days(14)).description == "trailing:14d")
    }

    @Test func everyValidWindowSurvivesItsText() throws {
        var generator = Generator(3)
        for _ in 0..<2_000 {
            let slide = Int64.random(in: 1...200_000, using: &generator)
            let size =
                slide * Int64.random(in: 1...50, using: &generator) + Int64.random(in: 0..<slide, using: &generator)
            let offset = TimeSpan.seconds(.random(in: 0..<slide, using: &generator))
            let window = Window.sliding(.seconds(size), every: .seconds(slide), offset: offset)
            #expect(try Window.parse(window.description) == window)
        }
    }

    @Test(arguments: [
        "", "h", "1", "1x", "1H", " 1h", "1h ", "-1h", "+1h", "1h+", "1h/", "/1h", "1h//1m", "1h/1m/1m", "1h+1m+1m",
        "1h+1m/1m",
        "1.5h", "trailing:", "trailing:1h+1m", "trailing:1h/1m", "Cumulative", "cumulative+1h", "0s", "0h", "1h/0s",
        "1m/1h",
        "1h+1h", "7d+10d", "36501d", "99999999999999999999s", "9223372036854775807d", "12d/1s", "１h", "1h\0", "٣h",
        "count:", "count:0", "count:1000001", "count:+1", "count:1h",
    ])
    func textThatIsNoWindowIsRefusedWithAReason(text: String) {
        #expect(Window(text) == nil)
        let error = #expect(throws: ViewError.self) { try Window.parse(text) }
        #expect(error?.code == .invalidInput)
        #expect((error?.message.count ?? 0) > 20)
    }

    @Test func errorsSayWhatWouldBeRight() {
        func message(_ text: String) -> String {
            do {
                _ = try Window.parse(text)
                return "no error"
            } catch { return error.message }
        }
        #expect(message("count:1h").contains("write how many predictions"))
        #expect(message("count:0").contains("1 to 1000000 predictions"))
        #expect(Window("count:100") == .count(100) && Window.count(100).description == "count:100")
        #expect(message("1m/1h").contains("slide is longer than its size"))
        #expect(message("7d+10d").contains("+3d gives the same windows"))
        #expect(message("0s").contains("at least 1s"))
        #expect(message("1x").contains("60s, 5m, 1h or 7d"))
        #expect(message("36501d").contains("at most 36500d"))
    }

    @Test func valuesThatNoTextCanExpressAreRefusedToo() {
        let windows: [Window] = [
            0, -1, .tumbling(TimeSpan(microseconds: 1_500_000)), .tumbling(TimeSpan(microseconds: .max)),
            .tumbling(TimeSpan(microseconds: .min)), .sliding(60, every: TimeSpan(microseconds: 500_000)),
            .sliding(60, every: -60), .tumbling(60, offset: -1), .tumbling(60, offset: TimeSpan(microseconds: 1)),
            .tumbling(60, offset: TimeSpan(microseconds: .min)), .trailing(0),
            .trailing(TimeSpan(microseconds: 999_999)),
            Window(integerLiteral: .max), Window(integerLiteral: .min), .sliding(.days(36_500), every: 1),
        ]
        for window in windows {
            #expect(throws: ViewError.self) { try window.validate() }
            #expect(!window.description.isEmpty)
        }
    }
}
