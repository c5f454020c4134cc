internal import ColumnFormat

/// How the predictions of a task are cut into slices: by the values of a column, or by the combinations of several.
///
///     try task.registerSegments(Segmentation(["vendor"]))
///     try task.registerSegments(Segmentation(["vendor", "borough"], limit: 50))
///     for row in try task.metrics(.accuracy, segment: "vendor=2") { print(row) }
public struct Segmentation: Sendable, Hashable, ExpressibleByArrayLiteral, CustomStringConvertible {
    /// The features or observed columns, in the order in which they stand in a segment's name.
    public let columns: [String]
    /// The most slices that have a name; all other values together are one more.
    public let limit: Int

    /// The limit where none is given.
    public static let standardLimit = 20

    /// Slices by some columns.
    ///
    /// - Parameters:
    ///   - columns: features, observed columns, or the class.
    ///   - limit: 1 to 1,000.
    public init(_ columns: [String], limit: Int = Segmentation.standardLimit) {
        self.columns = columns
        self.limit = limit
    }

    /// Slices by some columns, at most ``standardLimit`` of them.
    public init(arrayLiteral elements: String...) { self.init(elements) }

    /// The columns' names with commas between them: `vendor,borough`.
    public var description: String { columns.joined(separator: ",") }

    /// The name of the slice of all values that have none of their own.
    var other: String { description + ":other" }

    /// The name of a slice: `vendor=2`, `vendor=2,borough=Queens`, `vendor:null`. Different values have different names.
    func name(of values: [Value]) -> String {
        var name = ""
        for (column, value) in zip(columns, values) {
            if !name.isEmpty { name += "," }
            name += column
            if value == .null { name += ":null" } else { name += "=" + Self.text(of: value) }
        }
        return name
    }

    /// Text with a comma or a quotation mark stands in quotation marks.
    private static func text(of value: Value) -> String {
        let text = value.description
        guard text.utf8.contains(where: { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "\"") }) else { return text }
        return "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }

    // MARK: Bytes

    func write(to writer: inout ByteWriter) {
        writer.append(varint: UInt64(columns.count))
        for column in columns { writer.append(string: column) }
        writer.append(varint: UInt64(limit))
    }

    init(from reader: inout ByteReader) throws(FormatError) {
        let start = reader.offset
        var columns: [String] = []
        for _ in 0..<(try reader.readCount(limit: Self.columnLimit, of: "columns")) {
            columns.append(try reader.readString(limit: 255))
        }
        limit = try reader.readCount(limit: Self.sliceLimit, of: "slices")
        guard !columns.isEmpty, limit > 0 else { throw FormatError(.invalid, "slices by no column", at: start) }
        self.columns = columns
    }

    static let columnLimit = 8
    static let sliceLimit = 1_000
}

/// Which slices of a task's predictions are asked for.
public enum SegmentSelection: Sendable, Hashable, ExpressibleByStringLiteral {
    /// All predictions together, which is what is computed without any segments.
    case whole
    /// All predictions together and every slice.
    case every
    /// The slices of one segmentation, by its columns.
    case by([String])
    /// One slice: `vendor=2`.
    case named(String)

    /// One slice by its name.
    public init(stringLiteral value: String) { self = .named(value) }

    var includesWhole: Bool { self == .whole || self == .every }

    /// Whether a slice is one of those.
    func includes(_ segment: String, of segmentation: Segmentation) -> Bool {
        switch self {
        case .whole: false
        case .every: true
        case .by(let columns): columns == segmentation.columns
        case .named(let name): name == segment
        }
    }
}
