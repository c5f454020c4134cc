public import ColumnFormat
public import ColumnViews

/// When a task raises an alert: a condition that is judged on each window when it closes.
///
///     try task.registerAlerts(AlertRule.standard)
///     try task.registerAlerts([.threshold("accuracy", below: 0.8, over: .tumbling(.days(1)))])
///
/// An alert is entered once, when the condition begins to hold, and left once, when it holds no more. What it takes to leave is
/// a little more than not to enter, so that a value near its limit does not flicker.
public struct AlertRule: Sendable, Hashable {
    /// By this name the rule is known in the table of alerts.
    public let name: String
    /// What is judged.
    public let condition: Condition
    /// The windows that are judged.
    public let window: Window
    /// How long after an alert was left the same one cannot be entered again.
    public let coolDown: TimeSpan

    /// What a rule looks at.
    public enum Condition: Sendable, Hashable {
        /// Columns that are not distributed as in the reference, or, where it does not have them, in the windows before.
        case drift(DriftTest, columns: [String]?)
        /// What is unlike the windows before.
        case anomalies([AnomalyKind], AnomalyMethod, columns: [String]?, seasonalLag: Int)
        /// A metric that leaves a range; nil for no bound.
        case threshold(metric: String, low: Double?, high: Double?)
        /// A metric that differs by more than `by` from its value on the reference rows.
        case referenceChange(metric: String, by: Double)
        /// A metric that differs from the windows before by more than they do among themselves, and by more than `by`.
        case historyChange(metric: String, by: Double)
        /// Events of the window that violate a constraint are more than a share of those that have its column.
        case violations(constraint: String, share: Double)
        /// A change in the stream of losses of labeled predictions or, where columns are named, of the values of each of these
        /// numeric features: what ``AdaptiveWindow`` or ``PageHinkley`` find, event by event.
        case stream(LossTest, columns: [String]?)
    }

    /// What makes a distance drift.
    public enum DriftTest: Sendable, Hashable {
        /// The distances among parts of the reference, or windows before: see ``DriftRow/limit``. Twice running, or above twice
        /// the limit.
        case history(DriftStatistic)
        /// p-values of a statistic that has them, adjusted so that of all discoveries about this share are false, where
        /// rows are independent. On real traffic they seldom are.
        case falseDiscovery(DriftStatistic, rate: Double)
    }

    /// A rule of your own name.
    public init(name: String, _ condition: Condition, over window: Window, coolDown: TimeSpan = 0) {
        self.name = name
        self.condition = condition
        self.window = window
        self.coolDown = coolDown
    }

    /// What watches a task without any configuration: drift and anomalies of all columns by the day.
    public static let standard: [AlertRule] = [.drift(), .anomalies()]

    /// Drift of all columns, or of some.
    public static func drift(
        _ test: DriftTest = .history(.populationStability), columns: [String]? = nil,
        over window: Window = .tumbling(.days(1)), coolDown: TimeSpan = 0
    ) -> AlertRule {
        AlertRule(name: "drift \(window)", .drift(test, columns: columns), over: window, coolDown: coolDown)
    }

    /// Anomalies of all columns, or of some.
    ///
    /// - Parameters:
    ///   - kinds: what to look for; all by default.
    ///   - method: how far off is too far.
    ///   - columns: nil for all.
    ///   - seasonalLag: windows are compared with those so many, and so many more, before: 7 for days that differ
    ///     within the week. 1 for all before.
    ///   - window: the windows that are judged.
    ///   - coolDown: how long after an alert was left the same one cannot be entered again.
    public static func anomalies(
        _ kinds: [AnomalyKind] = AnomalyKind.allCases, method: AnomalyMethod = .standardDeviation,
        columns: [String]? = nil, seasonalLag: Int = 1, over window: Window = .tumbling(.days(1)),
        coolDown: TimeSpan = 0
    ) -> AlertRule {
        AlertRule(
            name: "anomalies \(window)",
            .anomalies(kinds, method, columns: columns, seasonalLag: seasonalLag), over: window, coolDown: coolDown)
    }

    /// A metric that falls below, or rises above, a value.
    public static func threshold(
        _ metric: String, below low: Double? = nil, above high: Double? = nil, over window: Window,
        coolDown: TimeSpan = 0
    ) -> AlertRule {
        let text = (low.map { " below \($0)" } ?? "") + (high.map { " above \($0)" } ?? "")
        return AlertRule(
            name: "\(metric)\(text) \(window)", .threshold(metric: metric, low: low, high: high), over: window,
            coolDown: coolDown)
    }

    /// A metric that differs from its value on the reference rows.
    public static func referenceChange(
        _ metric: String, by difference: Double, over window: Window, coolDown: TimeSpan = 0
    ) -> AlertRule {
        AlertRule(
            name: "\(metric) from reference by \(difference) \(window)",
            .referenceChange(metric: metric, by: difference), over: window, coolDown: coolDown)
    }

    /// A metric that differs from the windows before.
    public static func historyChange(
        _ metric: String, by difference: Double = 0, over window: Window, coolDown: TimeSpan = 0
    ) -> AlertRule {
        AlertRule(
            name: "\(metric) from history by \(difference) \(window)",
            .historyChange(metric: metric, by: difference), over: window, coolDown: coolDown)
    }

    /// A constraint that too many events violate.
    public static func violations(
        of constraint: Constraint, above share: Double, over window: Window, coolDown: TimeSpan = 0
    ) -> AlertRule {
        AlertRule(
            name: "violations of \(constraint) above \(share) \(window)",
            .violations(constraint: constraint.description, share: share), over: window, coolDown: coolDown)
    }

    /// A change in a stream: the losses of the labeled predictions (``MonitoredTask/lossChanges(_:from:to:)`` says what a loss is), or
    /// the values of numeric features, taken one after the other in the order of the predictions' times.
    ///
    /// The test begins 28 windows back, and an alert is entered where it finds a change within the window that is judged; it is
    /// left when there was none in two windows. ``LossTest/adaptiveWindow`` finds changes in either direction,
    /// ``LossTest/pageHinkley`` a rise. Losses are judged when nine tenths of a window's labels are in, by those; features when
    /// the window closes. Reads the rows of 28 windows for each one that is judged, in the background.
    ///
    /// - Parameters:
    ///   - test: how a change is told from noise.
    ///   - columns: numeric features; nil for the losses.
    ///   - window: the windows that are judged, which tumble.
    ///   - coolDown: how long after an alert was left the same one cannot be entered again.
    public static func stream(
        _ test: LossTest = .adaptiveWindow, columns: [String]? = nil, over window: Window = .tumbling(.days(1)),
        coolDown: TimeSpan = 0
    ) -> AlertRule {
        let subject = columns.map { " of \($0.joined(separator: ", "))" } ?? ""
        return AlertRule(
            name: "\(test.rawValue)\(subject) \(window)", .stream(test, columns: columns), over: window,
            coolDown: coolDown)
    }

    /// Whether it needs summaries of columns.
    var readsColumns: Bool {
        switch condition {
        case .drift, .anomalies: true
        case .threshold, .referenceChange, .historyChange, .violations, .stream: false
        }
    }

    /// The columns that it is restricted to.
    var columns: [String]? {
        switch condition {
        case .drift(_, let columns), .anomalies(_, _, let columns, _): columns
        case .threshold, .referenceChange, .historyChange, .violations, .stream: nil
        }
    }

    /// The metric that it is about.
    var metric: String? {
        switch condition {
        case .threshold(let metric, _, _), .referenceChange(let metric, _), .historyChange(let metric, _): metric
        case .drift, .anomalies, .violations, .stream: nil
        }
    }
}
