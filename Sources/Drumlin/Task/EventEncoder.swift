internal import ColumnFormat
internal import ColumnStore

/// Checks events against a task's schema and encodes them as rows of its tables.
struct EventEncoder: Sendable {
    let schema: TaskSchema
    let tables: TaskTables
    let layout: RowLayout
    private let positions: [String: Int]
    private let observedPositions: [String: Int]

    init(schema: TaskSchema, tables: TaskTables) {
        self.schema = schema
        self.tables = tables
        layout = RowLayout(tables.predictions)
        positions = Dictionary(uniqueKeysWithValues: schema.features.enumerated().map { ($1.name, $0) })
        observedPositions = Dictionary(uniqueKeysWithValues: schema.observed.enumerated().map { ($1.name, $0) })
    }

    // MARK: Ids and times

    static let maximumIDByteCount = 1_024

    func checkID(byteCount: Int) throws(StoreError) {
        guard (1...Self.maximumIDByteCount).contains(byteCount) else {
            throw StoreError(
                .invalidInput, "an id of \(byteCount) bytes", remedy: "give 1 to \(Self.maximumIDByteCount) bytes")
        }
    }

    /// What `checkTime` lets pass.
    func isPlausible(_ at: Int64, clock: Int64) -> Bool {
        let (limit, overflow) = clock.addingReportingOverflow(schema.allowedLead.microseconds)
        return (overflow || at <= limit) && at >= Self.earliest
    }

    /// Refuses times further ahead of the clock than the task allows: those are mistakes of a unit or a year.
    func checkTime(_ at: Int64, clock: Int64) throws(StoreError) {
        let (limit, overflow) = clock.addingReportingOverflow(schema.allowedLead.microseconds)
        guard overflow || at <= limit else {
            throw StoreError(
                .invalidInput,
                "the time \(Timestamp(microseconds: at)) is more than \(Window.text(of: schema.allowedLead)) ahead of "
                    + "\(Timestamp(microseconds: clock))",
                remedy: "give microseconds since 1970 in UTC, or set the task's allowedLead")
        }
        guard at >= Self.earliest else {
            throw StoreError(
                .invalidInput, "the time \(Timestamp(microseconds: at)) lies before the year 1",
                remedy: "give microseconds since 1970 in UTC")
        }
    }

    /// 0001-01-01, in µs.
    private static let earliest: Int64 = -62_135_596_800_000_000

    // MARK: Rows

    /// Begins the row of a prediction and writes all but features and observed columns, which follow it.
    func beginPrediction(
        idBytes: UnsafeRawBufferPointer, at: Int64, output: ModelOutput, bucket: Int,
        context: TaskShared.EpochContext, into writer: inout RowWriter
    ) -> PredictionScratch.Item {
        let epoch = context.index
        writer.beginRow(layout)
        unsafe writer.variable(idBytes)
        let id = (writer.count - idBytes.count)..<writer.count
        writer.fixed(at)
        switch schema.kind {
        case .binary:
            writer.fixed(output.score)
            writer.fixed(UInt8(truncatingIfNeeded: output.predictedClass))
        case .multiclass:
            writer.fixed(UInt16(truncatingIfNeeded: output.predictedClass))
            if let column = tables.secondColumn {
                if let probabilities = output.probabilities {
                    for probability in probabilities { writer.fixed(Float(probability)) }
                } else {
                    writer.null(column)
                }
            }
        case .regression: writer.fixed(output.score)
        }
        if epoch >= 0, bucket < Int(UInt16.max) {
            writer.fixed(UInt16(bucket))
            writer.fixed(UInt32(epoch))
        } else {
            writer.null(tables.bucketColumn)
            writer.null(tables.epochColumn)
        }
        let facts = PredictionFacts(
            score: output.score, predictedClass: output.predictedClass, bucket: Int32(bucket), epoch: Int32(epoch))
        return PredictionScratch.Item(
            rows: id, id: id, at: at, facts: facts, generation: context.generation)
    }

