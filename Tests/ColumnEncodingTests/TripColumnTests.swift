import ColumnEncoding
import ColumnFormat
import Foundation
import Testing

/// Every column of the trip records, as a file of its own would hold it.
@Suite struct TripColumnTests {
    /// Bytes a row of a block from the front, where no row is null, with a little room.
    private static let limits: [String: Double] = [
        "lpep_pickup_datetime": 0.9, "PULocationID": 1.2, "DOLocationID": 1.2, "passenger_count": 0.5,
        "trip_distance": 1.6, "fare_amount": 1.7, "tip_amount": 1.2, "total_amount": 2.0, "tolls_amount": 0.12,
        "mta_tax": 0.3, "improvement_surcharge": 0.05, "payment_type": 0.4, "VendorID": 0.3,
    ]

    @Test(.enabled(if: TripRecords.file != nil, "the trip records are not here: set DRUMLIN_DATA to their folder"))
    func everyColumnComesBack() throws {
        let lines = try Data(contentsOf: #require(TripRecords.file)).split(separator: UInt8(ascii: "\n"))
        let names = lines[0].split(separator: UInt8(ascii: ",")).map { String(decoding: $0, as: UTF8.self) }
        // The first rows have all fields, the last ones lack some.
        for (part, range) in [1..<20_001, lines.count - 5_000..<lines.count].enumerated() {
            let rows = lines[range].map { $0.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) }
            for (place, name) in names.enumerated() {
                let fields = rows.map { String(decoding: $0[place], as: UTF8.self) }
                let page = try expectRoundTrip(Self.column(fields), name)
                let byteCount = Double(page.bytes.count) / Double(fields.count)
                if part == 0, let limit = Self.limits[name] {
                    #expect(byteCount < limit, "\(name): \(page.encoding)")
                }
            }
        }
    }

    /// Integers, doubles or times where all fields are some or empty, else texts.
    private static func column(_ fields: [String]) -> ColumnSlice {
        let given = fields.filter { !$0.isEmpty }
        let isInteger = given.allSatisfy { Int64($0) != nil }
        let isDouble = given.allSatisfy { Double($0) != nil }
        let isTime = given.allSatisfy { microseconds($0) != nil }
        let type: ColumnType = isInteger ? .int64 : isDouble ? .float64 : isTime ? .timestamp : .string
        let builder = ColumnBuilder(type: type)
        for field in fields {
            switch type {
            case _ where field.isEmpty: builder.appendNull()
            case .int64: builder.append(Int64(field)!)
            case .float64: builder.append(Double(field)!)
            case .timestamp: builder.append(microseconds(field)!)
            default: builder.append(string: field)
            }
        }
        return builder.snapshot()
    }

    /// Of `2020-03-01 00:00:10` the microseconds since 1970.
    private static func microseconds(_ text: String) -> Int64? {
        let digits = Array(text.utf8)
        guard digits.count == 19, digits[4] == 45, digits[10] == 32, digits[13] == 58 else { return nil }
        func number(_ range: Range<Int>) -> Int { digits[range].reduce(0) { $0 * 10 + Int($1) - 48 } }
        // Days since 1 March of the year 0: years begin in March.
        let month = (number(5..<7) + 9) % 12
        let year = number(0..<4) - (month > 9 ? 1 : 0)
        let days = year * 365 + year / 4 - year / 100 + year / 400 + (month * 306 + 5) / 10 + number(8..<10) - 1
        let seconds = (days - 719_468) * 86_400 + number(11..<13) * 3_600 + number(14..<16) * 60 + number(17..<19)
        return Int64(seconds) * 1_000_000
    }
}
