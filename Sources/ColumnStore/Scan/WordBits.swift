internal import ColumnFormat

/// Single values of up to 64 bits: as integers, and as bits that are equal where the values are (one NaN, one zero).
enum WordBits {
    @inline(__always)
    static func of(_ words: UnsafeRawPointer, _ row: Int, type: ColumnType) -> UInt64 {
        switch type {
        case .bool, .int8, .uint8: unsafe UInt64(words.assumingMemoryBound(to: UInt8.self)[row])
        case .int16, .uint16: unsafe UInt64(words.assumingMemoryBound(to: UInt16.self)[row])
        case .int32, .uint32: unsafe UInt64(words.assumingMemoryBound(to: UInt32.self)[row])
        case .float32:
            unsafe canonical(words.assumingMemoryBound(to: Float.self)[row])
        case .float64:
            unsafe canonical(words.assumingMemoryBound(to: Double.self)[row])
        default: unsafe words.assumingMemoryBound(to: UInt64.self)[row]
        }
    }

    @inline(__always)
    private static func canonical(_ value: Float) -> UInt64 {
        UInt64((value == 0 ? 0 : value.isNaN ? .nan : value).bitPattern)
    }

    @inline(__always)
    private static func canonical(_ value: Double) -> UInt64 {
        (value == 0 ? 0 : value.isNaN ? .nan : value).bitPattern
    }

    /// The one value at `place`, of a type of integers, bools or times.
    @inline(__always)
    static func integer(_ place: UnsafeRawPointer, type: ColumnType) -> Int128 {
        switch type {
        case .bool, .uint8: unsafe Int128(place.loadUnaligned(as: UInt8.self))
        case .int8: unsafe Int128(place.loadUnaligned(as: Int8.self))
        case .int16: unsafe Int128(place.loadUnaligned(as: Int16.self))
        case .uint16: unsafe Int128(place.loadUnaligned(as: UInt16.self))
        case .int32: unsafe Int128(place.loadUnaligned(as: Int32.self))
        case .uint32: unsafe Int128(place.loadUnaligned(as: UInt32.self))
        case .uint64: unsafe Int128(place.loadUnaligned(as: UInt64.self))
        default: unsafe Int128(place.loadUnaligned(as: Int64.self))
        }
    }

    /// The value that the bits are of.
    static func value(_ bits: UInt64, type: ColumnType) -> Value {
        switch type {
        case .bool: .bool(bits != 0)
        case .int8: .int(Int64(Int8(truncatingIfNeeded: bits)))
        case .int16: .int(Int64(Int16(truncatingIfNeeded: bits)))
        case .int32: .int(Int64(Int32(truncatingIfNeeded: bits)))
        case .int64: .int(Int64(bitPattern: bits))
        case .uint8, .uint16, .uint32, .uint64: .uint(bits)
        case .float32: .float32(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
        case .float64: .float64(Double(bitPattern: bits))
        case .timestamp: .timestamp(Timestamp(microseconds: Int64(bitPattern: bits)))
        case .string, .bytes, .uuid, .vector: .null
        }
    }
}
