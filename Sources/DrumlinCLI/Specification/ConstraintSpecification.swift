import CommandSupport
import Drumlin

/// Constraints as `task.json` has them:
///
///     "constraints": [ { "column": "trip_distance", "min": 0, "max": 100 },
///                      { "column": "payment_type", "one_of": ["1", "2"] },
///                      { "column": "pickup_hour", "not_null": true } ]
///
/// or `"constraints": "suggested"`: those that the reference rows suggest.
enum ConstraintSpecification: Equatable {
    case listed([Constraint])
    case suggested

    private static let keys = [
        "column", "not_null", "finite", "min", "max", "one_of", "pattern", "min_length", "max_length", "increasing",
        "refuse",
    ]

    static func parse(_ root: KeyedObject) throws(JSONError) -> ConstraintSpecification {
        guard let value = root.value("constraints") else { return .listed([]) }
        if case .string(let word) = value {
            guard word == "suggested" else {
                throw JSONError(
                    path: "constraints", "\"\(PrintableText.excerpt(word))\" is no list of constraints",
                    remedy: "give an array, or \"suggested\" for what the reference rows suggest")
            }
            return .suggested
        }
        var result: [Constraint] = []
        for (index, element) in (try root.array("constraints") ?? []).enumerated() {
            let object = try KeyedObject(element, path: "constraints[\(index)]", keys: keys)
            guard let column = try object.string("column") else {
                throw object.missing("column", "a feature, an observed column, _prediction, _label or _id")
            }
            let rules = try rules(object)
            var refuses = false
            if let value = object.value("refuse") {
                guard case .bool(let flag) = value else {
                    throw JSONError(path: object.path(to: "refuse"), "expected true or false, this is \(value.kind)")
                }
                refuses = flag
            }
            guard !rules.isEmpty else {
                throw JSONError(
                    path: object.path, "nothing is asked of \"\(PrintableText.excerpt(column))\"",
                    remedy: "add one of \(keys.dropFirst().dropLast().joined(separator: ", "))")
            }
            result += rules.map { Constraint(column, $0, refuses: refuses) }
        }
        return .listed(result)
    }

    private static func rules(_ object: KeyedObject) throws(JSONError) -> [Constraint.Rule] {
        var rules: [Constraint.Rule] = []
        for (key, rule) in [("not_null", Constraint.Rule.notNull), ("finite", .finite), ("increasing", .increasing)] {
            guard let value = object.value(key) else { continue }
            guard value == .bool(true) else {
                throw JSONError(path: object.path(to: key), "expected true", remedy: "leave the key out instead")
            }
            rules.append(rule)
        }
        let (low, high) = (try object.number("min"), try object.number("max"))
        if low != nil || high != nil { rules.append(.range(low: low, high: high)) }
        if let values = try object.strings("one_of") { rules.append(.oneOf(Set(values))) }
        if let expression = try object.string("pattern") { rules.append(.pattern(expression)) }
        let limit: Int64 = 1 << 30
        let shortest = try object.integer("min_length", in: 0...limit)
        let longest = try object.integer("max_length", in: 0...limit)
        if shortest != nil || longest != nil {
            rules.append(.length(low: Int(shortest ?? 0), high: Int(longest ?? limit)))
        }
        return rules
    }

    /// Constraints in the form that ``parse(_:)`` reads.
    static func json(_ constraints: [Constraint]) -> String {
        var json = JSONWriter(.lines)
        json.array { json in
            for constraint in constraints {
                json.object { json in
                    json.member("column") { $0.value(constraint.column) }
                    write(constraint.rule, to: &json)
                    if constraint.refuses { json.member("refuse") { $0.value(true) } }
                }
            }
        }
        return json.text
    }

    private static func write(_ rule: Constraint.Rule, to json: inout JSONWriter) {
        switch rule {
        case .notNull: json.member("not_null") { $0.value(true) }
        case .finite: json.member("finite") { $0.value(true) }
        case .increasing: json.member("increasing") { $0.value(true) }
        case .range(let low, let high):
            if let low { json.member("min") { $0.value(low) } }
            if let high { json.member("max") { $0.value(high) } }
        case .oneOf(let values):
            json.member("one_of") { json in
                json.array { json in for value in values.sorted() { json.value(value) } }
            }
        case .pattern(let expression): json.member("pattern") { $0.value(expression) }
        case .length(let low, let high):
            json.member("min_length") { $0.value(Int64(low)) }
            json.member("max_length") { $0.value(Int64(high)) }
        }
    }
}
