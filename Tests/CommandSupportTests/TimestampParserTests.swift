import CommandSupport
import Foundation
import Testing

@Suite struct TimestampParserTests {
    func parse(_ text: String) -> Int64? {
        unsafe Array(text.utf8).withUnsafeBytes { unsafe TimestampParser.microseconds($0) }
    }

    @Test func readsEveryForm() {
        let expected: Int64 = 1_586_351_100_000_000
        for text in [
            "2020-04-08T13:05:00Z", "2020-04-08 13:05:00", "2020-04-08T13:05", "2020-04-08T13:05:00+00:00",
            "2020-04-08 15:05+02:00",
            "2020-04-08T15:05:00+0200", "2020-04-08T15:05:00+02", "2020-04-08T07:35:00-05:30", "2020-04-08t13:05:00z",
            "1586351100000000",
            "2020-04-09T00:04:00.000000000+10:59", "+1586351100000000",
        ] { #expect(parse(text) == expected, "\(text)") }
        #expect(parse("2020-04-08") == 1_586_304_000_000_000)
        #expect(parse("2020-04-08 13:05:00.5") == expected + 500_000)
        #expect(parse("2020-04-08 13:05:00.000001Z") == expected + 1)
        #expect(parse("2020-04-08 13:05:00.1234567899Z") == expected + 123_456)
        #expect(parse("-1") == -1)
        #expect(parse("0") == 0 && parse("2020") == 2020)
    }

    @Test(arguments: [
        "", "x", "2020-4-8", "2020-13-01", "2020-00-01", "2020-02-30", "2019-02-29", "1900-02-29", "2020-04-31",
        "2020-04-08T",
        "2020-04-08T13", "2020-04-08T24:00", "2020-04-08T13:60", "2020-04-08T13:05:60", "2020-04-08T13:05:0",
        "2020-04-08T13:05:00.",
        "2020-04-08T13:05:00.Z", "2020-04-08T13:05:00ZZ", "2020-04-08T13:05:00+2", "2020-04-08T13:05:00+24:00",
        "2020-04-08T13:05:00+02:60",
        "2020-04-08T13:05:00 +02:00", "2020-04-08_13:05:00", "2020/04/08 13:05", "08.04.2020 13:05",
        "2020-04-08T13:05:00+2:00x",
        "99999999999999999999", "2020-04-0813:05:00", "2020-04-08T13:05:",
    ])
    func whatIsNoTimeIsNil(_ text: String) {
        #expect(parse(text) == nil)
    }

    @Test func agreesWithTheCalendarOnEveryKindOfDay() {
        var calendar = Calendar(identifier: .iso8601)
        calendar.timeZone = TimeZone(identifier: "UTC")!
        var random = SeededGenerator(seed: 11)
        for _ in 0..<3_000 {
            let second = Int64.random(in: -11_670_000_000...253_402_300_799, using: &random)  // 1600 to 9999
            let parts = calendar.dateComponents(
                [.year, .month, .day, .hour, .minute, .second], from: Date(timeIntervalSince1970: Double(second)))
            let text = String(
                format: "%04d-%02d-%02dT%02d:%02d:%02d", parts.year!, parts.month!, parts.day!, parts.hour!,
                parts.minute!, parts.second!)
            #expect(parse(text) == second * 1_000_000, "\(text)")
        }
        #expect(parse("0000-01-01") == -62_167_219_200_000_000)
        #expect(parse("9999-12-31T23:59:59.999999Z") == 253_402_300_799_999_999)
        #expect(parse("1969-12-31T23:59:59.999999Z") == -1)
    }
}
