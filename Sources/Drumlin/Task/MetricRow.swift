public import ColumnFormat

/// The value of one metric over one window, with what is known of how good it is.
///
/// What is missing is nil, never 0: a window without labels has no labeled value.
public struct MetricRow: Sendable, Hashable {
    /// The task's name.
    public var task: String
    /// The metric's name.
    public var metric: String
    /// The version of the model that predicted; nil before the first reference, or where several did.
    public var modelVersion: String?
    /// The slice of the data; nil for all of it.
    public var segment: String?
    /// The window as it was registered: `1d`, `7d/1d`, `cumulative`.
    public var window: String
    /// The first moment of the window; nil for a cumulative one.
    public var start: Timestamp?
    /// The moment behind the window; nil for a cumulative one.
    public var end: Timestamp?
    /// The window's length in seconds; nil for a cumulative one.
    public var size: Int64?
    /// Whether events and labels may still change the value.
    public var status: String
    /// How often the value has been published.
    public var revision: Int
    /// The task's clock when the value was computed.
    public var computedAt: Timestamp?
    /// The value over all predictions: labels where there are some, the estimate for the rest.
    public var value: Double?
    /// The value over the predictions that have a label.
    public var labeledValue: Double?
    /// The estimate over those that have none.
    public var unlabeledValue: Double?
    /// The lower end of the 95 % interval for the value once every label has come.
    public var ciLow: Double?
    /// The upper end.
    public var ciHigh: Double?
    /// How the value came about: by labels alone, by an estimator, by a closure, or as last published.
    public var method: String?
    /// Predictions with a label.
    public var labeledCount: Int
    /// Predictions without.
    public var unlabeledCount: Int
    /// The median delay of the labels, in seconds.
    public var labelDelayP50: Double?
    /// The delay that 95 % of the labels did not exceed, in seconds.
    public var labelDelayP95: Double?
    /// How many reference rows the estimate is worth.
    public var effectiveSampleSize: Double?
    /// The share of unlabeled predictions in buckets with too few reference rows.
    public var unsupportedMass: Double?
    /// The least value if those went as badly as possible.
    public var boundLow: Double?
    /// The greatest value if they went as well as possible.
    public var boundHigh: Double?
    /// From when on the window is complete, where retention has removed rows.
    public var coverageFrom: Timestamp?
    /// Why there is no value, where computing it failed.
    public var error: String?

    /// The names of the fields as files, JSON and CSV have them, in their order.
    public static let keys = [
        "task", "metric", "model_version", "segment", "window", "window_start", "window_end", "window_size", "status",
        "revision", "computed_at", "value", "labeled_value", "unlabeled_value", "ci_low", "ci_high", "method",
        "num_labeled", "num_unlabeled", "label_delay_p50", "label_delay_p95", "effective_sample_size",
        "unsupported_mass", "bound_low", "bound_high", "coverage_from", "error",
    ]

    /// The fields in the order of ``keys``.
    public var values: [Value] {
        func text(_ text: String?) -> Value { text.map { .string($0) } ?? .null }
        func time(_ time: Timestamp?) -> Value { time.map { .timestamp($0) } ?? .null }
        func number(_ number: Double?) -> Value { number.map { .float64($0) } ?? .null }
        return [
            .string(task), .string(metric), text(modelVersion), text(segment), .string(window), time(start), time(end),
            size.map { .int($0) } ?? .null, .string(status), .int(Int64(revision)), time(computedAt), number(value),
            number(labeledValue), number(unlabeledValue), number(ciLow), number(ciHigh), text(method),
            .int(Int64(labeledCount)), .int(Int64(unlabeledCount)), number(labelDelayP50), number(labelDelayP95),
            number(effectiveSampleSize), number(unsupportedMass), number(boundLow), number(boundHigh),
            time(coverageFrom), text(error),
        ]
    }
}

extension MetricRow: CustomStringConvertible {
    /// One line for people: `accuracy 1d 2020-03-02 0.913 [0.89, 0.93] (1,204 of 2,000 labeled, closed)`.
    public var description: String {
        var text = "\(metric) \(window)"
        if let start { text += " from \(start)" }
        text += ": " + (value.map(Self.rounded) ?? "no value")
        if let ciLow, let ciHigh, unlabeledCount > 0 || ciLow < ciHigh {
            text += " [\(Self.rounded(ciLow)), \(Self.rounded(ciHigh))]"
        }
        text += " (\(labeledCount) of \(labeledCount + unlabeledCount) labeled, \(status)"
        if let method { text += ", \(method)" }
        text += ")"
        if let error { text += " – \(error)" }
        return text
    }

    private static func rounded(_ value: Double) -> String {
        guard value.isFinite, abs(value) < 1e12 else { return "\(value)" }
        return "\((value * 10_000).rounded() / 10_000)"
    }
}
