public import ColumnFormat

/// The type of a feature or an observed column: the store's types, and categories.
public enum FeatureType: Sendable, Hashable {
    case bool
    case int8, int16, int32, int64
    case uint8, uint16, uint32, uint64
    case float32, float64
    case string, bytes, timestamp, uuid
    case vector(dimension: Int)
    /// Text with few different values, stored by a dictionary.
    case category

    /// The column type that holds it.
    public var columnType: ColumnType {
        switch self {
        case .bool: .bool
        case .int8: .int8
        case .int16: .int16
        case .int32: .int32
        case .int64: .int64
        case .uint8: .uint8
        case .uint16: .uint16
        case .uint32: .uint32
        case .uint64: .uint64
        case .float32: .float32
        case .float64: .float64
        case .string, .category: .string
        case .bytes: .bytes
        case .timestamp: .timestamp
        case .uuid: .uuid
        case .vector(let dimension): .vector(dimension: dimension)
        }
    }

    /// Whether values of this type are numbers, so that they can be given as `Double`.
    public var isNumeric: Bool {
        switch self {
        case .bool, .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64, .float32, .float64: true
        case .string, .bytes, .timestamp, .uuid, .vector, .category: false
        }
    }
}

extension FeatureType: LosslessStringConvertible {
    /// The name that `task.json` uses: `float32`, `category`, `vector[8]`.
    public var description: String { self == .category ? "category" : columnType.name }

    /// The type of a name as `task.json` spells it, or nil.
    public init?(_ name: String) {
        let plain: [FeatureType] = [
            .bool, .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64, .float32, .float64, .string,
            .bytes, .timestamp, .uuid, .category,
        ]
        if let match = plain.first(where: { $0.description == name }) {
            self = match
        } else if name.hasPrefix("vector["), name.hasSuffix("]"), let dimension = Int(name.dropFirst(7).dropLast()),
            (1...ColumnType.maximumDimension).contains(dimension)
        {
            self = .vector(dimension: dimension)
        } else {
            return nil
        }
    }
}

/// A named input of the model, or a named observed value.
public struct Feature: Sendable, Hashable {
    /// The name; may not begin with `_`, which marks the columns of the system.
    public let name: String
    /// The type of its values.
    public let type: FeatureType

    /// A feature with its type.
    public init(_ name: String, _ type: FeatureType) {
        self.name = name
        self.type = type
    }
}
