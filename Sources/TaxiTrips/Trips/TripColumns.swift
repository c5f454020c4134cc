import CommandSupport

/// Where the columns of a trip-record file are, whatever year and colour of cab it is from.
///
/// Names are compared without case and without blanks around them. Green cabs say `lpep_`, yellow ones `tpep_`; files
/// up to June 2016 have coordinates where later ones have taxi zones; the congestion surcharge came in 2019.
package struct TripColumns: Equatable {
    package enum Place: Equatable {
        case zone(Int)
        case coordinates(longitude: Int, latitude: Int)
    }

    package let pickup: Int
    package let dropoff: Int
    package let passengers: Int?
    package let distance: Int
    package let pickupPlace: Place
    package let dropoffPlace: Place
    package let rateCode: Int?
    package let congestionSurcharge: Int?
    package let fare: Int
    package let tip: Int

    /// Finds the columns, or throws a `CSVError` that names one that is missing.
    package init(header: [String], path: String) throws {
        let names = header.map(Self.normalized)
        func find(_ candidates: String...) -> Int? {
            candidates.lazy.compactMap { names.firstIndex(of: $0) }.first
        }
        func require(_ index: Int?, _ what: String) throws -> Int {
            if let index { return index }
            let there = PrintableText.excerpt(header.joined(separator: ", "), count: 400)
            throw CSVError(
                .column, file: path, line: 1, "there is no column for the \(what); the columns are: \(there)",
                remedy: "give a TLC trip-record file of yellow or green cabs")
        }
        func place(_ end: String, zone: String) throws -> Place {
            if let zone = find(zone) { return .zone(zone) }
            let longitude = try require(find("\(end)_longitude"), "\(end) place")
            return .coordinates(
                longitude: longitude, latitude: try require(find("\(end)_latitude"), "\(end) latitude"))
        }

        pickup = try require(
            find("lpep_pickup_datetime", "tpep_pickup_datetime", "pickup_datetime"), "pickup time")
        dropoff = try require(
            find("lpep_dropoff_datetime", "tpep_dropoff_datetime", "dropoff_datetime"), "dropoff time")
        passengers = find("passenger_count")
        distance = try require(find("trip_distance"), "distance")
        pickupPlace = try place("pickup", zone: "pulocationid")
        dropoffPlace = try place("dropoff", zone: "dolocationid")
        rateCode = find("ratecodeid", "rate_code")
        congestionSurcharge = find("congestion_surcharge")
        fare = try require(find("fare_amount"), "fare")
        tip = try require(find("tip_amount"), "tip")
    }

    private static func normalized(_ name: String) -> String {
        name.filter { !$0.isWhitespace && $0 != "\u{FEFF}" }.lowercased()  // a byte order mark before the first name
    }
}
