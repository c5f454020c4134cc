import ColumnFormat
import Testing

struct TimestampTests {
    @Test func pointsInTimeReadAsISO8601() {
        let cases: [(Int64, String)] = [
            (0, "1970-01-01T00:00:00Z"), (1_586_351_100_000_000, "2020-04-08T13:05:00Z"),
            (951_782_400_000_000, "2000-02-29T00:00:00Z"), (-1, "1969-12-31T23:59:59.999999Z"),
            (1_500_000, "1970-01-01T00:00:01.500000Z"), (-62_135_596_800_000_000, "0001-01-01T00:00:00Z"),
        ]
        for (microseconds, text) in cases { #expect(Timestamp(microseconds: microseconds).description == text) }
        for extreme in [Int64.min, .max] { #expect(Timestamp(microseconds: extreme).description.hasSuffix("Z")) }
    }

    @Test func daysAndDatesAreInverse() {
        for days: Int64 in stride(from: -800_000, through: 800_000, by: 373) {
            let date = CivilDate.fromDays(days)
            #expect(CivilDate.toDays(year: date.year, month: date.month, day: date.day) == days)
            #expect((1...12).contains(date.month) && (1...31).contains(date.day))
        }
    }

    @Test func spansThatDoNotFitAreAsLongAsPossible() {
        #expect(TimeSpan.days(.max).microseconds == .max)
        #expect(TimeSpan.hours(.min).microseconds == .min)
        #expect(TimeSpan.days(2) == TimeSpan.hours(48))
        #expect(TimeSpan.minutes(1) == 60)
    }
}
