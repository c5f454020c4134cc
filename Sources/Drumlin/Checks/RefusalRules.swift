internal import ColumnFormat
internal import ColumnStore

/// The constraints that refuse events: checked on the caller's thread, before a lock is taken and anything is logged.
final class RefusalRules: Sendable {
    struct Rule: Sendable {
        let constraint: Constraint
        let test: ValueTest
    }

    struct Placed: Sendable {
        let place: Int
        let rule: Rule
    }

    /// By the place of the feature.
    private let features: [Placed]
    private let outputs: [Rule]
    private let ids: [Rule]
    private let labels: [Rule]
    /// By the name of the observed column; they hold for predictions and feedback.
    private let observed: [(name: String, rule: Rule)]

    /// Nil where no constraint refuses.
    init?(_ constraints: [Constraint], _ schema: TaskSchema, _ tables: TaskTables) {
        var features: [Placed] = []
        var (outputs, ids, labels): ([Rule], [Rule], [Rule]) = ([], [], [])
        var observed: [(name: String, rule: Rule)] = []
        for constraint in constraints where constraint.refuses {
            for event in CheckedEvent.allCases {
                guard let subject = constraint.subject(in: event, schema, tables),
                    let test = ValueTest(constraint.rule, subject.definition.type)
                else { continue }
                let rule = Rule(constraint: constraint, test: test)
                switch constraint.column {
                case Constraint.prediction: outputs.append(rule)
                case Constraint.id: ids.append(rule)
                case Constraint.label: labels.append(rule)
                default:
                    if let place = schema.features.firstIndex(where: { $0.name == constraint.column }) {
                        features.append(Placed(place: place, rule: rule))
                    } else if event == .prediction {
                        observed.append((constraint.column, rule))
                    }
                }
            }
        }
        guard !features.isEmpty || !outputs.isEmpty || !ids.isEmpty || !labels.isEmpty || !observed.isEmpty else {
            return nil
        }
        (self.features, self.outputs, self.ids, self.labels, self.observed) = (
            features, outputs, ids, labels, observed
        )
    }

    // MARK: Predictions

    func check(
        id: String, _ output: ModelOutput, numbers: Span<Double>, kind: TaskKind
    ) throws(StoreError) {
        try checkOutput(id: id, output, kind)
        for entry in features where entry.rule.test.violates(numbers[entry.place]) {
            throw Self.refusal(entry.rule.constraint, .float64(numbers[entry.place]), "prediction", id)
        }
        try checkObserved([:], "prediction", id)
    }

    func check(id: String, _ output: ModelOutput, row: PredictionRow, kind: TaskKind) throws(StoreError) {
        try checkOutput(id: id, output, kind)
        for entry in features {
            let value = row.value(at: entry.place)
            if entry.rule.test.violates(value) { throw Self.refusal(entry.rule.constraint, value, "prediction", id) }
        }
        try checkObserved(row.observed, "prediction", id)
    }

    func check(
        id: String, _ output: ModelOutput, features values: [String: Value], observed: [String: Value], kind: TaskKind
    ) throws(StoreError) {
        try checkOutput(id: id, output, kind)
        for entry in features {
            let value = values[entry.rule.constraint.column] ?? .null
            if entry.rule.test.violates(value) { throw Self.refusal(entry.rule.constraint, value, "prediction", id) }
        }
        try checkObserved(observed, "prediction", id)
    }

    private func checkOutput(id: String, _ output: ModelOutput, _ kind: TaskKind) throws(StoreError) {
        for rule in ids where rule.test.violates(text: id) {
            throw Self.refusal(rule.constraint, .string(id), "prediction", id)
        }
        guard !outputs.isEmpty else { return }
        let number = kind.isMulticlass ? Double(output.predictedClass) : output.score
        for rule in outputs where rule.test.violates(number) {
            throw Self.refusal(rule.constraint, .float64(number), "prediction", id)
        }
    }

    // MARK: Feedback

    func check(_ item: FeedbackItem) throws(StoreError) {
        let label: Value = item.label.map { .float64($0) } ?? .null
        for rule in labels where rule.test.violates(label) {
            throw Self.refusal(rule.constraint, label, "feedback", item.id)
        }
        try checkObserved(item.observed, "feedback", item.id)
    }

    private func checkObserved(_ values: [String: Value], _ event: String, _ id: String) throws(StoreError) {
        for (name, rule) in observed {
            let value = values[name] ?? .null
            if rule.test.violates(value) { throw Self.refusal(rule.constraint, value, event, id) }
        }
    }

    private static func refusal(
        _ constraint: Constraint, _ value: Value, _ event: String, _ id: String
    ) -> StoreError {
        let shown = value == .null ? "missing" : TaskState.printable(Array(value.description.utf8))
        return StoreError(
            .invalidInput,
            "the \(event) '\(TaskState.printable(Array(id.utf8)))' was refused: '\(constraint.column)' is \(shown), which "
                + "violates '\(constraint)'",
            remedy: "correct the value, or unregister the constraint; nothing was stored")
    }
}
