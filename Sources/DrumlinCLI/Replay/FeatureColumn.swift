import CommandSupport
import Drumlin

/// A feature or observed column and its place in a CSV file.
struct FeatureColumn {
    /// A value as it can be handed on without boxing the common ones.
    enum Field {
        case null
        case number(Double)
        case integer(Int64)
        case other(Value)
    }

    /// Position in the CSV row.
    let column: Int
    let type: FeatureType
    /// The least and greatest integer of the type.
    private let limits: ClosedRange<Int64>

    init(_ feature: Feature, column: Int) {
        self.column = column
        type = feature.type
        limits =
            switch feature.type {
            case .int8: Int64(Int8.min)...Int64(Int8.max)
            case .int16: Int64(Int16.min)...Int64(Int16.max)
            case .int32: Int64(Int32.min)...Int64(Int32.max)
            case .uint8: 0...Int64(UInt8.max)
            case .uint16: 0...Int64(UInt16.max)
            case .uint32: 0...Int64(UInt32.max)
            default: Int64.min...Int64.max
            }
    }

    /// The columns of `features` in the file that `reader` reads.
    ///
    /// - Throws: ``CSVError`` where one is missing.
    static func all(_ features: [Feature], in reader: CSVReader) throws(CSVError) -> [FeatureColumn] {
        var result: [FeatureColumn] = []
        for feature in features { result.append(FeatureColumn(feature, column: try reader.column(feature.name))) }
        return result
    }

    /// The field of the current row.
    ///
    /// - Throws: ``CSVError`` with file, line, column and value where it is not of the type.
    func read(_ reader: CSVReader) throws(CSVError) -> Field {
        switch type {
        case .float32: return try reader.float32(column).map { .number(Double($0)) } ?? .null
        case .float64: return try reader.float64(column).map { .number($0) } ?? .null
        case .bool: return try reader.bool(column).map { .number($0 ? 1 : 0) } ?? .null
        case .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32:
            guard let value = try reader.int64(column) else { return .null }
            guard limits.contains(value) else { throw misfit(reader) }
            return .integer(value)
        case .uint64: return try reader.uint64(column).map { .other(.uint($0)) } ?? .null
        case .timestamp:
            return try reader.timestamp(column).map { .other(.timestamp(Timestamp(microseconds: $0))) } ?? .null
        case .string, .category: return reader.string(column).map { .other(.string($0)) } ?? .null
        case .bytes: return try text(reader) { FeatureText.bytes($0).map { .bytes($0) } }
        case .uuid: return try text(reader) { FeatureText.uuid($0).map { .uuid($0) } }
        case .vector(let dimension):
            return try text(reader) { FeatureText.vector($0, dimension: dimension).map { .vector($0) } }
        }
    }

    /// The field of the current row, boxed.
    func value(_ reader: CSVReader) throws(CSVError) -> Value {
        switch try read(reader) {
        case .null: .null
        case .number(let number):
            switch type {
            case .float32: .float32(Float(number))
            case .bool: .bool(number != 0)
            default: .float64(number)
            }
        case .integer(let integer): isUnsigned ? .uint(UInt64(integer)) : .int(integer)
        case .other(let value): value
        }
    }

    private var isUnsigned: Bool { type == .uint8 || type == .uint16 || type == .uint32 }

    private func text(_ reader: CSVReader, _ parse: (String) -> Value?) throws(CSVError) -> Field {
        guard let text = reader.string(column) else { return .null }
        guard let value = parse(text) else { throw misfit(reader) }
        return .other(value)
    }

    private func misfit(_ reader: CSVReader) -> CSVError { reader.badValue(column, FeatureText.description(of: type)) }
}

extension [FeatureColumn] {
    /// Reads the columns of a row in which all are numbers; false where one is missing or no number, or an integer that
    /// a Double does not hold.
    func readNumbers(_ reader: CSVReader, into numbers: inout [Double]) throws(CSVError) -> Bool {
        for place in indices {
            switch try self[place].read(reader) {
            case .number(let number): numbers[place] = number
            case .integer(let integer) where integer.magnitude <= 1 << 53: numbers[place] = Double(integer)
            default: return false
            }
        }
        return true
    }
}

extension CSVReader {
    /// What the library says of the current row, with its place.
    func rowError(_ error: StoreError) -> CSVError {
        CSVError(.value, file: name, line: lineNumber, error.message, remedy: error.remedy)
    }
}
