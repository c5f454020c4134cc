/// The type of a column.
///
/// A type fixes three things: how a value looks in memory (`ColumnSlice`), in the log (`RowLayout`), and
/// which encodings may be tried for it in a segment.
public enum ColumnType: Sendable, Hashable {
    case bool
    case int8, int16, int32, int64
    case uint8, uint16, uint32, uint64
    case float32, float64
    /// UTF-8 text.
    case string
    case bytes
    /// Microseconds since the Unix epoch, UTC.
    case timestamp
    case uuid
    /// A fixed number of float32 values: an embedding, or the probabilities of a model's classes.
    case vector(dimension: Int)
}

extension ColumnType {
    /// The most values that a vector column may hold per row.
    public static let maximumDimension = 65_535

    /// Bytes of one value in memory, or nil for text and bytes, whose length varies. A bool takes one byte.
    @inlinable
    package var byteWidth: Int? {
        switch self {
        case .bool, .int8, .uint8: 1
        case .int16, .uint16: 2
        case .int32, .uint32, .float32: 4
        case .int64, .uint64, .float64, .timestamp: 8
        case .uuid: 16
        case .vector(let dimension): dimension * 4
        case .string, .bytes: nil
        }
    }

    /// Text or bytes: values of varying length that live in a heap beside their offsets.
    @inlinable
    package var isVariableLength: Bool { self == .string || self == .bytes }

    /// The type's name as commands print it and `task.json` spells it.
    public var name: String {
        switch self {
        case .bool: "bool"
        case .int8: "int8"
        case .int16: "int16"
        case .int32: "int32"
        case .int64: "int64"
        case .uint8: "uint8"
        case .uint16: "uint16"
        case .uint32: "uint32"
        case .uint64: "uint64"
        case .float32: "float32"
        case .float64: "float64"
        case .string: "string"
        case .bytes: "bytes"
        case .timestamp: "timestamp"
        case .uuid: "uuid"
        case .vector(let dimension): "vector[\(dimension)]"
        }
    }

    /// The code that stands for the type on disk. Codes are never reused.
    package var code: UInt8 {
        switch self {
        case .bool: 1
        case .int8: 2
        case .int16: 3
        case .int32: 4
        case .int64: 5
        case .uint8: 6
        case .uint16: 7
        case .uint32: 8
        case .uint64: 9
        case .float32: 10
        case .float64: 11
        case .string: 12
        case .bytes: 13
        case .timestamp: 14
        case .uuid: 15
        case .vector: 16
        }
    }

    /// The type for a code from a file, with the dimension that follows the code of a vector (0 for all others).
    package init?(code: UInt8, dimension: Int) {
        if code == 16 {
            guard (1...Self.maximumDimension).contains(dimension) else { return nil }
            self = .vector(dimension: dimension)
            return
        }
        let scalars: [ColumnType] = [
            .bool, .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64, .float32, .float64, .string,
            .bytes, .timestamp, .uuid,
        ]
        guard dimension == 0, let type = scalars.first(where: { $0.code == code }) else { return nil }
        self = type
    }

    /// The number of values in one row: a vector's dimension, else 0.
    package var dimension: Int {
        if case .vector(let dimension) = self { dimension } else { 0 }
    }
}
