import CommandSupport
import Drumlin

/// Alerts as `task.json` has them:
///
///     "monitor": true
///     "alerts": [ { "metric": "accuracy", "below": 0.8, "window": "1d" },
///                 { "metric": "f1", "from_reference": 0.05, "window": "7d/1d" },
///                 { "metric": "f1", "from_history": 0.02, "window": "1d" },
///                 { "drift": "ks", "columns": ["trip_distance"], "window": "1h", "cool_down": "1d" },
///                 { "anomalies": ["volume", "nulls"], "method": "mad", "seasonal_lag": 7 },
///                 { "stream": "adwin" }, { "stream": "page_hinkley", "columns": ["trip_distance"] },
///                 { "constraint": "trip_distance >= 0", "above": 0.01 } ]
///
/// `"monitor": true`, and `"alerts": "standard"` as well, is drift and anomalies of all columns by the day.
enum AlertSpecification {
    private static let keys = [
        "name", "window", "cool_down", "columns", "drift", "false_discovery", "anomalies", "method", "seasonal_lag",
        "stream",
        "metric", "below", "above", "from_reference", "from_history", "constraint",
    ]

    static func parse(_ root: KeyedObject) throws(JSONError) -> [AlertRule] {
        var result: [AlertRule] = []
        switch root.value("monitor") {
        case nil, .bool(false): break
        case .bool(true): result = AlertRule.standard
        default: throw JSONError(path: "monitor", "expected true or false", remedy: "list rules as \"alerts\"")
        }
        guard let value = root.value("alerts") else { return result }
        if case .string(let word) = value {
            guard word == "standard" else {
                throw JSONError(
                    path: "alerts", "\"\(PrintableText.excerpt(word))\" is no list of alerts",
                    remedy: "give an array, or \"standard\" for drift and anomalies by the day")
            }
            return AlertRule.standard
        }
        for (index, element) in (try root.array("alerts") ?? []).enumerated() {
            let object = try KeyedObject(element, path: "alerts[\(index)]", keys: keys)
            let rule = try rule(object)
            guard !result.contains(where: { $0.name == rule.name }) else {
                throw JSONError(
                    path: object.path, "two alerts are called \"\(PrintableText.excerpt(rule.name))\"",
                    remedy: "give one a \"name\" of its own")
            }
            result.append(rule)
        }
        return result
    }

    private static func rule(_ object: KeyedObject) throws(JSONError) -> AlertRule {
        let made = try condition(object, try window(object))
        let name = try object.string("name") ?? made.name
        return AlertRule(
            name: name, made.condition, over: made.window,
            coolDown: try TaskSpecification.span(object, "cool_down") ?? 0)
    }

    private static func window(_ object: KeyedObject) throws(JSONError) -> Window {
        guard let text = try object.string("window") else { return .tumbling(.days(1)) }
        guard let window = Window(text) else {
            throw JSONError(
                path: object.path(to: "window"), "\"\(PrintableText.excerpt(text))\" is no window",
                remedy: TaskSpecification.windowForms)
        }
        return window
    }

    private static func condition(_ object: KeyedObject, _ window: Window) throws(JSONError) -> AlertRule {
        let subjects = ["drift", "anomalies", "stream", "metric", "constraint"].filter { object.value($0) != nil }
        guard subjects.count == 1 else {
            throw JSONError(
                path: object.path, subjects.isEmpty ? "nothing is asked of anything" : "\(subjects) do not go together",
                remedy: "give one of drift, anomalies, stream, metric and constraint")
        }
        let columns = try object.strings("columns")
        switch subjects[0] {
        case "drift":
            let statistic = try named(object, "drift", DriftStatistic.allCases) ?? .populationStability
            if let rate = try object.number("false_discovery") {
                return .drift(.falseDiscovery(statistic, rate: rate), columns: columns, over: window)
            }
            return .drift(.history(statistic), columns: columns, over: window)
        case "anomalies":
            return .anomalies(
                try kinds(object), method: try named(object, "method", AnomalyMethod.allCases) ?? .standardDeviation,
                columns: columns, seasonalLag: Int(try object.integer("seasonal_lag", in: 1...1_000) ?? 1),
                over: window)
        case "stream":
            let test = try named(object, "stream", LossTest.allCases) ?? .adaptiveWindow
            return .stream(test, columns: columns, over: window)
        case "metric":
            guard let metric = try object.string("metric") else { throw object.missing("metric", "which metric") }
            if let difference = try object.number("from_reference") {
                return .referenceChange(metric, by: difference, over: window)
            }
            if let difference = try object.number("from_history") {
                return .historyChange(metric, by: difference, over: window)
            }
            let (low, high) = (try object.number("below"), try object.number("above"))
            guard low != nil || high != nil else {
                throw object.missing("below", "or one of above, from_reference and from_history")
            }
            return .threshold(metric, below: low, above: high, over: window)
        default:
            guard let constraint = try object.string("constraint"), let share = try object.number("above") else {
                throw object.missing("above", "the share of events that may violate the constraint")
            }
            return AlertRule(
                name: "violations of \(constraint) above \(share) \(window)",
                .violations(constraint: constraint, share: share), over: window)
        }
    }

    private static func kinds(_ object: KeyedObject) throws(JSONError) -> [AnomalyKind] {
        if case .string("all")? = object.value("anomalies") { return AnomalyKind.allCases }
        var result: [AnomalyKind] = []
        for (index, word) in (try object.strings("anomalies") ?? []).enumerated() {
            guard let kind = AnomalyKind(rawValue: word) else {
                throw JSONError(
                    path: "\(object.path(to: "anomalies"))[\(index)]",
                    "\"\(PrintableText.excerpt(word))\" is no kind of anomaly",
                    remedy: "give \"all\", or some of \(AnomalyKind.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            result.append(kind)
        }
        return result
    }

    private static func named<T: RawRepresentable<String>>(
        _ object: KeyedObject, _ key: String, _ all: [T]
    ) throws(JSONError) -> T? {
        guard let word = try object.string(key) else { return nil }
        guard let match = all.first(where: { $0.rawValue == word }) else {
            throw JSONError(
                path: object.path(to: key), "\"\(PrintableText.excerpt(word))\" is unknown",
                remedy: "give one of \(all.map(\.rawValue).joined(separator: ", "))")
        }
        return match
    }
}
