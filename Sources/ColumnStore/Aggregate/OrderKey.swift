internal import ColumnFormat

/// Values of up to 64 bits as integers in the same order, so that one pair of integers holds the extremes of any type.
enum OrderKey {
    @inline(__always)
    static func of(_ value: Double) -> Int64 {
        // 0.0 and −0.0 are one value.
        let bits = Int64(bitPattern: (value == 0 ? 0 : value).bitPattern)
        return bits >= 0 ? bits : bits ^ Int64.max
    }

    static func double(_ key: Int64) -> Double {
        Double(bitPattern: UInt64(bitPattern: key >= 0 ? key : key ^ Int64.max))
    }

    @inline(__always)
    static func of(_ value: UInt64) -> Int64 { Int64(bitPattern: value ^ (1 << 63)) }

    /// The value of `type` that the key stands for.
    static func value(_ key: Int64, type: ColumnType) -> Value {
        switch type {
        case .bool: .bool(key != 0)
        case .int8, .int16, .int32, .int64: .int(key)
        case .uint8, .uint16, .uint32: .uint(UInt64(key))
        case .uint64: .uint(UInt64(bitPattern: key) ^ (1 << 63))
        case .float32: .float32(Float(double(key)))
        case .float64: .float64(double(key))
        case .timestamp: .timestamp(Timestamp(microseconds: key))
        case .string, .bytes, .uuid, .vector: .null
        }
    }

    /// The key of a value of `type`; nil for text.
    static func key(_ value: Value, type: ColumnType) -> Int64? {
        switch value {
        case .bool(let v): v ? 1 : 0
        case .int(let v): v
        case .uint(let v): type == .uint64 ? of(v) : Int64(exactly: v)
        case .float32(let v): of(Double(v))
        case .float64(let v): of(v)
        case .timestamp(let v): v.microseconds
        default: nil
        }
    }
}
