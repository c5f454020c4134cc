/// One value of any column type, boxed: for the edges of the system (literals, printing, tests), not for hot loops.
public enum Value: Sendable, Hashable {
    case null
    case bool(Bool)
    /// A value of any signed integer column.
    case int(Int64)
    /// A value of any unsigned integer column.
    case uint(UInt64)
    case float32(Float)
    case float64(Double)
    case string(String)
    case bytes([UInt8])
    case timestamp(Timestamp)
    /// The 16 bytes of a UUID, most significant first.
    case uuid([UInt8])
    case vector([Float])
}

extension Value: ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByStringLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByNilLiteral
{
    /// A signed integer.
    public init(integerLiteral value: Int64) { self = .int(value) }
    /// A float64.
    public init(floatLiteral value: Double) { self = .float64(value) }
    /// Text.
    public init(stringLiteral value: String) { self = .string(value) }
    /// A bool.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// Null.
    public init(nilLiteral: ()) { self = .null }
}

extension Value: CustomStringConvertible {
    /// The value as people write it; bytes in hexadecimal.
    public var description: String {
        switch self {
        case .null: "null"
        case .bool(let value): String(value)
        case .int(let value): String(value)
        case .uint(let value): String(value)
        case .float32(let value): String(value)
        case .float64(let value): String(value)
        case .string(let value): value
        case .bytes(let value): "0x" + Self.hexadecimal(value)
        case .timestamp(let value): value.description
        case .uuid(let value): Self.uuidText(value)
        case .vector(let value): "[" + value.map { String($0) }.joined(separator: ", ") + "]"
        }
    }

    private static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private static func uuidText(_ bytes: [UInt8]) -> String {
        guard bytes.count == 16 else { return "0x" + hexadecimal(bytes) }
        return [0..<4, 4..<6, 6..<8, 8..<10, 10..<16].map { hexadecimal(bytes[$0]) }.joined(separator: "-")
    }
}
