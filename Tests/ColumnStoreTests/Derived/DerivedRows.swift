import ColumnFormat
import ColumnStore
import TestSupport

/// Rows whose columns follow from each other in every way that is known, but for some of them; and columns that are null in
/// the same rows.
enum DerivedRows {
    static let schema = Schema(
        [
            ColumnDefinition("id", .string, isNullable: false), ColumnDefinition("at", .timestamp, isNullable: false),
            ColumnDefinition("minute", .uint8), ColumnDefinition("from", .float32), ColumnDefinition("to", .float32),
            ColumnDefinition("distance", .float32), ColumnDefinition("fare", .float64),
            ColumnDefinition("tip", .float64),
            ColumnDefinition("total", .float64), ColumnDefinition("score", .float64),
            ColumnDefinition("bucket", .uint16),
            ColumnDefinition("class", .bool), ColumnDefinition("miles", .float32), ColumnDefinition("speed", .float32),
            ColumnDefinition("n", .int32), ColumnDefinition("twice", .int32), ColumnDefinition("word", .string),
        ], indexed: ["id"])

    /// Columns that are derived in a segment of a few thousand of these rows.
    static let derived = ["minute", "distance", "total", "bucket", "class", "speed"]

    static func rows(_ count: Int, seed: UInt64 = 3) -> [[String: Value]] {
        var random = SeededGenerator(seed: seed)
        func integer(_ range: ClosedRange<Int64>) -> Int64 { Int64.random(in: range, using: &random) }
        var time: Int64 = 1_583_020_800_000_000
        return (0..<count).map { number in
            var row: [String: Value] = ["id": .string("row-\(number)")]
            time += integer(0...30_000_000)
            row["at"] = .timestamp(Timestamp(microseconds: time))
            row["minute"] = .uint(UInt64(time / 60_000_000 % 60))
            let (from, to) = (integer(1...265), integer(1...265))
            row["from"] = number % 50 == 7 ? .null : .float32(Float(from))
            row["to"] = .float32(Float(to))
            // A null counts as 0; some rows are exceptions, others null.
            let distance = number % 50 == 7 ? to : abs(from - to)
            row["distance"] = number % 97 == 5 ? .null : .float32(number % 61 == 3 ? .nan : Float(distance))
            let (fare, tip) = (integer(250...9_000), number % 3 == 0 ? 0 : integer(0...1_500))
            row["fare"] = .float64(Double(fare) / 100)
            row["tip"] = .float64(Double(tip) / 100)
            row["total"] = .float64(number % 40 == 9 ? -1.25 : Double(fare + tip) / 100)
            let score = Double.random(in: 0...1, using: &random)
            row["score"] = .float64(score)
            row["bucket"] = .uint(UInt64(score * score * 12))
            row["class"] = .bool(score >= 0.5)
            let miles = Float(integer(5...4_000)) / 100
            row["miles"] = .float32(miles)
            row["speed"] = .float32(Float((Double(miles) * 100).rounded() / (100 * Double(integer(60...5_000)))))
            let isNull = integer(0...4) == 0
            let n = integer(-500...500)
            row["n"] = isNull ? .null : .int(n)
            row["twice"] = isNull ? .null : .int(2 * n + 1)
            row["word"] = isNull ? .null : .string("w\(n & 7)")
            return row
        }
    }

    static let predicates: [Predicate] = [
        .equal("minute", 7), .greater("minute", 52), .less("distance", .float64(20)),
        .equal("distance", .float32(.nan)),
        .between("total", .float64(10.25), .float64(20)), .equal("total", .float64(-1.25)), .in("bucket", [0, 3, 11]),
        .equal("class", true), .greaterOrEqual("speed", .float32(0.01)), .isNull("twice"), .isNotNull("word"),
        .and([.greater("twice", 0), .less("n", 100)]), .or([.prefix("word", "w3"), .less("total", 5)]),
        .not(.less("twice", -100)), .and([.isNull("n"), .equal("class", false), .greater("distance", 200)]),
    ]
}
