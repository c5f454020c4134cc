package import Drumlin

/// The trips in three parts: the first week or so trains the model, but for three trips in ten that are held out as
/// the reference; the trips after it are served.
package struct TripPeriods {
    package private(set) var training: [Trip] = []
    package private(set) var reference: [Trip] = []
    package private(set) var served: [Trip] = []
    /// The first Monday with a week or more of trips before it.
    package let servingStart: Timestamp

    /// Parts trips that are in order of pickup. `weekLimit` is the greatest number of weeks to serve.
    package init(_ trips: [Trip], seed: UInt64, weekLimit: Int? = nil) {
        guard let first = trips.first else {
            servingStart = Timestamp(microseconds: 0)
            return
        }
        let start = first.pickup.advanced(byDays: 13).monday
        servingStart = start
        let servingEnd = weekLimit.map { start.advanced(byDays: 7 * $0) }
        var random = SeededRandom(seed: seed)
        for trip in trips {
            if trip.pickup >= servingStart {
                if let servingEnd, trip.pickup >= servingEnd { break }
                served.append(trip)
            } else if random.uniform() < 0.3 {
                reference.append(trip)
            } else {
                training.append(trip)
            }
        }
    }
}
