package import Drumlin
import Foundation

/// Trips for those who have no trip records: the same for a seed, in order of pickup, with two changes on the way.
///
/// - **The mix of trips changes**, over two weeks from the start of week 4 (the first is week 0): pickups move from
///   zones whose riders' tips are easy to predict (1 to 40) to zones where they are nearly a coin's toss (41 to 60),
///   from a quarter of all trips to 70 %. The accuracy falls, and the estimate sees it at once: the model is unsure of
///   more trips.
/// - **The answer changes**, from the start of week 7: records of booked trips, every fifth, which lack passengers,
///   rate code and surcharge and hardly ever held a tip, hold a tip of exactly $2.75 in six of seven cases. The trips
///   look as before, so no estimate without labels can see it.
package struct TripGenerator {
    /// Monday, 1 January 2024.
    package static let start = Timestamp(microseconds: 1_704_067_200_000_000)
    package static let mixChange = start.advanced(byDays: 28)
    package static let faultStart = start.advanced(byDays: 49)

    private let tripsPerDay: Int
    private var random: SeededRandom
    /// Log-odds of a good tip, by zone.
    private let generosity: [Double]

    package init(seed: UInt64, tripsPerDay: Int = 3_000) {
        self.tripsPerDay = tripsPerDay
        var random = SeededRandom(seed: seed)
        generosity = (1...60).map { zone in
            let spread = TripGenerator.normal(&random)
            return zone <= 40 ? (zone % 2 == 0 ? 2.2 : -2.4) + 0.4 * spread : 0.35 * spread
        }
        self.random = random
    }

    /// The trips of `weekCount` weeks from ``start`` on.
    package mutating func trips(weekCount: Int) -> [Trip] {
        var trips: [Trip] = []
        for day in 0..<(weekCount * 7) {
            let midnight = Self.start.advanced(byDays: day)
            for _ in 0..<tripsPerDay { trips.append(trip(onDayFrom: midnight)) }
        }
        trips.sort { $0.pickup < $1.pickup }
        for i in trips.indices { trips[i].line = i + 1 }
        return trips
    }

    private mutating func trip(onDayFrom midnight: Timestamp) -> Trip {
        let second = secondOfDay()
        let pickup = Timestamp(microseconds: midnight.microseconds + Int64(second) * 1_000_000)
        let isUnsure = random.uniform() < Self.unsureShare(at: pickup)
        let zone = isUnsure ? random.integer(in: 41...60) : random.integer(in: 1...40)
        let destination = random.integer(in: 1...60)
        let distance = (exp(0.7 + 0.6 * Self.normal(&random)) * 100).rounded() / 100
        let milesAnHour = max(4, 12 + 2.5 * Self.normal(&random) - ((8 * 3_600..<19 * 3_600).contains(second) ? 3 : 0))
        let dropoff = Timestamp(microseconds: pickup.microseconds + Int64(distance / milesAnHour * 3_600) * 1_000_000)
        let fare = (3 + 2.5 * distance).rounded()

        let isBooked = random.uniform() < 0.2
        var logOdds = generosity[zone - 1] - 0.05 * distance + (second > 19 * 3_600 ? 0.3 : 0)
        if isBooked { logOdds = -4 }
        let isGood = random.uniform() < 1 / (1 + exp(-logOdds))
        let portion = isGood ? 0.12 + 0.15 * random.uniform() : (random.uniform() < 0.8 ? 0 : 0.08)
        var trip = Trip(
            line: 0, pickup: pickup, dropoff: dropoff, distance: distance, pickupPlace: Double(zone),
            dropoffPlace: Double(destination), fare: fare, tip: (fare * portion * 100).rounded() / 100)
        if isBooked {
            if pickup >= Self.faultStart, random.uniform() < 6.0 / 7 { trip.tip = 2.75 }
        } else {
            trip.passengers = random.uniform() < 0.8 ? 1 : Double(random.integer(in: 2...6))
            trip.rateCode = random.uniform() < 0.95 ? 1 : 5
            trip.congestionSurcharge = zone % 5 == 0 ? 2.75 : 0
        }
        return trip
    }

    /// The share of pickups in the zones where tips are hard to predict.
    private static func unsureShare(at time: Timestamp) -> Double {
        let progress = Double(time.microseconds - mixChange.microseconds) / (14 * 86_400e6)
        return 0.25 + 0.45 * min(max(progress, 0), 1)
    }

    /// Few trips before dawn, most at six in the evening.
    private mutating func secondOfDay() -> Int {
        while true {
            let second = random.integer(in: 0...86_399)
            let weight = 0.55 + 0.45 * cos(Double(second - 18 * 3_600) / 86_400 * 2 * .pi)
            if random.uniform() < weight { return second }
        }
    }

    private static func normal(_ random: inout SeededRandom) -> Double {
        (-2 * log(1 - random.uniform())).squareRoot() * cos(2 * .pi * random.uniform())
    }
}
