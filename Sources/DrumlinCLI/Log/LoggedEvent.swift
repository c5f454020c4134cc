import CommandSupport
import Drumlin

/// One line of `drumlin log`.
enum LoggedEvent: Equatable {
    case prediction(
        id: String, at: Timestamp?, prediction: PredictionValue, features: [String: Value], observed: [String: Value])
    case feedback(id: String, at: Timestamp?, label: LabelValue, observed: [String: Value])

    var id: String {
        switch self {
        case .prediction(let id, _, _, _, _), .feedback(let id, _, _, _): id
        }
    }

    /// Reads a line for a task.
    ///
    /// - Throws: ``JSONError`` with the column, or with the path of keys, of what is wrong.
    init(_ line: [UInt8], schema: TaskSchema) throws(JSONError) {
        let value = try JSONParser.parse(line)
        let root = try KeyedObject(value, path: "", keys: ["prediction", "feedback"])
        switch (root.value("prediction"), root.value("feedback")) {
        case (let event?, nil): self = try Self.prediction(event, schema)
        case (nil, let event?): self = try Self.feedback(event, schema)
        default:
            throw JSONError(
                path: "", "a line is {\"prediction\": {…}} or {\"feedback\": {…}}", remedy: "see drumlin log --help")
        }
    }

    // MARK: Predictions

    private static func prediction(_ value: JSONValue, _ schema: TaskSchema) throws(JSONError) -> LoggedEvent {
        let outputs =
            switch schema.kind {
            case .binary: ["prediction", "score", "class"]
            case .multiclass: ["prediction", "class", "probabilities"]
            case .regression: ["prediction"]
            }
        let object = try KeyedObject(
            value, path: "prediction", keys: ["id", "at"] + outputs + ["features", "observed"])
        return .prediction(
            id: try id(object), at: try time(object), prediction: try output(object, schema.kind),
            features: try values(object, "features", schema.features),
            observed: try values(object, "observed", schema.observed))
    }

    private static func output(_ object: KeyedObject, _ kind: TaskKind) throws(JSONError) -> PredictionValue {
        switch kind {
        case .binary:
            let score = try number(object, try one(of: "score", object), "the probability of class 1")
            guard let predicted = try object.integer("class", in: 0...1) else { return .number(score) }
            return .score(score, class: Int(predicted))
        case .multiclass(let classes, _):
            let key = try one(of: "class", object)
            guard let name = try object.string(key) else { throw object.missing(key, "the class that was predicted") }
            return .class(name, probabilities: try probabilities(object, classes))
        case .regression: return .number(try number(object, "prediction", "the value that was predicted"))
        }
    }

    /// `key`, or `prediction` where the event uses that word, which every kind of task understands.
    private static func one(of key: String, _ object: KeyedObject) throws(JSONError) -> String {
        guard object.has("prediction") else { return key }
        guard !object.has(key) else {
            throw JSONError(path: object.path(to: "prediction"), "give either this or \"\(key)\", which means the same")
        }
        return "prediction"
    }

    /// In the order of the classes, from an array in that order or from an object with a member for each class.
    private static func probabilities(_ object: KeyedObject, _ classes: [String]) throws(JSONError) -> [Double]? {
        let path = object.path(to: "probabilities")
        let values: [JSONValue]
        switch object.value("probabilities") {
        case nil: return nil
        case .array(let elements)?: values = elements
        case .object(let members)?:
            for member in members.members where !classes.contains(member.name) {
                throw JSONError(
                    path: KeyedObject.join(path, member.name), "this is none of the classes",
                    remedy: "the classes are \(classes.joined(separator: ", "))")
            }
            values = classes.compactMap { members[$0] }
        case let other?: throw JSONError(path: path, "expected an array or an object, this is \(other.kind)")
        }
        let numbers = values.compactMap { FeatureText.number($0) }
        guard numbers.count == classes.count else {
            throw JSONError(path: path, "expected a number for each of the \(classes.count) classes")
        }
        return numbers
    }

    // MARK: Feedback

    private static func feedback(_ value: JSONValue, _ schema: TaskSchema) throws(JSONError) -> LoggedEvent {
        let object = try KeyedObject(value, path: "feedback", keys: ["id", "at", "label", "observed"])
        guard object.has("label") else {
            throw object.missing("label", "what turned out to be true; null withdraws a label")
        }
        return .feedback(
            id: try id(object), at: try time(object), label: try label(object, schema.kind),
            observed: try values(object, "observed", schema.observed))
    }

    private static func label(_ object: KeyedObject, _ kind: TaskKind) throws(JSONError) -> LabelValue {
        let path = object.path(to: "label")
        switch (object.value("label"), kind) {
        case (nil, _): return .withdrawn
        case (.string(let name)?, .multiclass): return .class(name)
        case (.bool(let value)?, .binary): return .number(value ? 1 : 0)
        case (let value?, .binary):
            guard let number = value.doubleValue, number == 0 || number == 1 else {
                throw JSONError(path: path, "expected 0 or 1, or null to withdraw a label")
            }
            return .number(number)
        case (let value?, .multiclass):
            throw JSONError(path: path, "expected the name of a class, this is \(value.kind)")
        case (let value?, .regression):
            guard let number = value.doubleValue else {
                throw JSONError(path: path, "expected a number, this is \(value.kind)")
            }
            return .number(number)
        }
    }

    // MARK: What both have

    private static func id(_ object: KeyedObject) throws(JSONError) -> String {
        guard let id = try object.string("id") else { throw object.missing("id", "a string that names the prediction") }
        return id
    }

    private static func time(_ object: KeyedObject) throws(JSONError) -> Timestamp? {
        guard let value = object.value("at") else { return nil }
        guard let time = value.time else {
            throw JSONError(
                path: object.path(to: "at"), "this is not a time",
                remedy: "write ISO 8601 (2020-04-08T13:05:00Z) or microseconds since 1970")
        }
        return time
    }

    private static func number(_ object: KeyedObject, _ key: String, _ meaning: String) throws(JSONError) -> Double {
        guard let value = object.value(key) else { throw object.missing(key, meaning) }
        guard let number = FeatureText.number(value) else {
            throw JSONError(path: object.path(to: key), "expected a number, this is \(value.kind)")
        }
        return number
    }

    private static func values(
        _ object: KeyedObject, _ key: String, _ features: [Feature]
    ) throws(JSONError) -> [String: Value] {
        var result: [String: Value] = [:]
        for member in try object.members(key) ?? [] {
            let path = KeyedObject.join(object.path(to: key), member.name)
            guard let feature = features.first(where: { $0.name == member.name }) else {
                throw JSONError(
                    path: path, "the task has no such column",
                    remedy: features.isEmpty
                        ? "it has no \(key)" : "it has \(features.map(\.name).joined(separator: ", "))")
            }
            guard let value = member.value.feature(of: feature.type) else {
                throw JSONError(path: path, "expected \(FeatureText.description(of: feature.type))")
            }
            result[feature.name] = value
        }
        return result
    }
}
