import Drumlin
import Testing

@testable import TaxiTrips

@Suite struct TripGeneratorTests {
    private func trips(seed: UInt64, weeks: Int = 9) -> [Trip] {
        var generator = TripGenerator(seed: seed, tripsPerDay: 100)
        return generator.trips(weekCount: weeks)
    }

    private func unsureShare(_ trips: [Trip]) -> Double {
        Double(trips.count { $0.pickupPlace > 40 }) / Double(trips.count)
    }

    @Test func aSeedGivesTheSameTrips() {
        let first = trips(seed: 1, weeks: 1)
        #expect(first.map(\.tip) == trips(seed: 1, weeks: 1).map(\.tip))
        #expect(first.map(\.tip) != trips(seed: 2, weeks: 1).map(\.tip))
        #expect(first.count == 700)
        #expect(Set(first.map(\.id)).count == 700)
        #expect(zip(first, first.dropFirst()).allSatisfy { $0.pickup <= $1.pickup })
        #expect(first.allSatisfy { $0.dropoff > $0.pickup && $0.fare > 0 && $0.tip >= 0 && $0.distance >= 0 })
    }

    @Test func theMixOfTripsChangesFromTheFifthWeekOn() {
        let all = trips(seed: 1)
        let before = all.filter { $0.pickup < TripGenerator.mixChange }
        let after = all.filter { $0.pickup >= TripGenerator.mixChange.advanced(byDays: 14) }
        #expect(abs(unsureShare(before) - 0.25) < 0.04)
        #expect(abs(unsureShare(after) - 0.7) < 0.04)
    }

    @Test func theFaultChangesTheTipsAndNotTheTrips() {
        let booked = trips(seed: 1).filter {
            $0.passengers.isNaN && $0.pickup >= TripGenerator.mixChange.advanced(byDays: 14)
        }
        #expect(booked.allSatisfy { $0.rateCode.isNaN && $0.congestionSurcharge.isNaN })
        let before = booked.filter { $0.pickup < TripGenerator.faultStart }
        let after = booked.filter { $0.pickup >= TripGenerator.faultStart }
        #expect(abs(unsureShare(before) - unsureShare(after)) < 0.15)
        #expect(before.count { $0.tip == 2.75 } < before.count / 20)
        #expect(abs(Double(after.count { $0.tip == 2.75 }) / Double(after.count) - 6.0 / 7) < 0.08)
        #expect(after.count { $0.hasGoodTip } > after.count / 2)
    }
}
