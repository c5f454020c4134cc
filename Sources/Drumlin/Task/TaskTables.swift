package import ColumnFormat
internal import ColumnStore

/// The tables of a task and the places of their columns.
///
/// The store's own columns begin with `_`, so that a feature may be called `id`.
package struct TaskTables: Sendable {
    package let predictions: Schema
    package let labels: Schema
    package let reference: Schema
    package let metrics: Schema

    /// Places in the predictions table.
    package let idColumn = 0
    package let atColumn = 1
    /// The score (binary), the class index (multiclass) or the value (regression).
    package let outputColumn = 2
    /// The predicted class of a binary task, or the probabilities of a multiclass task that has them; else nil.
    package let secondColumn: Int?
    package let bucketColumn: Int
    package let epochColumn: Int
    package let firstFeatureColumn: Int
    package let firstObservedColumn: Int

    /// Places in the labels table.
    package let labelIDColumn = 0
    package let labelRowColumn = 1
    package let labelAtColumn = 2
    package let labelColumn = 3
    package let firstLabelObservedColumn = 4

    package init(_ schema: TaskSchema) {
        let outputs = Self.outputs(of: schema.kind)
        let features = schema.features.map { ColumnDefinition($0.name, $0.type.columnType) }
        let observed = schema.observed.map { ColumnDefinition($0.name, $0.type.columnType) }
        let bucketing = [
            ColumnDefinition("_bucket", .uint16), ColumnDefinition("_epoch", .uint32),
        ]
        predictions = Schema(
            [
                ColumnDefinition("_id", .string, isNullable: false),
                ColumnDefinition("_at", .timestamp, isNullable: false),
            ]
                + outputs + bucketing + features + observed,
            indexed: ["_id"])
        secondColumn = outputs.count > 1 ? 3 : nil
        bucketColumn = 2 + outputs.count
        epochColumn = bucketColumn + 1
        firstFeatureColumn = epochColumn + 1
        firstObservedColumn = firstFeatureColumn + features.count
        let label = ColumnDefinition("_label", Self.labelType(of: schema.kind))
        labels = Schema(
            [
                ColumnDefinition("_id", .string), ColumnDefinition("_row", .uint64),
                ColumnDefinition("_at", .timestamp, isNullable: false), label,
            ] + observed,
            indexed: ["_id", "_row"])
        reference = Schema([ColumnDefinition("_epoch", .uint32, isNullable: false)] + outputs + [label] + features)
        metrics = MetricTable.schema
    }

    /// The tables of a task of that name.
    package func named(_ task: String) -> [(name: String, schema: Schema)] {
        [
            ("\(task)/predictions", predictions), ("\(task)/labels", labels), ("\(task)/reference", reference),
            ("\(task)/metrics", metrics),
        ]
    }

    private static func outputs(of kind: TaskKind) -> [ColumnDefinition] {
        switch kind {
        case .binary:
            [
                ColumnDefinition("_score", .float64, isNullable: false),
                ColumnDefinition("_class", .uint8, isNullable: false),
            ]
        case .multiclass(let classes, let hasProbabilities):
            [ColumnDefinition("_class", .uint16, isNullable: false)]
                + (hasProbabilities ? [ColumnDefinition("_probabilities", .vector(dimension: classes.count))] : [])
        case .regression: [ColumnDefinition("_value", .float64, isNullable: false)]
        }
    }

    private static func labelType(of kind: TaskKind) -> ColumnType {
        switch kind {
        case .binary: .uint8
        case .multiclass: .uint16
        case .regression: .float64
        }
    }
}
