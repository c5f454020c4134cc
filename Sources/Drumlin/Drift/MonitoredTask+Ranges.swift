public import ColumnFormat
public import ColumnStore
internal import Synchronization

extension MonitoredTask {
    /// Which share of the predictions lies outside of the reference's range of each feature, by model version and in the order of
    /// the features. Features without a value in the reference, and those that are no numbers and no text, have no row.
    ///
    /// - Parameter times: only predictions with times in it; nil for all.
    /// - Complexity: O(rows × features), most of it passed over by zone maps.
    public func outsideReference(during times: Range<Timestamp>? = nil) throws(StoreError) -> [RangeRow] {
        let (predictions, reference, epochs) = try store.read { core throws(StoreError) in
            try shared.state.checkExists()
            return (
                shared.state.predictions.snapshot(), core.table(named: "\(name)/reference")?.snapshot(),
                shared.state.epochs
            )
        }
        guard let reference else { return [] }
        var rows: [RangeRow] = []
        for (index, epoch) in epochs.enumerated() {
            let own = Predicate.equal("_epoch", .uint(UInt64(index)))
            var conditions = [own]
            if let times {
                conditions.append(.greaterOrEqual("_at", .timestamp(times.lowerBound)))
                conditions.append(.less("_at", .timestamp(times.upperBound)))
            }
            for feature in schema.features {
                var row = RangeRow(
                    task: name, modelVersion: epoch.modelVersion, column: feature.name, valueCount: 0, outsideCount: 0)
                let outside: Predicate
                if feature.type.isNumeric && feature.type != .bool {
                    let ends = try reference.aggregate([.min(feature.name), .max(feature.name)], where: own)
                    guard let values = ends.rows.first?.values, values[0] != .null, !values[0].number.isNaN else {
                        continue
                    }
                    (row.low, row.high) = (values[0].number, values[1].number)
                    outside = .or([.less(feature.name, values[0]), .greater(feature.name, values[1])])
                } else if feature.type == .string || feature.type == .category {
                    let known = try reference.aggregate([.count], where: own, groupBy: [.column(feature.name)])
                    let texts = known.rows.map { $0.keys[0] }.filter { $0 != .null }
                    guard (1...Self.knownTextLimit).contains(texts.count) else { continue }
                    row.knownCount = texts.count
                    outside = .not(.in(feature.name, texts))
                } else {
                    continue
                }
                row.valueCount = try count(feature, .and(conditions), predictions)
                row.outsideCount = try count(nil, .and(conditions + [outside]), predictions)
                rows.append(row)
            }
        }
        return rows
    }

    /// More texts than that are names, of which new ones say nothing.
    private static let knownTextLimit = 10_000

    /// The rows that meet a condition; with a value of a feature that is neither null nor NaN.
    private func count(
        _ feature: Feature?, _ condition: Predicate, _ predictions: TableSnapshot
    ) throws(StoreError) -> Int {
        var condition = condition
        if let feature, feature.type == .float32 || feature.type == .float64 {
            // A comparison with NaN is false.
            condition = .and([condition, .between(feature.name, .float64(-.infinity), .float64(.infinity))])
        }
        let aggregate = feature.map { Aggregate.count($0.name) } ?? .count
        guard case .int(let count)? = try predictions.aggregate([aggregate], where: condition).rows.first?.values[0]
        else { return 0 }
        return Int(count)
    }
}
