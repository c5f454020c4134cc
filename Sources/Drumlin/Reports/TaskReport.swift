internal import ColumnFormat

/// What a report says of one task.
struct TaskReport: Sendable {
    let name: String
    let schema: TaskSchema
    let status: TaskStatus
    /// The times of the first and the last prediction.
    var times: ClosedRange<Int64>?
    /// Rows of the newest reference, and its role.
    var referenceCount = 0
    var referenceRole: ReferenceRole?
    var series: [ReportSeries] = []
    var incidents: [ReportIncident] = []
    /// Whether the alerts are those of registered rules; if not, they were judged for the report by the standard ones.
    var areAlertsRegistered = false
    var columns: ReportColumns?
    var buckets: ReportBuckets?
    var checks: [ReportCheck] = []
    var findings: [ReportFinding] = []
    /// What went wrong in the background, and parts of the report that could not be made.
    var failures: [String] = []

    func write(to writer: inout ReportWriter) {
        writer.object { writer in
            writer.member("name", name)
            writer.member("kind", schema.kind.name)
            if case .multiclass(let classes, _) = schema.kind { writer.member("classes", classes) }
            if case .binary(let threshold) = schema.kind { writer.member("threshold", threshold) }
            writer.member("estimator", schema.resolvedEstimator.rawValue)
            writer.member("features", schema.features.count)
            writer.member("versions", status.modelVersions)
            writer.member("reference_rows", referenceCount)
            writer.member("reference_role", referenceRole?.rawValue)
            writer.member("from", times?.lowerBound.seconds)
            writer.member("to", times?.upperBound.seconds)
            writer.member("clock", status.clock?.microseconds.seconds)
            writer.member("failures", failures)
            writer.member("counts") { counts(to: &$0) }
            writer.member("findings") { $0.array(findings) { $1.write(to: &$0) } }
            writer.member("series") { $0.array(series) { $1.write(to: &$0) } }
            writer.member("alerts_registered", areAlertsRegistered)
            writer.member("alerts") { $0.array(incidents) { $1.write(to: &$0) } }
            if let columns { writer.member("columns") { columns.write(to: &$0) } }
            if let buckets { writer.member("buckets") { buckets.write(to: &$0) } }
            writer.member("checks") { $0.array(checks) { $1.write(to: &$0) } }
        }
    }

    private func counts(to writer: inout ReportWriter) {
        writer.object { writer in
            for (name, count) in [
                ("predictions", status.predictions), ("labels", status.labels), ("pending", status.pendingLabels),
                ("corrections", status.corrections), ("withdrawals", status.withdrawals),
                ("expired", status.expiredLabels), ("dropped", status.droppedPredictions + status.droppedFeedback),
                ("refused", status.refusedPredictions + status.refusedFeedback), ("late", status.latePredictions),
            ] { writer.member(name, count) }
        }
    }
}
