import ArgumentParser
import CommandSupport
import Drumlin

/// Arguments that several commands have, read with errors that say what would do.
enum CommandArgument {
    /// A point in time: ISO 8601 or microseconds since 1970.
    static func time(_ text: String) throws -> Timestamp {
        let microseconds = unsafe Array(text.utf8).withUnsafeBytes { unsafe TimestampParser.microseconds($0) }
        guard let microseconds else {
            throw ValidationError(
                "\"\(PrintableText.excerpt(text))\" is not a time: write ISO 8601 (2020-04-08, 2020-04-08T13:05Z) or microseconds since 1970"
            )
        }
        return Timestamp(microseconds: microseconds)
    }

    /// A window as `task.json` writes it.
    static func window(_ text: String) throws -> Window {
        guard let window = Window(text) else {
            throw ValidationError(
                "\"\(PrintableText.excerpt(text))\" is no window: \(TaskSpecification.windowForms)")
        }
        return window
    }

    /// `buffered`, `written` or `durable`.
    static func durability(_ text: String) throws -> Durability {
        try named(text, "durability", Durability.allCases) { $0.rawValue }
    }

    /// `heldOut` or `training`.
    static func referenceRole(_ text: String) throws -> ReferenceRole {
        try named(text, "role", ReferenceRole.allCases) { $0.rawValue }
    }

    /// A statistic of drift by its short name.
    static func statistic(_ text: String) throws -> DriftStatistic {
        try named(text, "statistic", DriftStatistic.allCases) { $0.rawValue }
    }

    /// `adwin` or `page_hinkley`.
    static func lossTest(_ text: String) throws -> LossTest {
        try named(text, "test of losses", LossTest.allCases) { $0.rawValue }
    }

    private static func named<T>(_ text: String, _ what: String, _ all: [T], _ name: (T) -> String) throws -> T {
        if let match = all.first(where: { name($0) == text }) { return match }
        let names = all.map(name).joined(separator: ", ")
        throw ValidationError("\"\(PrintableText.excerpt(text))\" is no \(what): \(names)")
    }
}

extension OutputFormat: ExpressibleByArgument {}
