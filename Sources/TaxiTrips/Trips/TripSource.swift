import CommandSupport

/// Where an example has its trips from, and where it leaves its store.
package struct TripSource {
    package let trips: [Trip]
    /// A folder of its own, which the example leaves behind.
    package let store: String
    /// Where the trips are from, as a sentence.
    package let origin: String

    /// Reads `PROGRAM [FILE] [--per-day COUNT]`: a TLC trip-record file, or so many generated trips a day for eleven weeks.
    ///
    /// - Throws: `CSVError` for a file that holds no trips, `CommandError` for other arguments.
    package init(_ arguments: [String]) throws {
        let program = arguments.first.map {
            String($0[($0.lastIndex(of: "/").map($0.index(after:)) ?? $0.startIndex)...])
        }
        var file: String?
        var perDay = 3_000
        var rest = arguments.dropFirst()
        while let argument = rest.popFirst() {
            if argument == "--per-day", let count = rest.popFirst().flatMap({ Int($0) }),
                (100...100_000).contains(count)
            {
                perDay = count
            } else if !argument.hasPrefix("-"), file == nil {
                file = argument
            } else {
                throw CommandError(
                    .wrongUse, "\"\(argument)\" is no argument",
                    remedy: "\(program ?? "PROGRAM") [FILE] [--per-day COUNT], a count of 100 to 100,000")
            }
        }
        store = "\(program ?? "example").drumlin"
        if let file {
            trips = try TripFile(path: file).trips
            origin = "trips of \(file)"
        } else {
            var generator = TripGenerator(seed: 1, tripsPerDay: perDay)
            trips = generator.trips(weekCount: 11)
            origin =
                "generated trips, whose mix changes from \(TripGenerator.mixChange.date) on, and the record of their tips "
                + "from \(TripGenerator.faultStart.date) on"
        }
    }
}
