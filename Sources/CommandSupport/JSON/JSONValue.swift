/// A JSON document in memory. Objects keep the order of their members, because in `task.json` it is the order of features.
package enum JSONValue: Sendable, Hashable {
    case null
    case bool(Bool)
    /// A number without point and exponent that fits.
    case integer(Int64)
    /// A number without point and exponent beyond Int64 that fits.
    case unsigned(UInt64)
    /// Any other number; always finite.
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)

    /// What the value is, with its article, for messages: `a string`.
    package var kind: String {
        switch self {
        case .null: "null"
        case .bool: "a truth value"
        case .integer, .unsigned, .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }

    /// The value as a real number, rounded where an integer has more than 53 bits; nil where it is no number.
    package var doubleValue: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .unsigned(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }
}

/// The members of a JSON object in the order of the text. Names are unique.
package struct JSONObject: Sendable, Hashable {
    package struct Member: Sendable, Hashable {
        package let name: String
        package let value: JSONValue

        package init(name: String, value: JSONValue) {
            self.name = name
            self.value = value
        }
    }

    package let members: [Member]

    package init(members: [Member]) { self.members = members }

    /// The member `name`; nil where there is none. O(members).
    package subscript(name: String) -> JSONValue? { members.first { $0.name == name }?.value }
}
