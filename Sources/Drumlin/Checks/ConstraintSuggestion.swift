internal import ColumnFormat
public import ColumnStore

extension MonitoredTask {
    /// Constraints that the reference rows of the newest model version meet, as a beginning: look at them, and register those that
    /// ought to hold.
    ///
    /// A feature without nulls gets ``Constraint/Rule/notNull``. Numbers get a range: from the least to the greatest, widened
    /// by a tenth of its width at both ends, but not below 0 where no value is. Text of at most 100 different values, each of 20 rows on
    /// average, gets the set of these values. Of fewer than 100 rows nothing is said.
    ///
    /// Throws `.notFound` where the task has no reference. O(reference rows × features).
    public func suggestConstraints() throws(StoreError) -> [Constraint] {
        let (epoch, table) = try store.read { core throws(StoreError) in
            try shared.state.checkExists()
            return (shared.state.epochs.count - 1, core.table(named: "\(name)/reference")?.snapshot())
        }
        guard epoch >= 0, let table else {
            throw StoreError(
                .notFound, "task '\(name)' has no reference", remedy: "give one with logTrainingSet(_:modelVersion:)")
        }
        let rows: Predicate = .equal("_epoch", .uint(UInt64(epoch)))
        var result: [Constraint] = []
        for feature in schema.features {
            let type = feature.type.columnType
            if case .vector = type { continue }
            let found = try table.aggregate(
                [.count, .count(feature.name), .distinctCount(feature.name), .min(feature.name), .max(feature.name)],
                where: rows
            ).rows[0].values
            guard case .int(let count) = found[0], case .int(let valueCount) = found[1],
                case .int(let distinctCount) = found[2], count >= 100
            else { continue }
            if valueCount == count { result.append(.notNull(feature.name)) }
            guard valueCount > 0 else { continue }
            if type == .string {
                guard distinctCount <= 100, valueCount >= 20 * distinctCount else { continue }
                let groups = try table.aggregate([.count], where: rows, groupBy: [.column(feature.name)])
                let values = groups.rows.compactMap { row -> String? in
                    if case .string(let text) = row.keys[0] { text } else { nil }
                }
                result.append(.oneOf(feature.name, Set(values)))
            } else if feature.type.isNumeric, type != .bool {
                let (low, high) = (found[3].number, found[4].number)
                guard low.isFinite, high.isFinite else { continue }
                let margin = (high - low) / 10
                result.append(.range(feature.name, (low >= 0 ? max(0, low - margin) : low - margin)...(high + margin)))
            }
        }
        return result
    }
}
