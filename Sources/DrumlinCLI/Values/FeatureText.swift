import CommandSupport
import Drumlin

/// Values of the types that text spells in one way only: bytes, UUIDs and vectors.
enum FeatureText {
    /// What a value of `type` looks like, for messages.
    static func description(of type: FeatureType) -> String {
        switch type {
        case .bool: "true or false"
        case .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64: "an integer of type \(type)"
        case .float32, .float64: "a number"
        case .string, .category: "text"
        case .bytes: "bytes in hexadecimal, as in 0x00FF"
        case .timestamp: "a time (ISO 8601 or microseconds since 1970)"
        case .uuid: "a UUID, as in 123e4567-e89b-12d3-a456-426614174000"
        case .vector(let dimension): "\(dimension) numbers, as in [1, 2.5]"
        }
    }

    /// The bytes of `0x00FF`; nil where `text` is no such thing.
    static func bytes(_ text: String) -> [UInt8]? {
        guard text.hasPrefix("0x") || text.hasPrefix("0X") else { return nil }
        return hexadecimal(text.utf8.dropFirst(2))
    }

    /// The 16 bytes of a UUID in its canonical form, hyphens included.
    static func uuid(_ text: String) -> [UInt8]? {
        let characters = Array(text.utf8)
        let hyphens = [8, 13, 18, 23]
        guard characters.count == 36, hyphens.allSatisfy({ characters[$0] == UInt8(ascii: "-") }) else { return nil }
        let digits = characters.indices.filter { !hyphens.contains($0) }.map { characters[$0] }
        return hexadecimal(digits)
    }

    /// The numbers of `[1, 2.5]`, of which there must be `dimension`.
    static func vector(_ text: String, dimension: Int) -> [Float]? {
        guard let value = try? JSONParser.parse(text) else { return nil }
        return vector(value, dimension: dimension)
    }

    static func vector(_ value: JSONValue, dimension: Int) -> [Float]? {
        guard case .array(let elements) = value, elements.count == dimension else { return nil }
        let numbers = elements.compactMap { number($0).map { Float($0) } }
        return numbers.count == dimension ? numbers : nil
    }

    /// A real number in JSON: a number, or one of the strings for what JSON's numbers cannot be.
    static func number(_ value: JSONValue) -> Double? {
        switch value {
        case .string("NaN"): .nan
        case .string("Infinity"): .infinity
        case .string("-Infinity"): -.infinity
        default: value.doubleValue
        }
    }

    private static func hexadecimal(_ digits: some Collection<UInt8>) -> [UInt8]? {
        guard digits.count % 2 == 0 else { return nil }
        var result: [UInt8] = []
        var high: UInt8?
        for digit in digits {
            let value: UInt8
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = digit - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = digit - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): value = digit - UInt8(ascii: "A") + 10
            default: return nil
            }
            if let first = high {
                result.append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        return result
    }
}
