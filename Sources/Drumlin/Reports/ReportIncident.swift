internal import ColumnFormat

/// An alert from when it was entered until it was left.
struct ReportIncident: Sendable {
    let entered: AlertRow
    /// The window by which it was left; nil where it is on.
    var left: AlertRow?

    /// Incidents in the order in which they were entered.
    static func all(_ rows: [AlertRow]) -> [ReportIncident] {
        var result: [ReportIncident] = []
        var places: [String: Int] = [:]
        for row in rows {
            if row.state == "entered" {
                places[row.alert] = result.count
                result.append(ReportIncident(entered: row))
            } else if let place = places[row.alert] {
                result[place].left = row
            }
        }
        return result
    }

    func write(to writer: inout ReportWriter) {
        writer.object { writer in
            writer.member("rule", entered.rule)
            writer.member("kind", entered.kind)
            writer.member("subject", entered.subject)
            writer.member("window", entered.window)
            writer.member("start", entered.start.microseconds.seconds)
            writer.member("end", entered.end.microseconds.seconds)
            writer.member("left", left?.start.microseconds.seconds)
            writer.member("value", entered.value)
            writer.member("expected", entered.expected)
            writer.member("limit", entered.limit)
            writer.member("rows", entered.rowCount)
            writer.member("message", entered.message)
        }
    }
}
