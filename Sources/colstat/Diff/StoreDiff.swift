import ColumnFormat
import ColumnStore
import CommandSupport
import Drumlin

/// Compares what two paths name, table by table and column by column.
struct StoreDiff {
    let first: Inspection
    let second: Inspection
    private(set) var differences: [Difference] = []
    /// Rows that were compared value by value.
    private(set) var comparedRowCount = 0

    /// How many different values are told of a table, and what is more is counted.
    private static let valueLimit = 10

    init(_ first: Inspection, _ second: Inspection) {
        self.first = first
        self.second = second
        for (left, right) in pairs {
            switch (left, right) {
            case (let left?, let right?): compare(left, right)
            case (let left?, nil): note(left.name, "table", DamageRendering.counted(left.rowCount, "row"), "")
            case (nil, let right?): note(right.name, "table", "", DamageRendering.counted(right.rowCount, "row"))
            case (nil, nil): break
            }
        }
    }

    /// Tables of one name; where there is only one on each side, those, whatever they are called.
    private var pairs: [(TableInspection?, TableInspection?)] {
        if first.tables.count == 1, second.tables.count == 1 { return [(first.tables[0], second.tables[0])] }
        let names = Set(first.tables.map(\.name)).union(second.tables.map(\.name))
        return names.sorted().map { name in
            (first.tables.first { $0.name == name }, second.tables.first { $0.name == name })
        }
    }

    private mutating func note(
        _ table: String, _ what: String, _ first: String, _ second: String, column: String = "",
        _ kind: Difference.Kind = .content
    ) {
        guard first != second else { return }
        differences.append(
            Difference(kind: kind, table: table, column: column, what: what, first: first, second: second))
    }

    // MARK: Tables

    private mutating func compare(_ left: TableInspection, _ right: TableInspection) {
        let name = left.name
        note(name, "name", left.name, right.name, .layout)
        note(name, "rows", Units.count(left.rowCount), Units.count(right.rowCount))
        note(name, "segments", "\(left.segments.count)", "\(right.segments.count)", .layout)
        note(name, "bytes", Units.bytes(left.segmentByteCount), Units.bytes(right.segmentByteCount), .layout)
        note(name, "index", Units.bytes(left.indexByteCount), Units.bytes(right.indexByteCount), .layout)
        // Times are told of sealed rows alone.
        let times: Difference.Kind = left.logRowCount + right.logRowCount == 0 ? .content : .layout
        for (what, time) in [("from", \ClosedRange<Timestamp>.lowerBound), ("to", \ClosedRange<Timestamp>.upperBound)] {
            note(
                name, what, left.timeRange?[keyPath: time].description ?? "",
                right.timeRange?[keyPath: time].description ?? "", times)
        }
        let others = Dictionary(right.columns.map { ($0.definition.name, $0) }) { first, _ in first }
        for column in left.columns {
            guard let other = others[column.definition.name] else {
                note(name, "column", column.definition.type.name, "", column: column.definition.name)
                continue
            }
            compare(column, other, of: name, left, right)
        }
        for column in right.columns where left.schema.position(of: column.definition.name) == nil {
            note(name, "column", "", column.definition.type.name, column: column.definition.name)
        }
    }

    private mutating func compare(
        _ left: ColumnInspection, _ right: ColumnInspection, of table: String, _ leftTable: TableInspection,
        _ rightTable: TableInspection
    ) {
        let column = left.definition.name
        note(table, "type", left.definition.type.name, right.definition.type.name, column: column)
        func nulls(_ definition: ColumnDefinition) -> String { definition.isNullable ? "may be" : "never" }
        note(table, "null", nulls(left.definition), nulls(right.definition), column: column)
        func index(_ table: TableInspection) -> String { table.schema.indexed.contains(column) ? "yes" : "no" }
        note(table, "indexed", index(leftTable), index(rightTable), column: column)
        note(
            table, "encoding", left.encodings.first?.name ?? "", right.encodings.first?.name ?? "", column: column,
            .layout)
        note(
            table, "bytes", Units.bytes(left.encodedByteCount), Units.bytes(right.encodedByteCount), column: column,
            .layout)
    }

    // MARK: Values

    /// Compares the values of tables that both have, row by row in their order, of columns that both have. O(values).
    mutating func compareValues() throws {
        guard let firstPath = first.storePath, let secondPath = second.storePath else {
            throw CommandError(
                .wrongUse, "values are compared between stores", at: "--values",
                remedy: "give paths of stores, or of tables in them")
        }
        let (firstStore, secondStore) = (try Store.openReadOnly(firstPath), try Store.openReadOnly(secondPath))
        for case (let first?, let second?) in pairs {
            let columns = first.schema.columns.map(\.name).filter { second.schema.position(of: $0) != nil }
            guard !columns.isEmpty else { continue }
            let left = RowCursor(try firstStore.table(first.name).scan(columns: columns))
            let right = RowCursor(try secondStore.table(second.name).scan(columns: columns))
            var (found, rows) = (0, 0)
            while try left.advance(), try right.advance() {
                comparedRowCount += 1
                var isDifferent = false
                for column in columns {
                    let (a, b) = (left.value(column), right.value(column))
                    // NaN is not equal to itself.
                    if a == b || "\(a)" == "\(b)" { continue }
                    isDifferent = true
                    found += 1
                    guard found <= Self.valueLimit else { continue }
                    note(first.name, "value of row \(left.number)", "\(a)", "\(b)", column: column)
                }
                if isDifferent { rows += 1 }
            }
            if found > Self.valueLimit {
                note(
                    first.name, "values", "", "\(Units.count(found)) of \(DamageRendering.counted(rows, "row")) differ")
            }
        }
    }
}
