import CommandSupport
import Drumlin
import Foundation
import Testing

@testable import DrumlinCLI

/// Trip records that are there only on some machines: in the folder that DRUMLIN_DATA names, or `../shared/data` beside
/// the package. Imported and exported, every cell has the value that it had.
@Suite struct TripRoundTripTests {
    private static let name = "green_tripdata_2020-03_06.csv"
    /// Enough for every column's kinds of values, and few enough for a debug build.
    private static let rowLimit = 40_000

    private static var path: String? {
        let named = ProcessInfo.processInfo.environment["DRUMLIN_DATA"]
        let beside = URL(filePath: #filePath).appending(path: "../../../../shared/data").standardizedFileURL.path()
        return [named, beside].compactMap { $0 }.map { $0 + "/" + name }
            .first { FileManager.default.fileExists(atPath: $0) }
    }

    @Test func everyCellOfTheTripRecordsComesBack() throws {
        guard let path = Self.path else {
            print("skipped: no \(Self.name) in DRUMLIN_DATA or ../shared/data")
            return
        }
        let folder = try TestFolder()
        let reader = try CSVReader(path: path)
        var lines = [reader.header.joined(separator: ",")]
        while lines.count <= Self.rowLimit, try reader.nextRow() {
            lines.append((0..<reader.columnCount).map { reader.string($0) ?? "" }.joined(separator: ","))
        }
        try folder.write("trips.csv", lines.joined(separator: "\n") + "\n")
        let summary = try folder.importing("trips", "trips.csv")
        #expect(summary.rowCount == lines.count - 1)
        try folder.write("again.csv", try folder.export("trips"))

        let before = try CSVReader(path: folder.path + "/trips.csv")
        let after = try CSVReader(path: folder.path + "/again.csv")
        #expect(before.header == after.header)
        var differences = 0
        while try before.nextRow() {
            guard try after.nextRow() else { throw CommandError(.refused, "rows are missing") }
            for (place, column) in summary.columns.enumerated() {
                let isEqual =
                    switch column.type {
                    case .int64: try before.int64(place) == after.int64(place)
                    case .float64: try before.float64(place) == after.float64(place)
                    case .timestamp: try before.timestamp(place) == after.timestamp(place)
                    default: before.string(place) == after.string(place)
                    }
                if !isEqual { differences += 1 }
            }
        }
        #expect(try !after.nextRow() && differences == 0)
        let types = Set(summary.columns.map(\.type))
        #expect(types.isSuperset(of: [.timestamp, .int64, .float64, .string]))
    }
}
