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

    /// A length of time: `90s`, `1h`, `30d`.
    static func span(_ text: String) throws -> TimeSpan {
        guard case .tumbling(let size, let offset)? = Window(text), offset == 0 else {
            throw ValidationError(
                "\"\(PrintableText.excerpt(text))\" is no length of time: write it as 60s, 5m, 1h or 30d")
        }
        return size
    }

    /// A metric and its windows: `f1`, `f1@1d`, `f1@1d,7d/1d`.
    static func metric(_ text: String) throws -> (metric: Metric, windows: [Window]) {
        let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        guard let metric = Metric(String(parts[0])) else {
            throw ValidationError(
                "\"\(PrintableText.excerpt(String(parts[0])))\" is no metric: \(Metric.names(for: nil).joined(separator: ", "))"
            )
        }
        guard parts.count == 2 else { return (metric, []) }
        return (metric, try parts[1].split(separator: ",").map { try window(String($0)) })
    }

    /// Buckets: `scoreQuantiles:20`, `gaussianMixture:10`, `lossTree:64`, `category:FEATURE`, `grid:FEATURE,FEATURE:4`.
    static func bucketing(_ text: String) throws -> Bucketing {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { String($0) }
        func count(_ place: Int, otherwise: Int, limit: Int) throws -> Int {
            guard place < parts.count else { return otherwise }
            guard place == parts.count - 1, let number = Int(parts[place]), (1...limit).contains(number) else {
                throw ValidationError(
                    "\"\(PrintableText.excerpt(text))\" is no bucketing: a number of 1 to \(limit) stands at its end")
            }
            return number
        }
        switch parts[0] {
        case "scoreQuantiles": return .scoreQuantiles(try count(1, otherwise: 20, limit: 10_000))
        case "gaussianMixture": return .gaussianMixture(components: try count(1, otherwise: 10, limit: 1_000))
        case "lossTree": return .lossTree(leaves: try count(1, otherwise: 64, limit: 255))
        case "category" where parts.count > 1: return .category(String(text.dropFirst("category:".count)))
        case "grid" where parts.count > 1:
            return .grid(
                parts[1].split(separator: ",").map { String($0) }, quantiles: try count(2, otherwise: 4, limit: 10_000))
        default:
            throw ValidationError(
                "\"\(PrintableText.excerpt(text))\" is no bucketing: write scoreQuantiles:20, gaussianMixture:10, "
                    + "lossTree:64, category:FEATURE or grid:FEATURE,FEATURE:4")
        }
    }

    /// An estimator by its name.
    static func estimator(_ text: String) throws -> Estimator {
        try named(text, "estimator", Estimator.allCases) { $0.rawValue }
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
