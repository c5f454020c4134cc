public import ColumnFormat

/// Some rows of a scan: whole columns of the rows that met the condition, in the order of their row numbers.
public struct Batch: Sendable {
    /// The names of the columns, in the order in which they were asked for.
    public let columnNames: [String]
    /// How many rows there are.
    public let rowCount: Int
    package let columns: [ColumnSlice]
    private let numbers: RowNumbers

    init(columnNames: [String], numbers: RowNumbers, rowCount: Int, columns: [ColumnSlice]) {
        self.columnNames = columnNames
        self.numbers = numbers
        self.rowCount = rowCount
        self.columns = columns
    }

    package init(columnNames: [String], rowNumbers: [UInt64], columns: [ColumnSlice]) {
        self.init(
            columnNames: columnNames, numbers: RowNumbers { rowNumbers }, rowCount: rowNumbers.count, columns: columns)
    }

    /// The table's number of each row. Made at the first call, O(rows).
    public var rowNumbers: [UInt64] { numbers.all }

    /// The value of one row of one column, boxed. The row and the column must be in the batch.
    public subscript(row: Int, column: String) -> Value { slice(column).value(at: row) }

    /// The type of a column of the batch.
    public func type(of column: String) -> ColumnType { slice(column).type }

    /// A numeric or bool column as float64, with NaN for null.
    public func doubles(of column: String) -> [Double] {
        let slice = slice(column)
        return (0..<rowCount).map { slice.isNull($0) ? .nan : slice.double(at: $0) }
    }

    /// Calls `body` with a column's values as they lie in memory, without copying. `T` must be the Swift type of the
    /// column (`Int64` for timestamps, `UInt8` for bools); the values of null rows are zero.
    public func withValues<T: BitwiseCopyable, R>(of column: String, as type: T.Type, _ body: (Span<T>) -> R) -> R {
        let slice = slice(column)
        precondition(
            slice.type.byteWidth == MemoryLayout<T>.size, "column '\(column)' is \(slice.type.name), not \(type)")
        let buffer = unsafe UnsafeBufferPointer(start: slice.pointer(as: T.self), count: rowCount)
        return unsafe body(buffer.span)
    }

    package func slice(_ column: String) -> ColumnSlice {
        guard let position = columnNames.firstIndex(of: column) else {
            preconditionFailure("the batch has no column '\(column)', only \(columnNames)")
        }
        return columns[position]
    }
}

extension ColumnSlice {
    /// The value of a valid row of a number, bool or timestamp column as float64; NaN for other types.
    package func double(at row: Int) -> Double {
        switch type {
        case .bool, .uint8: unsafe Double(pointer(as: UInt8.self)[row])
        case .int8: unsafe Double(pointer(as: Int8.self)[row])
        case .int16: unsafe Double(pointer(as: Int16.self)[row])
        case .int32: unsafe Double(pointer(as: Int32.self)[row])
        case .int64, .timestamp: unsafe Double(pointer(as: Int64.self)[row])
        case .uint16: unsafe Double(pointer(as: UInt16.self)[row])
        case .uint32: unsafe Double(pointer(as: UInt32.self)[row])
        case .uint64: unsafe Double(pointer(as: UInt64.self)[row])
        case .float32: unsafe Double(pointer(as: Float.self)[row])
        case .float64: unsafe pointer(as: Double.self)[row]
        case .string, .bytes, .uuid, .vector: .nan
        }
    }

    /// The rows whose place is in `selection`, copied.
    package func gather(_ selection: [Int]) -> ColumnSlice {
        let builder = ColumnBuilder(type: type, capacity: selection.count)
        for row in selection {
            if isNull(row) {
                builder.appendNull()
            } else if type.isVariableLength {
                unsafe builder.append(bytes: variableBytes(at: row))
            } else {
                unsafe builder.append(fixedBytes: rawPointer(at: row))
            }
        }
        return builder.snapshot()
    }
}
