import ColumnFormat
import ColumnStore
import TestSupport

/// Rows whose columns are each encoded in another way, over several vectors, with what is hard about it.
enum EncodedRows {
    static let schema = Schema([
        ColumnDefinition("id", .string, isNullable: false), ColumnDefinition("time", .timestamp, isNullable: false),
        ColumnDefinition("packed", .int32, isNullable: false), ColumnDefinition("small", .uint8, isNullable: false),
        ColumnDefinition("decimal", .float64), ColumnDefinition("single", .float32), ColumnDefinition("real", .float32),
        ColumnDefinition("patched", .uint32), ColumnDefinition("scaled", .int32), ColumnDefinition("runs", .int16),
        ColumnDefinition("dictionary", .float64), ColumnDefinition("nullable", .uint16),
        ColumnDefinition("constant", .int32), ColumnDefinition("flag", .bool), ColumnDefinition("text", .string),
        ColumnDefinition("special", .float64),
    ])

    static func rows(_ count: Int) -> [[String: Value]] {
        var random = SeededGenerator(seed: 11)
        let distinct = (0..<5).map { _ in Double.random(in: -1...1, using: &random) }
        let specials: [Double] = [0, -0.0, .nan, 0x1p-1030, 3]
        var rows: [[String: Value]] = []
        for n in 0..<count {
            var row: [String: Value] = ["id": .string("row-\(n)"), "constant": .int(-12), "flag": .bool(n % 5 == 0)]
            let time = 1_583_020_800_000_000 + Int64(n) * 1_700_000 + Int64.random(in: 0...900_000, using: &random)
            row["time"] = .timestamp(Timestamp(microseconds: time))
            row["packed"] = .int(Int64.random(in: -50...3_000, using: &random))
            row["small"] = .uint(UInt64.random(in: 0...9, using: &random))
            row["decimal"] = .float64(Double(Int.random(in: -90_000...900_000, using: &random)) / 1_000)
            row["single"] = .float32(Float(Int.random(in: 0...20_000, using: &random)) / 100)
            row["real"] = .float32(Float.random(in: 0...1, using: &random))
            let usual = UInt64.random(in: 700...900, using: &random)
            row["patched"] = .uint(n % 90 == 17 ? 4_000_000_000 - UInt64(n) : usual)
            row["scaled"] = .int(250 * Int64.random(in: -40...40, using: &random) + 7)
            row["runs"] = .int(Int64(n / 700 % 5 - 2))
            row["dictionary"] = .float64(distinct[Int.random(in: 0..<5, using: &random)])
            row["nullable"] = n % 3 == 0 ? .null : .uint(UInt64(n % 11))
            row["text"] = n % 41 == 0 ? .null : .string(["north", "south", "east", "west"][n * 7 % 4])
            row["special"] = n % 29 == 0 ? .null : .float64(specials[n % 5])
            rows.append(row)
        }
        return rows
    }

    static let predicates: [Predicate] = [
        .greater("packed", 2_000), .lessOrEqual("packed", .float64(99.5)),
        .between("decimal", .float64(-3.001), .float64(250.125)),
        .greaterOrEqual("decimal", .float64(899.99)), .less("single", .float64(0.1)), .equal("single", .float32(12.34)),
        .notEqual("single", .float64(12.34)), .between("real", .float64(0.25), .float64(0.75)),
        .greater("patched", 1_000_000),
        .in("scaled", [7, 257, 258, -243]), .equal("runs", -1), .in("text", ["north", "nowhere"]),
        .not(.equal("text", "south")), .prefix("text", "e"), .and([.isNull("nullable"), .equal("flag", true)]),
        .or([.isNull("text"), .greater("nullable", 8)]), .equal("constant", -12), .less("constant", -12),
        .less("special", .float64(1e-300)), .not(.less("special", 1)), .equal("special", .float64(0.0)),
        .notEqual("special", .float64(.nan)), .greater("dictionary", 0),
        .and([.less("time", .timestamp(Timestamp(microseconds: 1_583_023_000_000_000))), .greater("small", 4)]),
        .in("id", ["row-7", "row-4999", "x"]), .greater("id", "row-49"), .equal("small", .float64(3)),
    ]
}
