internal import ColumnFormat

/// A column of a task that is summarized: a feature, an observed column, the prediction or the label.
struct SummarizedColumn: Sendable, Hashable {
    /// As constraints name it: `_prediction` and `_label` are the score, class index or value, and the label.
    let name: String
    /// Its name in the tables of predictions and of the reference; for the label, `_label`.
    let stored: String
    let form: ColumnSummary.Form
    let kind: Kind

    enum Kind: Sendable, Hashable { case feature, observed, prediction, label }

    /// Whether its values may come with feedback, long after the prediction.
    var mayBeLate: Bool { kind == .label || kind == .observed }

    /// Whether reference rows have it.
    var isInReference: Bool { kind != .observed }

    /// All columns of a task, in the order of features, observed columns, prediction and label.
    static func all(_ schema: TaskSchema, _ tables: TaskTables) -> [SummarizedColumn] {
        func column(_ feature: Feature, _ kind: Kind) -> SummarizedColumn {
            SummarizedColumn(
                name: feature.name, stored: feature.name,
                form: ColumnSummaryBuilder.form(of: feature.type.columnType), kind: kind)
        }
        let output = tables.predictions.columns[tables.outputColumn].name
        return schema.features.map { column($0, .feature) } + schema.observed.map { column($0, .observed) } + [
            SummarizedColumn(name: Constraint.prediction, stored: output, form: .number, kind: .prediction),
            SummarizedColumn(name: Constraint.label, stored: "_label", form: .number, kind: .label),
        ]
    }
}
