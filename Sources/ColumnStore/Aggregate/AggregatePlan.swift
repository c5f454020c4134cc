internal import ColumnFormat

/// An aggregation compiled for a schema.
struct AggregatePlan {
    /// One column of which something is to be known, by all aggregates that ask for it together.
    struct Measure {
        let column: Int
        let type: ColumnType
        var needs: MeasureNeeds
    }

    struct Key {
        let column: Int
        let type: ColumnType
        /// The length of the intervals in microseconds; nil where equal values make a group.
        let interval: Int64?
    }

    let schema: Schema
    let aggregates: [Aggregate]
    let groupKeys: [GroupKey]
    private(set) var measures: [Measure] = []
    private(set) var keys: [Key] = []
    /// For each aggregate its measure; nil for ``Aggregate/count``.
    private(set) var measureOfAggregate: [Int?] = []
    let condition: Condition?
    let groupLimit: Int
    let zoneMaps: ZoneMapUse

    /// Throws `.invalidInput` for columns that there are not, or that an aggregate or key does not apply to.
    init(
        _ aggregates: [Aggregate], where predicate: Predicate?, groupBy groupKeys: [GroupKey], groupLimit: Int,
        zoneMaps: ZoneMapUse, snapshot: TableSnapshot
    ) throws(StoreError) {
        schema = snapshot.schema
        self.aggregates = aggregates
        self.groupKeys = groupKeys
        self.groupLimit = groupLimit
        self.zoneMaps = zoneMaps
        guard groupLimit >= 1 else {
            throw StoreError(.invalidInput, "a limit of \(groupLimit) groups", remedy: "allow at least one")
        }
        try predicate?.check(against: schema)
        condition = predicate.map { Condition($0, schema: snapshot.schema) }
        for aggregate in aggregates { try add(aggregate, of: snapshot) }
        for key in groupKeys { try add(key, of: snapshot) }
    }

    private func column(_ name: String, of snapshot: TableSnapshot) throws(StoreError) -> Int {
        guard let position = schema.position(of: name) else {
            throw StoreError(
                .invalidInput, "table '\(snapshot.name)' has no column '\(name)'",
                remedy: "its columns are \(schema.columns.map(\.name).joined(separator: ", "))")
        }
        return position
    }

    private mutating func add(_ aggregate: Aggregate, of snapshot: TableSnapshot) throws(StoreError) {
        guard let name = aggregate.column else {
            measureOfAggregate.append(nil)
            return
        }
        let column = try column(name, of: snapshot)
        let type = schema.columns[column].type
        guard let needs = Self.needs(aggregate.function, of: type) else {
            throw StoreError(
                .invalidInput, "\(aggregate.name): column '\(name)' is \(type.name)",
                remedy: "see the table in the documentation of Aggregate for what applies to which type")
        }
        if case .quantile(let q) = aggregate.function, !(q >= 0 && q <= 1) {
            throw StoreError(.invalidInput, "a quantile of \(q)", remedy: "give one from 0 to 1")
        }
        if let known = measures.firstIndex(where: { $0.column == column }) {
            measures[known].needs.formUnion(needs)
            measureOfAggregate.append(known)
        } else {
            measureOfAggregate.append(measures.count)
            measures.append(Measure(column: column, type: type, needs: needs))
        }
    }

    /// What an aggregate needs; nil where it does not apply to the type.
    private static func needs(_ function: Aggregate.Function, of type: ColumnType) -> MeasureNeeds? {
        let isNumber = !type.isVariableLength && type != .timestamp && type != .uuid && type.dimension == 0
        switch function {
        case .rows, .values: return []
        case .sum, .mean: return isNumber ? .sum : nil
        case .variance: return isNumber ? .moments : nil
        case .quantile: return isNumber ? .quantiles : nil
        case .minimum, .maximum: return type.dimension == 0 ? .extremes : nil
        case .distinct: return type.dimension == 0 ? .distinct : nil
        }
    }

    private mutating func add(_ key: GroupKey, of snapshot: TableSnapshot) throws(StoreError) {
        let column = try column(key.column, of: snapshot)
        let type = schema.columns[column].type
        switch key {
        case .column(let name):
            guard type.dimension == 0 else {
                throw StoreError(
                    .invalidInput, "column '\(name)' is \(type.name) and makes no groups",
                    remedy: "group by a column of another type")
            }
            keys.append(Key(column: column, type: type, interval: nil))
        case .time(let name, let every):
            guard type == .timestamp else {
                throw StoreError(
                    .invalidInput, "column '\(name)' is \(type.name), not a time",
                    remedy: "group by .column(\"\(name)\"), or give a timestamp column")
            }
            guard every.microseconds > 0 else {
                throw StoreError(
                    .invalidInput, "intervals of \(every.microseconds) µs", remedy: "give a length above 0")
            }
            keys.append(Key(column: column, type: type, interval: every.microseconds))
        }
    }

    /// What is thrown where there are more groups than allowed.
    var tooManyGroups: StoreError {
        StoreError(
            .invalidInput, "more than \(groupLimit) groups",
            remedy: "group by fewer or coarser keys, narrow the condition, or raise groupLimit")
    }

    // MARK: Results

    /// The value of each aggregate. Throws `.invalidInput` where a sum does not fit.
    func values(rowCount: Int, measurements: ArraySlice<Measurement>) throws(StoreError) -> [Value] {
        var result: [Value] = []
        result.reserveCapacity(aggregates.count)
        for (aggregate, measure) in zip(aggregates, measureOfAggregate) {
            if let measure {
                result.append(
                    try value(aggregate, measurements[measurements.startIndex + measure], type: measures[measure].type))
            } else {
                result.append(.int(Int64(rowCount)))
            }
        }
        return result
    }

    private func value(
        _ aggregate: Aggregate, _ measurement: Measurement, type: ColumnType
    ) throws(StoreError) -> Value {
        let isReal = type == .float32 || type == .float64
        switch aggregate.function {
        case .rows, .values: return .int(Int64(measurement.count))
        case .distinct: return .int(Int64(measurement.distinct?.estimate ?? 0))
        case .variance: return measurement.moments.variance.map { .float64($0) } ?? .null
        case .quantile(let q): return measurement.quantiles?.quantile(q).map { .float64($0) } ?? .null
        case .minimum, .maximum:
            let isLow = aggregate.function == .minimum
            if let bytes = isLow ? measurement.lowBytes : measurement.highBytes {
                return type == .string
                    ? .string(String(decoding: bytes, as: UTF8.self)) : type == .uuid ? .uuid(bytes) : .bytes(bytes)
            }
            if measurement.lowKey <= measurement.highKey {
                return OrderKey.value(isLow ? measurement.lowKey : measurement.highKey, type: type)
            }
            guard measurement.nanCount > 0 else { return .null }
            return type == .float32 ? .float32(.nan) : .float64(.nan)
        case .mean:
            if measurement.count == 0 { return .null }
            let sum = isReal ? measurement.realSum.value : Double(measurement.integerSum)
            return .float64(sum / Double(measurement.count))
        case .sum:
            if measurement.count == 0 { return .null }
            if isReal { return .float64(measurement.realSum.value) }
            switch type {
            case .uint8, .uint16, .uint32, .uint64:
                if let sum = UInt64(exactly: measurement.integerSum) { return .uint(sum) }
            default:
                if let sum = Int64(exactly: measurement.integerSum) { return .int(sum) }
            }
            throw StoreError(
                .invalidInput, "\(aggregate.name) is \(measurement.integerSum), which does not fit 64 bits",
                remedy: "ask for the mean, or for groups of fewer rows")
        }
    }
}
