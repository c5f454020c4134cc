internal import ColumnFormat
internal import ColumnStore
internal import ColumnViews
internal import Synchronization

extension Store {
    /// Gives a task that exists more features or observed columns. Throws `.schemaMismatch` where anything else differs.
    func extendTask(_ name: String, from bytes: [UInt8], to schema: TaskSchema) throws(StoreError) {
        let stored: TaskSchema
        do throws(FormatError) { stored = try TaskSchema(reading: bytes) } catch { throw StoreError(error, path: path) }
        guard schema.extends(stored) else {
            throw StoreError(
                .schemaMismatch, "task '\(name)' exists with another schema: \(schema.difference(from: stored))",
                path: path,
                remedy: "use the schema it was created with, or one that has more features behind those; another name; "
                    + "or drop the task")
        }
        let key = TaskKeys(name).schema
        guard attachments.withLock({ $0[key] == nil }) else {
            throw StoreError(
                .schemaMismatch, "task '\(name)' is open with the features that it had", path: path,
                remedy: "open it first with the schema that has more of them")
        }
        let firstFeature = TaskTables(stored).firstFeatureColumn + stored.features.count
        let features = schema.features.dropFirst(stored.features.count).map {
            ColumnDefinition($0.name, $0.type.columnType)
        }
        let observed = schema.observed.dropFirst(stored.observed.count).map {
            SchemaChange.add(ColumnDefinition($0.name, $0.type.columnType))
        }
        let changes: [(table: String, steps: [SchemaChange])] = [
            (
                "\(name)/predictions",
                features.enumerated().map { .add($1, position: firstFeature + $0) } + observed
            ),
            ("\(name)/reference", features.map { .add($0) }),
            ("\(name)/labels", observed),
        ]
        try changeSchemas(changes.filter { !$0.steps.isEmpty }, settingMetadata: [key: schema.bytes()])
    }
}

extension TaskSchema {
    /// What first differs from `other`, as a clause.
    func difference(from other: TaskSchema) -> String {
        if kind != other.kind { return "it is \(other.kind), not \(kind)" }
        for (what, mine, its) in [("feature", features, other.features), ("observed column", observed, other.observed)]
        {
            for (place, known) in its.enumerated() where place >= mine.count || mine[place] != known {
                guard place < mine.count else { return "it has the \(what) '\(known.name)' as well" }
                return "its \(what) \(place + 1) is '\(known.name)' of type \(known.type), not "
                    + "'\(mine[place].name)' of type \(mine[place].type)"
            }
        }
        if resolvedEstimator != other.resolvedEstimator {
            return "its estimator is \(other.resolvedEstimator.rawValue), not \(resolvedEstimator.rawValue)"
        }
        if fittedBucketing != other.fittedBucketing {
            return "its bucketing is \(other.fittedBucketing), not \(fittedBucketing)"
        }
        for (what, mine, its) in [
            ("allowedLateness", allowedLateness, other.allowedLateness),
            ("labelHorizon", labelHorizon, other.labelHorizon), ("allowedLead", allowedLead, other.allowedLead),
        ] where mine != its {
            return "its \(what) is \(Window.text(of: its)), not \(Window.text(of: mine))"
        }
        return "its columns are others"
    }

    /// Whether this is `other` with more features or observed columns at the end of each list, and nothing else changed.
    func extends(_ other: TaskSchema) -> Bool {
        let names = { (list: [Feature]) in list.map { [$0.name, $0.type.description] } }
        guard names(features).starts(with: names(other.features)), names(observed).starts(with: names(other.observed))
        else { return false }
        let extended = TaskSchema(
            kind: other.kind, features: features, observed: observed, bucketing: other.bucketing,
            estimator: other.estimator,
            allowedLateness: other.allowedLateness, labelHorizon: other.labelHorizon, allowedLead: other.allowedLead)
        return extended.bytes() == bytes()
    }
}
