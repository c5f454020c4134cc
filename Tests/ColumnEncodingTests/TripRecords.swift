import Foundation

/// Where the trip records are: in `DRUMLIN_DATA`, or in `shared/data` beside the repository.
enum TripRecords {
    static let file: URL? = {
        let beside = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(
            path: "../../../shared/data")
        let given = ProcessInfo.processInfo.environment["DRUMLIN_DATA"].map { URL(fileURLWithPath: $0) }
        let files = [given, beside].compactMap { $0?.appending(path: "green_tripdata_2020-03_06.csv") }
        return files.first { FileManager.default.fileExists(atPath: $0.path) }
    }()
}
