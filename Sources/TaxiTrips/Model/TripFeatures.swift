package import Drumlin

/// What the model sees of a trip, and what is logged with each prediction: the features of the course.
package enum TripFeatures {
    /// Names and types as the store keeps them, in the order of ``values(of:)``.
    package static let declared: KeyValuePairs<String, FeatureType> = [
        "pickup_weekday": .int8,  // Monday is 0
        "pickup_hour": .int8,
        "pickup_minute": .int8,
        "work_hours": .bool,  // Monday to Friday, 8:00 to 18:59
        "passenger_count": .int16,
        "trip_distance": .float32,  // miles
        "trip_speed": .float32,  // miles an hour
        "pickup_place": .int16,
        "dropoff_place": .int16,
        "rate_code": .int16,
        "congestion_surcharge": .float32,  // dollars
        "place_difference": .int16,  // |pickup place − dropoff place|
    ]

    /// One number a feature; NaN where the record lacks what it takes. A trip that took no time has no speed.
    package static func values(of trip: Trip) -> [Double] {
        let pickup = CalendarTime(trip.pickup)
        let isWorkHours = pickup.weekday < 5 && (8...18).contains(pickup.hour)
        let hours = Double(trip.dropoff.microseconds - trip.pickup.microseconds) / 3.6e9
        return [
            Double(pickup.weekday), Double(pickup.hour), Double(pickup.minute), isWorkHours ? 1 : 0,
            trip.passengers, trip.distance, hours > 0 ? trip.distance / hours : .nan,
            trip.pickupPlace, trip.dropoffPlace, trip.rateCode, trip.congestionSurcharge,
            abs(trip.pickupPlace - trip.dropoffPlace),
        ]
    }

    /// The same values by name and in the types of the store; those that are missing are left out, and so null.
    package static func named(_ values: [Double]) -> [String: Value] {
        var named: [String: Value] = [:]
        for (feature, value) in zip(declared, values) where !value.isNaN {
            switch feature.value {
            case .bool: named[feature.key] = .bool(value != 0)
            case .float32: named[feature.key] = .float32(Float(value))
            default: named[feature.key] = .int(Int64(value))
            }
        }
        return named
    }
}
