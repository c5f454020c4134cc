import ColumnFormat
import ColumnStore
import Drumlin
import TestSupport

/// What a replay leaves that nobody kills, and how long it takes.
struct UndisturbedReplay {
    let seconds: Double
    let metrics: [MetricRow]
    let published: [[String: Value]]

    init(_ workload: KillWorkload) throws {
        let files = try KillFiles(workload)
        let path = files.path("undisturbed.drumlin")
        let start = ContinuousClock.now
        try files.startReplay(into: path).finish()
        seconds = start.duration(to: .now) / .seconds(1)
        let store = try Store.openReadOnly(path)
        let recovered = try RecoveredTask(store, workload)
        guard recovered.eventCount == workload.stored.count else {
            throw Violation("\(recovered.eventCount) events of \(workload.stored.count) without any kill")
        }
        try recovered.checkMetrics()
        metrics = recovered.metrics
        published = try Self.published(store)
        guard !published.isEmpty else { throw Violation("nothing was published") }
    }

    /// The published metrics, without the number of the event that led to each: a continued log has others.
    static func published(_ store: Store) throws -> [[String: Value]] {
        try store.table("tips/metrics").allRows().map { row in row.filter { $0.key != "_source" } }
    }
}
