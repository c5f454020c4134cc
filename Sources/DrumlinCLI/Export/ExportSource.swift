import CommandSupport
import Drumlin

/// The rows of a table, or of a task's view of predictions with their labels, that an export reads.
final class ExportSource {
    /// The full name.
    let name: String
    /// All columns of the table.
    let schema: Schema
    /// How many rows there are; those that are left out included.
    let rowCount: Int
    private let makeScan: ([String], Predicate?) throws -> () throws -> Batch?

    private static let viewName = "predictions_with_labels"

    /// A table by its full name, or by its bare name where only one task has such a table.
    init(_ name: String, in store: Store) throws {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        let isOwnTable = store.tables.contains { $0.name == name }
        if !isOwnTable, parts.last == Self.viewName, parts.count <= 2 {
            let task = try store.onlyTask(named: parts.count == 2 ? parts[0] : nil)
            let view = task.predictionsWithLabels
            self.name = "\(task.name)/\(Self.viewName)"
            schema = view.schema
            rowCount = try store.table("\(task.name)/predictions").rowCount
            makeScan = { columns, condition in
                let scan = try view.scan(columns: columns, where: condition)
                return { try scan.next() }
            }
        } else {
            let table: Table
            do { table = try store.table(name) } catch { throw Self.missing(name, store, error) }
            self.name = table.name
            schema = try table.schema
            rowCount = try table.rowCount
            makeScan = { columns, condition in
                let scan = try table.scan(columns: columns, where: condition)
                return { try scan.next() }
            }
        }
    }

    private static func missing(_ name: String, _ store: Store, _ error: StoreError) -> CommandError {
        let names = store.tables.map(\.name) + store.taskNames.map { "\($0)/\(viewName)" }
        return CommandError(
            .wrongUse, error.message, at: store.path,
            remedy: names.isEmpty
                ? "the store has no tables yet" : "the tables are \(names.sorted().joined(separator: ", "))")
    }

    /// Reads `columns` of the rows that meet `condition`; the result gives one batch after the other.
    func scan(columns: [String], where condition: Predicate?) throws -> () throws -> Batch? {
        try makeScan(columns, condition)
    }

    /// The columns in a list like `a,b`; all where there is none.
    func columns(_ list: String?) throws(CommandError) -> [String] {
        guard let list else { return schema.columns.map(\.name) }
        // A name may hold a comma.
        if schema.position(of: list) != nil { return [list] }
        let names = list.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        for name in names where schema.position(of: name) == nil {
            throw CommandError(
                .wrongUse, "there is no column \"\(PrintableText.excerpt(name))\" in table \(self.name)",
                at: "--columns", remedy: "the columns are \(schema.columns.map(\.name).joined(separator: ", "))")
        }
        return names
    }

    /// The condition that a row's time is in `from ..< to`; nil where neither is given.
    func interval(from: Timestamp?, to: Timestamp?) throws(CommandError) -> Predicate? {
        guard from != nil || to != nil else { return nil }
        let at = schema.position(of: "_at") ?? schema.columns.firstIndex { $0.type == .timestamp }
        guard let at, schema.columns[at].type == .timestamp else {
            throw CommandError(
                .wrongUse, "table \(name) has no column of times", at: from == nil ? "--to" : "--from",
                remedy: "select rows with --where")
        }
        let column = schema.columns[at].name
        var parts: [Predicate] = []
        if let from { parts.append(.greaterOrEqual(column, .timestamp(from))) }
        if let to { parts.append(.less(column, .timestamp(to))) }
        return .and(parts)
    }
}
