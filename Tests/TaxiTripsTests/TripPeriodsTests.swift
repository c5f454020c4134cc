import Drumlin
import Testing

@testable import TaxiTrips

@Suite struct TripPeriodsTests {
    /// A trip an hour for some days from a day of March 2020 on; the 2nd is a Monday.
    private func trips(fromDay day: Int, days: Int) -> [Trip] {
        let start = Timestamp(microseconds: 1_583_020_800_000_000).advanced(byDays: day - 1)
        return (0..<(days * 24)).map { hour in
            let pickup = Timestamp(microseconds: start.microseconds + Int64(hour) * 3_600_000_000)
            return Trip(line: hour + 2, pickup: pickup, dropoff: pickup, fare: 10, tip: 0)
        }
    }

    @Test func servingBeginsOnTheFirstMondayAfterAWeek() {
        for (day, expected) in [(1, "2020-03-09"), (2, "2020-03-09"), (3, "2020-03-16"), (8, "2020-03-16")] {
            let periods = TripPeriods(trips(fromDay: day, days: 30), seed: 1)
            #expect(periods.servingStart.date == expected, "from day \(day)")
            #expect(periods.served.first?.pickup == periods.servingStart)
            #expect((periods.training + periods.reference).allSatisfy { $0.pickup < periods.servingStart })
        }
    }

    @Test func threeTripsInTenOfTheTrainingPeriodAreHeldOut() {
        let all = trips(fromDay: 3, days: 30)
        let periods = TripPeriods(all, seed: 1)
        let early = periods.training.count + periods.reference.count
        #expect(early == 13 * 24)
        #expect(abs(Double(periods.reference.count) / Double(early) - 0.3) < 0.1)
        #expect(Set((periods.training + periods.reference + periods.served).map(\.line)).count == all.count)
        #expect(TripPeriods(all, seed: 1).reference.map(\.line) == periods.reference.map(\.line))
        #expect(TripPeriods(all, seed: 2).reference.map(\.line) != periods.reference.map(\.line))
    }

    @Test func noMoreWeeksAreServedThanAskedFor() {
        let periods = TripPeriods(trips(fromDay: 2, days: 60), seed: 1, weekLimit: 2)
        #expect(periods.served.count == 14 * 24)
    }

    @Test func tooFewTripsLeaveAPartEmpty() {
        #expect(TripPeriods([], seed: 1).served.isEmpty)
        #expect(TripPeriods(trips(fromDay: 2, days: 6), seed: 1).served.isEmpty)
    }
}
