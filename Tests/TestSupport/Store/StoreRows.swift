package import ColumnFormat
package import ColumnStore

/// What a test does with all rows of a table.
extension Table {
    /// All rows of a scan, by column, in order.
    package func allRows(where predicate: Predicate? = nil) throws -> [[String: Value]] {
        var rows: [[String: Value]] = []
        try scan(where: predicate).forEach { batch in
            for row in 0..<batch.rowCount {
                var values: [String: Value] = [:]
                for name in batch.columnNames { values[name] = batch[row, name] }
                rows.append(values)
            }
        }
        return rows
    }

    /// The first difference between the table's rows, read by a scan and one by one, and `expected`; nil where there is none.
    package func difference(from expected: [[String: Value]], checkingEachRow: Bool = true) throws -> String? {
        let found = try allRows()
        guard found.count == expected.count, try rowCount == expected.count else {
            return "\(found.count) rows scanned, \(try rowCount) counted, \(expected.count) expected"
        }
        let names = try schema.columns.map(\.name)
        for (number, row) in expected.enumerated() {
            let single = checkingEachRow ? try self.row(UInt64(number)) : found[number]
            for name in names {
                let value = row[name] ?? .null
                guard found[number][name]?.isIdentical(to: value) ?? false else {
                    return "row \(number), \(name): scanned \(found[number][name] ?? .null), expected \(value)"
                }
                guard single[name]?.isIdentical(to: value) ?? false else {
                    return "row \(number), \(name): read \(single[name] ?? .null), expected \(value)"
                }
            }
        }
        return nil
    }
}
