/// What a rule judges by itself: a column by one measure, a metric, a constraint.
struct IncidentKey: Hashable, Sendable, Comparable {
    let rule: String
    let kind: String
    let subject: String

    static func < (left: IncidentKey, right: IncidentKey) -> Bool {
        (left.rule, left.kind, left.subject) < (right.rule, right.kind, right.subject)
    }
}
