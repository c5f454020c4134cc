import Drumlin
import Testing

@testable import TaxiTrips

@Suite struct TripFeaturesTests {
    /// Sunday, 1 March 2020, 00:00:20 UTC.
    private let sunday = Timestamp(microseconds: 1_583_020_820_000_000)

    private func trip(at pickup: Timestamp, seconds: Int64 = 1_800) -> Trip {
        Trip(
            line: 2, pickup: pickup, dropoff: Timestamp(microseconds: pickup.microseconds + seconds * 1_000_000),
            passengers: 2, distance: 6, pickupPlace: 95, dropoffPlace: 121, rateCode: 1, congestionSurcharge: 2.75,
            fare: 10, tip: 1)
    }

    @Test func thereIsAValueForEachDeclaredFeature() {
        let values = TripFeatures.values(of: trip(at: sunday))
        #expect(values == [6, 0, 0, 0, 2, 6, 12, 95, 121, 1, 2.75, 26])
        #expect(values.count == TripFeatures.declared.count)
    }

    @Test func namedValuesHaveTheTypesOfTheStoreAndLeaveOutWhatIsMissing() {
        var trip = trip(at: sunday)
        trip.rateCode = .nan
        let named = TripFeatures.named(TripFeatures.values(of: trip))
        #expect(named.count == TripFeatures.declared.count - 1)
        #expect(named["rate_code"] == nil)
        #expect(named["work_hours"] == .bool(false))
        #expect(named["pickup_weekday"] == .int(6))
        #expect(named["trip_speed"] == .float32(12))
    }

    @Test func workHoursAreMondayToFridayFromEightUntilSeven() {
        let workHours = 3
        for (day, hour, expected) in [
            (1, 7, 0.0), (1, 8, 1), (1, 18, 1), (1, 19, 0), (5, 12, 1), (6, 12, 0), (7, 12, 0),
        ] {
            let pickup = Timestamp(
                microseconds: sunday.advanced(byDays: day).microseconds + Int64(hour) * 3_600_000_000)
            #expect(TripFeatures.values(of: trip(at: pickup))[workHours] == expected, "day \(day), \(hour):00")
        }
    }

    @Test func whatIsMissingMakesFeaturesMissing() {
        var trip = trip(at: sunday)
        trip.passengers = .nan
        trip.dropoffPlace = .nan
        let values = TripFeatures.values(of: trip)
        #expect(
            values.map(\.isNaN) == [false, false, false, false, true, false, false, false, true, false, false, true])
    }

    @Test func aTripThatTookNoTimeHasNoSpeed() {
        let values = TripFeatures.values(of: trip(at: sunday, seconds: 0))
        #expect(values[6].isNaN && values[5] == 6)
    }

    @Test func aGoodTipIsMoreThanATenthOfTheFare() {
        var trip = trip(at: sunday)
        #expect(!trip.hasGoodTip)
        trip.tip = 1.01
        #expect(trip.hasGoodTip)
        trip.tip = 0
        #expect(!trip.hasGoodTip)
    }

    @Test func calendarTimesHoldBeforeTheEpochToo() {
        #expect(CalendarTime(Timestamp(microseconds: 0)).weekday == 3)
        let before = CalendarTime(Timestamp(microseconds: -1))
        #expect(before.weekday == 2 && before.hour == 23 && before.minute == 59)
        let sunday = CalendarTime(sunday)
        #expect(sunday.weekday == 6 && sunday.hour == 0 && sunday.minute == 0)
    }

    @Test func cellsOfTheGridCoverNewYorkAndNothingElse() {
        #expect(PlaceGrid.cell(longitude: -74.295, latitude: 40.485) == 1)
        #expect(PlaceGrid.cell(longitude: -74.285, latitude: 40.485) == 2)
        #expect(PlaceGrid.cell(longitude: -74.295, latitude: 40.495) == 66)
        #expect(PlaceGrid.cell(longitude: 0, latitude: 0).isNaN)
        #expect(PlaceGrid.cell(longitude: -73.9, latitude: .nan).isNaN)
        #expect(PlaceGrid.cell(longitude: 1e300, latitude: -1e300).isNaN)
    }
}
