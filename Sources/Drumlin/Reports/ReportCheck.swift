/// What the checks of one constraint came to, and when.
struct ReportCheck: Sendable {
    let row: CheckRow
    /// Violations of each window that columns are shown by; empty where there are none.
    var counts: [Int64] = []

    func write(to writer: inout ReportWriter) {
        writer.object { writer in
            writer.member("constraint", row.constraint)
            writer.member("column", row.column)
            writer.member("event", row.event)
            writer.member("checked", row.checkedCount)
            writer.member("violations", row.violationCount)
            writer.member("first", row.firstAt?.microseconds.seconds)
            writer.member("last", row.lastAt?.microseconds.seconds)
            writer.member("example", row.example)
            writer.member("example_id", row.exampleID)
            writer.member("counts", counts)
        }
    }
}