    /// Writes the observed columns of a prediction, which end its row.
    func writeObserved(_ values: [String: Value], into writer: inout RowWriter) throws(StoreError) {
        try writeObserved(values, firstColumn: tables.firstObservedColumn, into: &writer)
    }

    /// Writes the observed columns of a prediction or a label; those that were not given are null.
    func writeObserved(
        _ values: [String: Value], firstColumn: Int, into writer: inout RowWriter
    ) throws(StoreError) {
        if values.isEmpty {
            for place in schema.observed.indices { writer.null(firstColumn + place) }
            return
        }
        for name in values.keys where observedPositions[name] == nil {
            throw unknown("observed column", name, schema.observed)
        }
        for (place, column) in schema.observed.enumerated() {
            try write(values[column.name] ?? .null, of: column, column: firstColumn + place, into: &writer)
        }
    }

    // MARK: Features

    /// Writes features given by name; those left out are null.
    func writeFeatures(_ values: [String: Value], into writer: inout RowWriter) throws(StoreError) {
        for name in values.keys where positions[name] == nil { throw unknown("feature", name, schema.features) }
        for (place, feature) in schema.features.enumerated() {
            try write(
                values[feature.name] ?? .null, of: feature, column: tables.firstFeatureColumn + place, into: &writer)
        }
    }

    func write(
        _ value: Value, of feature: Feature, column: Int, into writer: inout RowWriter
    ) throws(StoreError) {
        let definition = ColumnDefinition(feature.name, feature.type.columnType)
        guard writer.value(value, column: column, definition: definition) else {
            throw StoreError(
                .schemaMismatch, "'\(feature.name)' is \(feature.type), which the value \(value) is not",
                remedy: "give a value of that type, or null")
        }
    }

    /// Writes all features, in declared order.
    func writeNumbers(_ numbers: Span<Double>, into writer: inout RowWriter) throws(StoreError) {
        for place in 0..<numbers.count { try writeNumber(numbers[place], feature: place, into: &writer) }
    }

    /// Writes a number as a feature of a numeric type, exactly. NaN is NaN where the type has it.
    @inline(__always)
    func writeNumber(_ number: Double, feature place: Int, into writer: inout RowWriter) throws(StoreError) {
        switch schema.features[place].type {
        case .float32: writer.fixed(Float(number))
        case .float64: writer.fixed(number)
        case .bool where number == 0 || number == 1: writer.fixed(UInt8(number))
        case .int8: writer.fixed(try exactly(Int8(exactly: number), number, place))
        case .int16: writer.fixed(try exactly(Int16(exactly: number), number, place))
        case .int32: writer.fixed(try exactly(Int32(exactly: number), number, place))
        case .int64: writer.fixed(try exactly(Int64(exactly: number), number, place))
        case .uint8: writer.fixed(try exactly(UInt8(exactly: number), number, place))
        case .uint16: writer.fixed(try exactly(UInt16(exactly: number), number, place))
        case .uint32: writer.fixed(try exactly(UInt32(exactly: number), number, place))
        case .uint64: writer.fixed(try exactly(UInt64(exactly: number), number, place))
        case .bool, .string, .bytes, .timestamp, .uuid, .vector, .category: throw misfit(number, place)
        }
    }

    @inline(__always)
    private func exactly<T>(_ value: T?, _ number: Double, _ place: Int) throws(StoreError) -> T {
        guard let value else { throw misfit(number, place) }
        return value
    }

    private func misfit(_ number: Double, _ place: Int) -> StoreError {
        let feature = schema.features[place]
        return StoreError(
            .schemaMismatch, "'\(feature.name)' is \(feature.type), which the number \(number) is not",
            remedy: "give a value of that type; for missing values and text use PredictionRow")
    }

    private func unknown(_ what: String, _ name: String, _ known: [Feature]) -> StoreError {
        StoreError(
            .schemaMismatch, "there is no \(what) '\(name)'",
            remedy: known.isEmpty
                ? "the task has none" : "they are \(known.map(\.name).joined(separator: ", "))")
    }
}
