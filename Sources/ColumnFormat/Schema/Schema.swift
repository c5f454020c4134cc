/// One column of a table: a name, a type, and whether it may be null.
public struct ColumnDefinition: Sendable, Hashable {
    /// 1…255 bytes of UTF-8, unique within the table.
    public let name: String
    /// The type of every value.
    public let type: ColumnType
    /// Whether rows may leave the column out.
    public let isNullable: Bool

    /// A column that may be null unless said otherwise.
    public init(_ name: String, _ type: ColumnType, isNullable: Bool = true) {
        self.name = name
        self.type = type
        self.isNullable = isNullable
    }
}

/// The columns of a table, in order, and those of them that are indexed.
public struct Schema: Sendable {
    /// The columns in the order in which rows hold them.
    public let columns: [ColumnDefinition]
    /// The names of the columns whose values can be looked up: see `Table.lookup`.
    public let indexed: [String]
    /// What tells the columns of a table apart through all changes of its schema. That of a column which was there from
    /// the start is its position.
    package let columnIDs: [UInt32]

    /// A schema of `columns`, with an index on the columns named in `indexed`.
    public init(_ columns: [ColumnDefinition], indexed: [String] = []) {
        self.init(columns, indexed: indexed, columnIDs: Array(0..<UInt32(columns.count)))
    }

    package init(_ columns: [ColumnDefinition], indexed: [String], columnIDs: [UInt32]) {
        self.columns = columns
        self.indexed = indexed
        self.columnIDs = columnIDs
    }

    /// The position of a column, or nil where the table has none of that name. O(number of columns).
    public func position(of name: String) -> Int? { columns.firstIndex { $0.name == name } }

    /// The most columns that a table may have.
    public static let maximumColumnCount = 4_096
}

extension Schema: Hashable {
    /// Whether two schemas have the same columns and indexes, whatever changes led to them.
    public static func == (left: Schema, right: Schema) -> Bool {
        left.columns == right.columns && left.indexed == right.indexed
    }

    /// Hashes the columns and the names of those that are indexed.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(columns)
        hasher.combine(indexed)
    }
}

extension Schema {
    /// What is wrong with the schema, or nil: names that are empty, too long or double, vectors without a dimension.
    package var defect: String? {
        if columns.isEmpty { return "a table needs at least one column" }
        if columns.count > Self.maximumColumnCount {
            return "\(columns.count) columns, at most \(Self.maximumColumnCount) are possible"
        }
        var seen = Set<String>()
        for column in columns {
            if column.name.isEmpty { return "a column has an empty name" }
            if column.name.utf8.count > 255 { return "the column name '\(column.name)' is longer than 255 bytes" }
            if !seen.insert(column.name).inserted { return "two columns are called '\(column.name)'" }
            if case .vector(let dimension) = column.type,
                !(1...ColumnType.maximumDimension).contains(dimension)
            {
                return
                    "column '\(column.name)': a vector has 1 to \(ColumnType.maximumDimension) values, not \(dimension)"
            }
        }
        var indexedNames = Set<String>()
        for name in indexed {
            if !seen.contains(name) { return "the indexed column '\(name)' does not exist" }
            if !indexedNames.insert(name).inserted { return "the column '\(name)' is indexed twice" }
        }
        return nil
    }

    // MARK: Bytes

    private static let nullableFlag: UInt8 = 1
    /// The column's id follows, because it is not its position.
    private static let idFlag: UInt8 = 2

    package func write(to writer: inout ByteWriter) {
        writer.append(varint: UInt64(columns.count))
        for (position, column) in columns.enumerated() {
            writer.append(string: column.name)
            writer.append(column.type.code)
            writer.append(varint: UInt64(column.type.dimension))
            let hasID = columnIDs[position] != UInt32(position)
            writer.append((column.isNullable ? Self.nullableFlag : 0) | (hasID ? Self.idFlag : 0))
            if hasID { writer.append(varint: UInt64(columnIDs[position])) }
        }
        writer.append(varint: UInt64(indexed.count))
        for name in indexed { writer.append(varint: UInt64(position(of: name) ?? 0)) }
    }

    package init(reading reader: inout ByteReader) throws(FormatError) {
        let start = reader.offset
        let count = try reader.readCount(limit: Self.maximumColumnCount, of: "columns")
        var columns: [ColumnDefinition] = []
        var ids: [UInt32] = []
        for position in 0..<count {
            let name = try reader.readString(limit: 255)
            let at = reader.offset
            let code = try reader.read(UInt8.self)
            let dimension = try reader.readCount(limit: ColumnType.maximumDimension, of: "values in a vector")
            guard let type = ColumnType(code: code, dimension: dimension) else {
                throw FormatError(.unsupported, "column '\(name)' has the unknown type code \(code)", at: at)
            }
            let flags = try reader.read(UInt8.self)
            guard flags <= Self.nullableFlag | Self.idFlag else {
                throw FormatError(
                    .unsupported, "column '\(name)' has the unknown flags \(flags)", at: reader.offset - 1)
            }
            columns.append(ColumnDefinition(name, type, isNullable: flags & Self.nullableFlag != 0))
            let hasID = flags & Self.idFlag != 0
            ids.append(
                hasID ? UInt32(try reader.readCount(limit: Int(UInt32.max) - 1, of: "as an id")) : UInt32(position))
        }
        let indexedCount = try reader.readCount(limit: count, of: "indexed columns")
        var indexed: [String] = []
        for _ in 0..<indexedCount {
            let position = try reader.readCount(limit: max(count - 1, 0), of: "as a column's position")
            guard position < count else { throw FormatError(.invalid, "an index on a missing column", at: start) }
            indexed.append(columns[position].name)
        }
        self.init(columns, indexed: indexed, columnIDs: ids)
        guard Set(ids).count == ids.count else { throw FormatError(.invalid, "two columns have one id", at: start) }
        if let defect { throw FormatError(.invalid, defect, at: start) }
    }
}
