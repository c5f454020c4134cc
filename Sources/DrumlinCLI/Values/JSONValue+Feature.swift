import CommandSupport
import Drumlin

extension JSONValue {
    /// The value as one of `type`; nil where it is none. Null is null in every type.
    func feature(of type: FeatureType) -> Value? {
        if self == .null { return .null }
        switch type {
        case .bool:
            if case .bool(let value) = self { return .bool(value) }
            return self == .integer(0) ? .bool(false) : self == .integer(1) ? .bool(true) : nil
        case .int8: return integer(Int8.self)
        case .int16: return integer(Int16.self)
        case .int32: return integer(Int32.self)
        case .int64: return integer(Int64.self)
        case .uint8: return unsigned(UInt8.self)
        case .uint16: return unsigned(UInt16.self)
        case .uint32: return unsigned(UInt32.self)
        case .uint64: return unsigned(UInt64.self)
        case .float32: return FeatureText.number(self).map { .float32(Float($0)) }
        case .float64: return FeatureText.number(self).map { .float64($0) }
        case .string, .category:
            if case .string(let text) = self { return .string(text) }
            return nil
        case .timestamp: return time.map { .timestamp($0) }
        case .bytes:
            if case .string(let text) = self { return FeatureText.bytes(text).map { .bytes($0) } }
            return nil
        case .uuid:
            if case .string(let text) = self { return FeatureText.uuid(text).map { .uuid($0) } }
            return nil
        case .vector(let dimension): return FeatureText.vector(self, dimension: dimension).map { .vector($0) }
        }
    }

    /// A point in time: ISO 8601 in a string, or microseconds since 1970 in a string or a number.
    var time: Timestamp? {
        switch self {
        case .integer(let microseconds): Timestamp(microseconds: microseconds)
        case .string(let text):
            unsafe Array(text.utf8).withUnsafeBytes { unsafe TimestampParser.microseconds($0) }.map {
                Timestamp(microseconds: $0)
            }
        default: nil
        }
    }

    /// Integers may be written as `3.0`: many languages have only reals.
    private func integer<T: FixedWidthInteger>(_ type: T.Type) -> Value? {
        switch self {
        case .integer(let value): T(exactly: value).map { .int(Int64($0)) }
        case .number(let value): T(exactly: value).map { .int(Int64($0)) }
        default: nil
        }
    }

    private func unsigned<T: FixedWidthInteger>(_ type: T.Type) -> Value? {
        switch self {
        case .integer(let value): T(exactly: value).map { .uint(UInt64($0)) }
        case .unsigned(let value): T(exactly: value).map { .uint(UInt64($0)) }
        case .number(let value): T(exactly: value).map { .uint(UInt64($0)) }
        default: nil
        }
    }
}
