import Drumlin
import Foundation
import TestSupport
import Testing

/// What the standard rules find in the trip records of March to June 2020, where those are at hand: in the folder that
/// DRUMLIN_DATA names.
struct TripAlertTests {
    private static let file = ProcessInfo.processInfo.environment["DRUMLIN_DATA"].map {
        URL(fileURLWithPath: $0).appendingPathComponent("green_tripdata_2020-03_06.csv")
    }

    private struct Trip {
        var at: Int64
        var distance: Double
        var fare: Double
        var tip: Float
    }

    /// The trips that were picked up before the 13th of April, in the order of their times.
    private static func trips(_ file: URL) throws -> [Trip] {
        let text = try String(contentsOf: file, encoding: .utf8)
        var trips: [Trip] = []
        for line in text.utf8.split(separator: 10).dropFirst() {
            let fields = line.split(separator: 44, omittingEmptySubsequences: false).map { String($0) ?? "" }
            let digits = fields[1].utf8.filter { (48...57).contains($0) }.map { Int64($0) - 48 }
            guard digits.count == 14 else { continue }
            func number(_ range: Range<Int>) -> Int64 { digits[range].reduce(0) { $0 * 10 + $1 } }
            // All are of 2020, from March on.
            let days = [0, 0, 0, 0, 31, 61, 91][Int(number(4..<6))] + number(6..<8) - 1
            let seconds = number(8..<10) * 3_600 + number(10..<12) * 60 + number(12..<14)
            let at = 1_583_020_800 + days * 86_400 + seconds
            guard days < 43 else { continue }
            trips.append(
                Trip(
                    at: at * 1_000_000, distance: Double(fields[8]) ?? .nan, fare: Double(fields[9]) ?? .nan,
                    tip: Float(fields[12]) ?? .nan))
        }
        return trips.sorted { $0.at < $1.at }
    }

    @Test(.enabled(if: file.map { FileManager.default.fileExists(atPath: $0.path) } ?? false, "no trip records"))
    func theFaultOfAprilAndTheFallOfMarchAreFoundOnce() throws {
        let trips = try Self.trips(try #require(Self.file))
        #expect(trips.count > 180_000)
        let simulated = SimulatedStore(SimulatedFileSystem(seed: 1))
        var options = simulated.options(memtableByteCount: 8 << 20)
        options.arrival = .eventTime
        let store = try Store.open("/store", options: options)
        let task = try store.task(
            "trips",
            schema: TaskSchema(
                kind: .binary(), features: ["distance": .float32, "fare": .float32], observed: ["tip": .float32],
                bucketing: .scoreQuantiles(4)))
        try task.watch()
        let row = task.makePredictionRow()
        let batch = task.makePredictionBatch()
        for (number, trip) in trips.enumerated() {
            row.begin(id: "\(number)", at: Timestamp(microseconds: trip.at), prediction: 0.5)
            row.set(0, trip.distance)
            row.set(1, trip.fare)
            row.observe("tip", .float32(trip.tip))
            try batch.append(row)
            if number % 1_000 == 999 || number == trips.count - 1 {
                try task.logPredictions(batch)
                batch.removeAll()
            }
        }
        let alerts = try task.alerts()
        let entered = alerts.filter { $0.state == "entered" }
        let fault = Timestamp(microseconds: 1_586_304_000_000_000)
        let before = entered.filter { $0.subject == "tip" && $0.start < fault }
        #expect(before.count <= 2, "\(before.map(\.message))")
        let found = entered.filter { $0.subject == "tip" && $0.message.contains("the value 2.75 is") }
        #expect(found.count == 1)
        #expect(found.first.map { $0.start == fault } ?? false, "\(found)")
        let volume = entered.filter { $0.kind == "volume" }
        #expect(volume.count == 1, "\(volume.map(\.message))")
        #expect(volume.allSatisfy { $0.value < $0.expected ?? 0 && $0.start < fault })
        // Somebody who reads the report finds them.
        let report = try store.report().json
        #expect(report.contains("in the week of Monday 2020-03-16") && report.contains("tip: the value 2.75 is"))
        try store.close()
    }
}
