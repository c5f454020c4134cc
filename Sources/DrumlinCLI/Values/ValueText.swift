import CommandSupport
import Drumlin

/// Values of columns from text, where one or a few are meant and not a file of them.
enum ValueText {
    /// The value that `text` is for a column of `type`; nil where it is none, or vectors, which nothing is compared with.
    static func value(_ text: String, of type: ColumnType) -> Value? {
        let bytes = Array(text.utf8)
        return unsafe bytes.withUnsafeBytes { raw in
            switch type {
            case .bool: return unsafe NumberParser.bool(raw).map { .bool($0) }
            case .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64:
                // Numbers that the type does not have can be compared with all the same.
                if let value = unsafe NumberParser.int64(raw) { return .int(value) }
                if let value = unsafe NumberParser.uint64(raw) { return .uint(value) }
                return unsafe NumberParser.float64(raw).map { .float64($0) }
            case .float32: return unsafe NumberParser.float32(raw).map { .float32($0) }
            case .float64: return unsafe NumberParser.float64(raw).map { .float64($0) }
            case .timestamp:
                return unsafe TimestampParser.microseconds(raw).map { .timestamp(Timestamp(microseconds: $0)) }
            case .string: return .string(text)
            case .bytes: return unsafe HexadecimalText.bytes(raw).map { .bytes($0) }
            case .uuid: return unsafe HexadecimalText.uuid(raw).map { .uuid($0) }
            case .vector: return nil
            }
        }
    }
}

/// Bytes from hexadecimal digits.
enum HexadecimalText {
    /// The bytes that pairs of digits in either case spell, with or without `0x` before them.
    static func bytes(_ text: UnsafeRawBufferPointer) -> [UInt8]? {
        var result: [UInt8] = []
        return unsafe append(text, to: &result) ? result : nil
    }

    /// The 16 bytes of a UUID: 32 digits, hyphens where people write them or nowhere.
    static func uuid(_ text: UnsafeRawBufferPointer) -> [UInt8]? {
        if text.count == 32 { return unsafe bytes(text) }
        guard text.count == 36 else { return nil }
        var digits: [UInt8] = []
        for index in 0..<36 {
            if [8, 13, 18, 23].contains(index) {
                guard unsafe text[index] == 0x2D else { return nil }
            } else {
                unsafe digits.append(text[index])
            }
        }
        return unsafe digits.withUnsafeBytes { unsafe bytes($0) }
    }

    /// Appends the bytes; false where `text` is no such text.
    static func append(_ text: UnsafeRawBufferPointer, to result: inout [UInt8]) -> Bool {
        let hasPrefix = unsafe text.count >= 2 && text[0] == 0x30 && text[1] | 0x20 == 0x78
        let start = hasPrefix ? 2 : 0
        guard (text.count - start) % 2 == 0 else { return false }
        for index in stride(from: start, to: text.count, by: 2) {
            guard let high = unsafe SpecialNumber.hexadecimal(text[index]),
                let low = unsafe SpecialNumber.hexadecimal(text[index + 1])
            else { return false }
            result.append(high << 4 | low)
        }
        return true
    }
}
