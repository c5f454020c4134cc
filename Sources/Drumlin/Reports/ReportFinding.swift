internal import ColumnFormat

/// A sentence that somebody who has never seen the task should read first.
struct ReportFinding: Sendable {
    enum Kind: String, Sendable { case alert, disagreement, moved, violations }

    let kind: Kind
    /// When it began, µs.
    let at: Int64
    /// What it is about: a column or a metric; nil for the number of predictions.
    let subject: String?
    let title: String
    let text: String

    func write(to writer: inout ReportWriter) {
        writer.object { writer in
            writer.member("kind", kind.rawValue)
            writer.member("at", at.seconds)
            writer.member("subject", subject)
            writer.member("title", title)
            writer.member("text", text)
        }
    }
}
