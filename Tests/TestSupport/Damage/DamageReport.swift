/// What became of many damages, by the kind of file.
package struct DamageReport: Sendable {
    package struct Counts: Sendable {
        package var tried = 0
        package var detected = 0
        /// Of those, where the data read right all the same.
        package var readsRight = 0
        package var withoutOffset = 0
        package var harmless = 0
    }

    package private(set) var counts: [String: Counts] = [:]
    package private(set) var violations: [String] = []
    /// The first places of those that nobody finds and that do no harm.
    package private(set) var harmlessPlaces: [String] = []

    package init() {}

    package var total: Counts {
        counts.values.reduce(into: Counts()) { sum, part in
            sum.tried += part.tried
            sum.detected += part.detected
            sum.readsRight += part.readsRight
            sum.withoutOffset += part.withoutOffset
            sum.harmless += part.harmless
        }
    }

    package mutating func add(_ outcome: DamageTrial.Outcome, _ damage: FileDamage, file: String) {
        let kind = Self.kind(of: file)
        counts[kind, default: Counts()].tried += 1
        switch outcome {
        case .detected(let readsRight, let namesOffset):
            counts[kind]?.detected += 1
            if readsRight { counts[kind]?.readsRight += 1 }
            if !namesOffset { counts[kind]?.withoutOffset += 1 }
        case .harmless:
            counts[kind]?.harmless += 1
            if harmlessPlaces.count < 20 { harmlessPlaces.append("\(file): \(damage)") }
        case .violation(let text):
            if violations.count < 20 { violations.append(text) }
        }
    }

    package mutating func add(_ other: DamageReport) {
        for (kind, part) in other.counts {
            counts[kind, default: Counts()].tried += part.tried
            counts[kind]?.detected += part.detected
            counts[kind]?.readsRight += part.readsRight
            counts[kind]?.withoutOffset += part.withoutOffset
            counts[kind]?.harmless += part.harmless
        }
        violations = Array((violations + other.violations).prefix(20))
        harmlessPlaces = Array((harmlessPlaces + other.harmlessPlaces).prefix(20))
    }

    private static func kind(of file: String) -> String {
        let name = file.split(separator: "/").last.map(String.init) ?? file
        for prefix in ["CURRENT", "MANIFEST", "log"] where name.hasPrefix(prefix) { return prefix }
        return String(name.split(separator: ".").last ?? "")
    }
}
