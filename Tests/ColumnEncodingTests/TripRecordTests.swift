import ColumnEncoding
import ColumnFormat
import Foundation
import Testing

/// Every column of the city's trip records, as the text that its file has: with DRUMLIN_DATA, the folder of the file.
@Suite struct TripRecordTests {
    private static let file = ProcessInfo.processInfo.environment["DRUMLIN_DATA"].map {
        URL(fileURLWithPath: $0).appendingPathComponent("green_tripdata_2020-03_06.csv")
    }

    @Test(.enabled(if: file.map { FileManager.default.fileExists(atPath: $0.path) } ?? false, "no trip records"))
    func everyColumnComesBackAsText() throws {
        let bytes = try Data(contentsOf: #require(Self.file))
        var builders: [ColumnBuilder] = []
        for line in bytes.split(separator: UInt8(ascii: "\n")).dropFirst().prefix(70_000) {
            let fields = line.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
            while builders.count < fields.count { builders.append(ColumnBuilder(type: .string)) }
            for (field, builder) in zip(fields, builders) {
                if field.isEmpty {
                    builder.appendNull()
                } else {
                    unsafe field.withUnsafeBytes { unsafe builder.append(bytes: $0) }
                }
            }
        }
        #expect(builders.count > 10)
        for (column, builder) in builders.enumerated() {
            let slice = builder.snapshot()
            for start in stride(from: 0, to: slice.count, by: 65_536) {
                let block = slice.slice(start..<min(slice.count, start + 65_536))
                try expectRoundTrip(block, "column \(column) from row \(start)")
            }
        }
    }
}
