import CommandSupport

/// A JSON object whose values are asked for by key: every error names the path of keys to the value.
struct KeyedObject {
    let path: String
    private let object: JSONObject

    /// - Parameter keys: the keys that may be there; any other is an error that lists these.
    init(_ value: JSONValue, path: String, keys: [String]) throws(JSONError) {
        guard case .object(let object) = value else {
            throw JSONError(path: path, "expected an object, this is \(value.kind)")
        }
        self.path = path
        self.object = object
        for member in object.members where !keys.contains(member.name) {
            throw JSONError(
                path: Self.join(path, member.name), "there is no key \"\(PrintableText.excerpt(member.name))\" here",
                remedy: "the keys are \(keys.joined(separator: ", "))")
        }
    }

    static func join(_ path: String, _ key: String) -> String {
        let shown = PrintableText.excerpt(key)
        return path.isEmpty ? shown : "\(path).\(shown)"
    }

    func path(to key: String) -> String { Self.join(path, key) }

    /// The value of `key`; nil where the key is missing or null.
    func value(_ key: String) -> JSONValue? {
        guard let value = object[key], value != .null else { return nil }
        return value
    }

    /// Whether the key is there, be it null.
    func has(_ key: String) -> Bool { object[key] != nil }

    func string(_ key: String) throws(JSONError) -> String? {
        guard let value = value(key) else { return nil }
        guard case .string(let text) = value else { throw wrongKind(key, "a string", value) }
        return text
    }

    func bool(_ key: String) throws(JSONError) -> Bool? {
        guard let value = value(key) else { return nil }
        guard case .bool(let flag) = value else { throw wrongKind(key, "true or false", value) }
        return flag
    }

    func number(_ key: String) throws(JSONError) -> Double? {
        guard let value = value(key) else { return nil }
        guard let number = value.doubleValue else { throw wrongKind(key, "a number", value) }
        return number
    }

    func integer(_ key: String, in range: ClosedRange<Int64>) throws(JSONError) -> Int64? {
        guard let value = value(key) else { return nil }
        guard case .integer(let number) = value, range.contains(number) else {
            throw JSONError(
                path: path(to: key), "expected an integer from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    func array(_ key: String) throws(JSONError) -> [JSONValue]? {
        guard let value = value(key) else { return nil }
        guard case .array(let elements) = value else { throw wrongKind(key, "an array", value) }
        return elements
    }

    func strings(_ key: String) throws(JSONError) -> [String]? {
        guard let elements = try array(key) else { return nil }
        var result: [String] = []
        for (index, element) in elements.enumerated() {
            guard case .string(let text) = element else {
                throw JSONError(path: "\(path(to: key))[\(index)]", "expected a string, this is \(element.kind)")
            }
            result.append(text)
        }
        return result
    }

    /// The members of the object at `key`, in their order.
    func members(_ key: String) throws(JSONError) -> [JSONObject.Member]? {
        guard let value = value(key) else { return nil }
        guard case .object(let object) = value else { throw wrongKind(key, "an object", value) }
        return object.members
    }

    func missing(_ key: String, _ meaning: String) -> JSONError {
        JSONError(path: path.isEmpty ? "" : path, "the key \"\(key)\" is missing: \(meaning)")
    }

    private func wrongKind(_ key: String, _ expected: String, _ value: JSONValue) -> JSONError {
        let forms = ["a string": "\"text\"", "a number": "0.5", "an array": "[ … ]", "an object": "{ … }"]
        return JSONError(
            path: path(to: key), "expected \(expected), this is \(value.kind)",
            remedy: forms[expected].map { "write it as \"\(key)\": \($0)" })
    }
}
