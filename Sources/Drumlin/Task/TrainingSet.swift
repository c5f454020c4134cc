public import ColumnFormat
public import ColumnStore

/// The reference rows of a task, on which its buckets are fitted: what the model predicted for rows whose labels are known.
///
/// Held-out rows are better than those the model was fitted on. Give them in the order of time: the back-test that widens
/// the intervals takes contiguous blocks.
///
///     let reference = TrainingSet(schema: schema)
///     try reference.append(prediction: 0.83, label: 1, features: ["trip_distance": 2.4])
///     try task.logTrainingSet(reference, modelVersion: "2020-03")
///
/// About 8 bytes a feature and row twice over: once for the fit, once as the store will hold it. For use by one thread.
public final class TrainingSet {
    /// The schema of the task it is for.
    public let schema: TaskSchema
    /// How many rows were appended.
    public var rowCount: Int { labels.count }

    private let encoder: EventEncoder
    private let layout: RowLayout
    private var rows = RowWriter(byteCapacity: 1 << 16)
    private var epochOffsets: [Int] = []
    private var scores: [Double] = []
    private var classes: [Int] = []
    private var labels: [Double] = []
    private var probabilities: [Double] = []
    private var features: [ReferenceColumns.Values]

    /// An empty set for a task of that schema.
    public init(schema: TaskSchema) {
        self.schema = schema
        let tables = TaskTables(schema)
        encoder = EventEncoder(schema: schema, tables: tables)
        layout = RowLayout(tables.reference)
        features = schema.features.map { $0.type.isNumeric || $0.type == .timestamp ? .numbers([]) : .texts([]) }
    }

    /// Appends one row; features that are left out are missing. Throws `.invalidInput` or `.schemaMismatch` naming the
    /// field and the value, and then the set is as it was.
    public func append(
        prediction: PredictionValue, label: LabelValue, features values: [String: Value]
    ) throws(StoreError) {
        let output = try schema.kind.output(of: prediction)
        guard let label = try schema.kind.label(of: label) else {
            throw StoreError(.invalidInput, "a reference row without a label", remedy: "leave such rows out")
        }
        try append(output, label) { writer throws(StoreError) in
            for name in values.keys where !schema.features.contains(where: { $0.name == name }) {
                throw StoreError(
                    .schemaMismatch, "there is no feature '\(name)'",
                    remedy: "they are \(schema.features.map(\.name).joined(separator: ", "))")
            }
            for (place, feature) in schema.features.enumerated() {
                let column = firstFeatureColumn + place
                try encoder.write(values[feature.name] ?? .null, of: feature, column: column, into: &writer)
            }
        }
        for (place, feature) in schema.features.enumerated() { push(values[feature.name] ?? .null, at: place) }
    }

    /// Appends one row whose features are all numbers, in declared order.
    public func append(
        score: Double, class predictedClass: Int? = nil, label: Double, features values: Span<Double>
    ) throws(StoreError) {
        let prediction: PredictionValue = predictedClass.map { .score(score, class: $0) } ?? .number(score)
        let output = try schema.kind.output(of: prediction)
        guard let label = try schema.kind.label(of: .number(label)) else { return }
        guard values.count == schema.features.count else {
            throw StoreError(
                .schemaMismatch, "\(values.count) features of \(schema.features.count)",
                remedy: "give one value for each declared feature")
        }
        try append(output, label) { writer throws(StoreError) in
            for place in 0..<values.count { try encoder.writeNumber(values[place], feature: place, into: &writer) }
        }
        for place in 0..<values.count { push(.float64(values[place]), at: place) }
    }

    private var firstFeatureColumn: Int { encoder.tables.reference.columns.count - schema.features.count }

    private func append(
        _ output: ModelOutput, _ label: Double, features: (inout RowWriter) throws(StoreError) -> Void
    ) throws(StoreError) {
        let mark = rows.count
        rows.beginRow(layout)
        let epochOffset = rows.count
        rows.fixed(UInt32(0))
        switch schema.kind {
        case .binary:
            rows.fixed(output.score)
            rows.fixed(UInt8(output.predictedClass))
            rows.fixed(UInt8(label))
        case .multiclass(_, let hasProbabilities):
            rows.fixed(UInt16(output.predictedClass))
            if hasProbabilities {
                if let given = output.probabilities {
                    for probability in given { rows.fixed(Float(probability)) }
                } else {
                    rows.null(2)
                }
            }
            rows.fixed(UInt16(label))
        case .regression:
            rows.fixed(output.score)
            rows.fixed(label)
        }
        do {
            try features(&rows)
        } catch {
            rows.truncate(to: mark, rowCount: labels.count)
            throw error
        }
        epochOffsets.append(epochOffset)
        scores.append(output.score)
        classes.append(Int(output.predictedClass))
        labels.append(label)
        if case .multiclass(let names, true) = schema.kind {
            probabilities += output.probabilities ?? Array(repeating: .nan, count: names.count)
        }
    }

    private func push(_ value: Value, at place: Int) {
        switch features[place] {
        case .numbers(var column):
            features[place] = .numbers([])
            column.append(value.number)
            features[place] = .numbers(column)
        case .texts(var column):
            features[place] = .texts([])
            column.append(value == .null ? nil : value.description)
            features[place] = .texts(column)
        }
    }

    // MARK: What the task takes

    /// A checksum of the rows, the same in every process.
    var fingerprint: UInt64 { unsafe Checksum.of(rows.bytes, seed: UInt64(rowCount)) }

    var columns: ReferenceColumns {
        ReferenceColumns(
            kind: schema.kind, scores: scores, classes: classes, labels: labels,
            features: zip(schema.features, features).map { ReferenceColumns.Feature(name: $0.name, values: $1) },
            probabilities: probabilities)
    }

    /// Calls `body` with the rows as the log takes them, all of one epoch.
    func withRows<R>(
        epoch: Int, _ body: (UnsafeRawBufferPointer) throws(StoreError) -> R
    ) throws(StoreError) -> R {
        for offset in epochOffsets { rows.patch(UInt32(epoch), at: offset) }
        defer { for offset in epochOffsets { rows.patch(UInt32(0), at: offset) } }
        return unsafe try body(rows.bytes)
    }
}

extension Value {
    /// The value as a number; NaN for null and what is none.
    var number: Double {
        switch self {
        case .bool(let v): v ? 1 : 0
        case .int(let v): Double(v)
        case .uint(let v): Double(v)
        case .float32(let v): Double(v)
        case .float64(let v): v
        case .timestamp(let v): Double(v.microseconds)
        case .null, .string, .bytes, .uuid, .vector: .nan
        }
    }
}
