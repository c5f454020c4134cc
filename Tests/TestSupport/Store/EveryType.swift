package import ColumnFormat

/// A table with a column of every type, and random rows for it that are full of values at the edges of their types.
package enum EveryType {
    package static let schema = Schema(
        [
            ColumnDefinition("id", .string, isNullable: false), ColumnDefinition("flag", .bool),
            ColumnDefinition("i8", .int8), ColumnDefinition("i16", .int16), ColumnDefinition("i32", .int32),
            ColumnDefinition("i64", .int64), ColumnDefinition("u8", .uint8), ColumnDefinition("u16", .uint16),
            ColumnDefinition("u32", .uint32), ColumnDefinition("u64", .uint64), ColumnDefinition("f32", .float32),
            ColumnDefinition("f64", .float64), ColumnDefinition("text", .string), ColumnDefinition("blob", .bytes),
            ColumnDefinition("time", .timestamp), ColumnDefinition("key", .uuid),
            ColumnDefinition("pair", .vector(dimension: 2)),
        ], indexed: ["id", "key", "u64"])

    /// Row `number`, with the id `row-<number>`; in other columns one value in five is null.
    package static func row(_ number: Int, using generator: inout SeededGenerator) -> [String: Value] {
        var row: [String: Value] = [:]
        for column in schema.columns {
            row[column.name] =
                Int.random(in: 0..<5, using: &generator) == 0 ? .null : value(of: column.type, using: &generator)
        }
        row["id"] = .string("row-\(number)")
        return row
    }

    package static func rows(_ numbers: Range<Int>, seed: UInt64) -> [[String: Value]] {
        var generator = SeededGenerator(seed: seed)
        return numbers.map { row($0, using: &generator) }
    }

    /// A value of `type`, often one at its edges, in the form in which a table returns it.
    package static func value(of type: ColumnType, using generator: inout SeededGenerator) -> Value {
        switch type {
        case .bool: .bool(Bool.random(using: &generator))
        case .int8: .int(Int64(integer(Int8.self, &generator)))
        case .int16: .int(Int64(integer(Int16.self, &generator)))
        case .int32: .int(Int64(integer(Int32.self, &generator)))
        case .int64: .int(integer(Int64.self, &generator))
        case .uint8: .uint(UInt64(integer(UInt8.self, &generator)))
        case .uint16: .uint(UInt64(integer(UInt16.self, &generator)))
        case .uint32: .uint(UInt64(integer(UInt32.self, &generator)))
        case .uint64: .uint(integer(UInt64.self, &generator))
        case .float32: .float32(float(&generator))
        case .float64: .float64(double(&generator))
        case .string: .string(String(decoding: text(&generator).map { $0 & 0x7F }, as: UTF8.self))
        case .bytes: .bytes(text(&generator))
        case .timestamp: .timestamp(Timestamp(microseconds: integer(Int64.self, &generator)))
        case .uuid: .uuid((0..<16).map { _ in UInt8.random(in: 0...2, using: &generator) })
        case .vector(let dimension): .vector((0..<dimension).map { _ in float(&generator) })
        }
    }

    private static func integer<T: FixedWidthInteger>(_: T.Type, _ generator: inout SeededGenerator) -> T {
        switch Int.random(in: 0..<6, using: &generator) {
        case 0: T.min
        case 1: T.max
        case 2: 0
        case 3: T.max / 2 + 1
        case 4: T.random(in: 0...9, using: &generator)
        default: T.random(in: .min ... .max, using: &generator)
        }
    }

    private static func double(_ generator: inout SeededGenerator) -> Double {
        let edges: [Double] = [
            0, -0.0, .nan, -.nan, .infinity, -.infinity, .leastNonzeroMagnitude, -.greatestFiniteMagnitude,
            0x1p53, 0x1p63, 0x1p64, -0x1p63, 9_007_199_254_740_994,
        ]
        return Bool.random(using: &generator)
            ? edges.randomElement(using: &generator)! : Double(Int.random(in: -40...40, using: &generator)) / 4
    }

    private static func float(_ generator: inout SeededGenerator) -> Float {
        let edges: [Float] = [0, -0.0, .nan, .infinity, -.infinity, .leastNonzeroMagnitude, 0x1p24, 0.1]
        return Bool.random(using: &generator)
            ? edges.randomElement(using: &generator)! : Float(Int.random(in: -9...9, using: &generator))
    }

    /// Short, empty, or long with a beginning that many share and that has bytes that cannot be rounded up.
    private static func text(_ generator: inout SeededGenerator) -> [UInt8] {
        switch Int.random(in: 0..<5, using: &generator) {
        case 0: []
        case 1: (0..<Int.random(in: 1...3, using: &generator)).map { _ in UInt8.random(in: 97...99, using: &generator) }
        case 2:
            [UInt8](repeating: 0xFF, count: Int.random(in: 30...40, using: &generator))
                + [UInt8.random(in: 0...255, using: &generator)]
        case 3:
            [UInt8](repeating: 0x61, count: 31) + [0xFF, 0xFF] + [UInt8.random(in: 0...255, using: &generator)]
        default:
            (0..<Int.random(in: 1...60, using: &generator)).map { _ in
                UInt8.random(in: .min ... .max, using: &generator)
            }
        }
    }
}

extension Value {
    /// Equal bit for bit: NaN to the same NaN, and 0.0 not to −0.0.
    package func isIdentical(to other: Value) -> Bool {
        switch (self, other) {
        case (.float32(let a), .float32(let b)): a.bitPattern == b.bitPattern
        case (.float64(let a), .float64(let b)): a.bitPattern == b.bitPattern
        case (.vector(let a), .vector(let b)): a.map(\.bitPattern) == b.map(\.bitPattern)
        default: self == other
        }
    }
}
