public import ColumnFormat
public import ColumnViews

/// What a back-test computes: metrics, windows, buckets and estimates over all that a task has logged, as if it had been set
/// up so from the beginning. The task itself is not touched.
///
///     var plan = Backtest()
///     plan.estimator = .cbpe
///     plan.labels = .withheld
///     let result = try task.backtest(plan)
///     for summary in result.summaries { print(summary) }
public struct Backtest: Sendable {
    /// What becomes of the labels that are known.
    public enum Labels: String, Sendable, CaseIterable {
        /// They count as in the task; the rest is estimated.
        case known
        /// Predictions with a label are estimated as if they had none, which shows how good the estimates are: a row's `value`
        /// is the estimate, its `labeledValue` what the same predictions came to. Predictions without a label are left out.
        case withheld
    }

    /// A metric and the windows to compute it over.
    public struct MetricWindows: Sendable, Hashable {
        /// The metric, one of those built in.
        public var metric: Metric
        /// The windows; they need not be registered.
        public var windows: [Window]

        /// A metric over some windows.
        public init(_ metric: Metric, windows: [Window]) {
            self.metric = metric
            self.windows = windows
        }
    }

    /// The metrics with their windows; nil for those that are registered, without closures.
    public var metrics: [MetricWindows]?
    /// Other buckets, which are fitted on the stored reference rows of each epoch; nil for those of the task.
    public var bucketing: Bucketing?
    /// Another estimator; nil for that of the task, or ``Estimator/bucketStatistics`` where a bucketing is given.
    public var estimator: Estimator?
    /// Whether estimates shrink toward the labels of their window (``TaskSchema/shrinksTowardLabels``); nil for what the task does.
    /// Nothing to shrink to is left where labels are withheld.
    public var shrinksTowardLabels: Bool?
    /// What becomes of the labels.
    public var labels: Labels
    /// Only predictions with times in it, and windows that begin in it; nil for all.
    public var times: Range<Timestamp>?
    /// Also for each slice by these columns: the most frequent values of all that was logged have names of their own, up to the
    /// limit. They need not be registered.
    public var segments: [Segmentation]
    /// The most threads that count rows, the caller's among them; at least 1. The result does not depend on it.
    public var parallelism: Int

    /// A back-test of the task as it is, until something else is set.
    public init(
        metrics: [MetricWindows]? = nil, bucketing: Bucketing? = nil, estimator: Estimator? = nil,
        shrinksTowardLabels: Bool? = nil, labels: Labels = .known, times: Range<Timestamp>? = nil,
        segments: [Segmentation] = [], parallelism: Int = 1
    ) {
        self.metrics = metrics
        self.bucketing = bucketing
        self.estimator = estimator
        self.shrinksTowardLabels = shrinksTowardLabels
        self.labels = labels
        self.times = times
        self.segments = segments
        self.parallelism = parallelism
    }
}

/// What a back-test found.
public struct BacktestResult: Sendable {
    /// A row for each metric and window, as `MonitoredTask.metrics` gives them. `revision` is 0.
    public let rows: [MetricRow]
    /// With withheld labels: how near the estimates were, for each metric and window. Else empty.
    public let summaries: [BacktestSummary]
    /// How many predictions were counted.
    public let predictionCount: Int
}

/// How near the estimates of a metric were to what the labels said, over all windows of a kind.
public struct BacktestSummary: Sendable, Hashable {
    /// The metric's name.
    public let metric: String
    /// The window as it is written: `1d`.
    public let window: String
    /// The slice; nil for all predictions.
    public let segment: String?
    /// The estimator's name.
    public let method: String
    /// How many windows have both an estimate and a value by labels.
    public let windowCount: Int
    /// The mean of |estimate − value by labels|, in the unit of the metric; nil without windows.
    public let meanDistance: Double?
    /// The mean of estimate − value by labels.
    public let bias: Double?
    /// The share of the windows with an interval whose 95 % interval holds the value by labels; nil without any.
    public let coverage: Double?

    init(metric: String, window: String, segment: String?, method: String, rows: [MetricRow]) {
        self.metric = metric
        self.window = window
        self.segment = segment
        self.method = method
        var (count, distance, difference) = (0, 0.0, 0.0)
        var (covered, intervals) = (0, 0)
        for row in rows {
            guard let estimate = row.value, let truth = row.labeledValue else { continue }
            count += 1
            distance += (estimate - truth).magnitude
            difference += estimate - truth
            if let low = row.ciLow, let high = row.ciHigh {
                intervals += 1
                if low <= truth, truth <= high { covered += 1 }
            }
        }
        windowCount = count
        meanDistance = count > 0 ? distance / Double(count) : nil
        bias = count > 0 ? difference / Double(count) : nil
        coverage = intervals > 0 ? Double(covered) / Double(intervals) : nil
    }
}
