public import ColumnFormat

/// What an aggregation came to: a row for each group.
public struct AggregateResult: Sendable {
    /// The aggregates of one group.
    public struct Row: Sendable, Hashable {
        /// One value for each group key, in the order in which they were given.
        public let keys: [Value]
        /// One value for each aggregate, in the order in which they were given.
        public let values: [Value]
    }

    /// What each row's values are.
    public let aggregates: [Aggregate]
    /// What each row's keys are.
    public let groupKeys: [GroupKey]
    /// In ascending order of their keys, null last. Without group keys exactly one row, also of no rows at all.
    public let rows: [Row]
    /// Rows that were passed over by their zone maps.
    public let prunedRowCount: Int
    /// Rows that were answered from their zone maps without being read.
    public let summarizedRowCount: Int

    /// The value of an aggregate in the first row, which is the only one where there are no group keys. The aggregate must be
    /// one of ``aggregates``.
    public subscript(aggregate: Aggregate) -> Value {
        guard let place = aggregates.firstIndex(of: aggregate) else {
            preconditionFailure("\(aggregate.name) was not asked for, only \(aggregates.map(\.name))")
        }
        return rows.first?.values[place] ?? .null
    }
}
