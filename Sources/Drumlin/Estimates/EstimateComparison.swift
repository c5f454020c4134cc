public import ColumnStore

/// How well an estimator with its buckets would have done on rows whose labels are known: advice, not a decision.
public struct EstimateComparison: Sendable, Hashable {
    /// The estimator, and the buckets where it lets one choose.
    public let estimator: Estimator
    /// The bucketing as a text, such as `scoreQuantiles(20)`.
    public let bucketing: String
    /// The metric's name.
    public let metric: String
    /// The mean of |estimate − truth| over the parts, in the unit of the metric.
    public let meanDistance: Double
    /// The mean of estimate − truth.
    public let bias: Double
    /// The share of the parts whose 95 % interval, not widened by any back-test, holds the truth; nil without intervals.
    public let coverage: Double?
    /// How many parts of the rows were estimated.
    public let partCount: Int
}

extension TrainingSet {
    /// Estimates parts of the rows as if they had no labels, from the others, once for each bucketing and each estimator, and
    /// says how far off each was. The rows should be in the order of time.
    ///
    /// - Parameters:
    ///   - bucketings: for ``Estimator/bucketStatistics``.
    ///   - estimators: further estimators, with the buckets they take by themselves.
    ///   - metrics: nil for all that the kind of task has without arguments.
    /// - Complexity: about six times that of `logTrainingSet` for each.
    public func compareBucketings(
        _ bucketings: [Bucketing], estimators: [Estimator] = [], metrics: [Metric]? = nil
    ) throws(StoreError) -> [EstimateComparison] {
        let reference = columns
        let wanted = metrics ?? Metric.all(for: schema.kind)
        for metric in wanted where !metric.isDefined(for: schema.kind) {
            throw StoreError(
                .invalidInput, "\"\(metric.name)\" is no metric of a \(schema.kind.name) task",
                remedy: "the metrics are \(Metric.names(for: schema.kind).joined(separator: ", "))")
        }
        for estimator in estimators where !estimator.isDefined(for: schema.kind) {
            throw StoreError(
                .invalidInput, "a \(schema.kind.name) task cannot have the estimator \(estimator.rawValue)",
                remedy: "leave it out")
        }
        var result: [EstimateComparison] = []
        let choices =
            bucketings.map { (Estimator.bucketStatistics, $0) }
            + estimators.map { ($0, $0.bucketing(for: schema.kind)) }
        let (bins, groups) = ScoreCalibration.bins(of: reference)
        let rows = (0..<reference.rowCount).filter { reference.hasLabel($0) }
        for (estimator, bucketing) in choices {
            let buckets: FittedBuckets
            do {
                buckets = try FittedBuckets(fitting: bucketing, to: reference)
            } catch {
                throw StoreError(.invalidInput, "\(error)", remedy: "choose another bucketing")
            }
            let fit = ReferenceStatistics.Fit(
                reference: reference, assigned: buckets.assign(reference), buckets: buckets, bins: bins, groups: groups)
            let outcomes = ReferenceBackTest(fit: fit, rows: rows).outcomes(wanted, estimator: estimator)
            for metric in wanted {
                let own = outcomes.filter { $0.metric == metric }
                guard !own.isEmpty else { continue }
                let count = Double(own.count)
                let covered = own.compactMap(\.isCovered)
                result.append(
                    EstimateComparison(
                        estimator: estimator, bucketing: bucketing.description, metric: metric.name,
                        meanDistance: own.reduce(0) { $0 + ($1.value - $1.truth).magnitude } / count,
                        bias: own.reduce(0) { $0 + $1.value - $1.truth } / count,
                        coverage: covered.isEmpty
                            ? nil : covered.reduce(0.0) { $0 + ($1 ? 1 : 0) } / Double(covered.count),
                        partCount: own.count))
            }
        }
        return result
    }
}
