internal import ColumnFormat

/// What constraints are checked on: the rows of two of a task's tables.
enum CheckedEvent: String, CaseIterable, Sendable {
    case prediction, feedback

    /// The name of the table, within the task.
    var table: String { self == .prediction ? "predictions" : "labels" }
}

/// The column that a constraint is about, in one of the tables.
struct CheckedColumn {
    let position: Int
    let definition: ColumnDefinition
}

extension Constraint {
    /// Where the constraint's column is in the rows of such events; nil where they do not have it.
    func subject(in event: CheckedEvent, _ schema: TaskSchema, _ tables: TaskTables) -> CheckedColumn? {
        let columns = event == .prediction ? tables.predictions : tables.labels
        let position: Int?
        switch (event, column) {
        case (.prediction, Constraint.prediction): position = tables.outputColumn
        case (.prediction, Constraint.id): position = tables.idColumn
        case (.feedback, Constraint.label): position = tables.labelColumn
        case (_, Constraint.prediction), (_, Constraint.label), (_, Constraint.id): position = nil
        default:
            // Columns of the system cannot be meant by their own names.
            position = column.hasPrefix("_") ? nil : columns.position(of: column)
        }
        return position.map { CheckedColumn(position: $0, definition: columns.columns[$0]) }
    }
}
