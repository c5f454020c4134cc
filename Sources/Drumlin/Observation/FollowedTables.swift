internal import ColumnFormat
internal import ColumnStore

/// What is asked of a task's tables again and again: which alerts are on, and what was last published of closures. Kept
/// between questions, so that each reads only the rows that came since.
struct FollowedTables: Sendable {
    /// A metric over windows of one kind.
    struct Series: Hashable, Sendable {
        let metric: String
        let window: String
    }

    /// By ``AlertRow/alert``.
    private(set) var openAlerts: [String: AlertRow] = [:]
    /// How many alerts were entered, by rule.
    private(set) var enteredCounts: [String: Int] = [:]
    /// The newest publication of each of the newest windows, in the order of their starts.
    private(set) var published: [Series: [MetricRow]] = [:]
    private var nextAlert: UInt64 = 0
    private var nextPublication: UInt64 = 0
    private var closures: [String] = []
    private var generation = 0

    /// How many windows of a series are remembered.
    private static let windowLimit = 64

    /// Reads what came since the last time; all of it where the task was cleared, or another closure was registered.
    mutating func read(
        _ alerts: TableSnapshot?, _ metrics: TableSnapshot, closures: [String], generation: Int, task: String
    ) throws(StoreError) {
        if generation != self.generation || alerts?.endRow ?? 0 < nextAlert || metrics.endRow < nextPublication
            || closures != self.closures
        {
            self = FollowedTables()
            self.generation = generation
            self.closures = closures
        }
        if let alerts, alerts.endRow > nextAlert {
            let scan = try alerts.scan(from: nextAlert)
            while let batch = try scan.next() {
                for place in 0..<batch.rowCount { take(AlertTable.row(batch, place, task: task)) }
            }
            nextAlert = alerts.endRow
        }
        guard !closures.isEmpty, metrics.endRow > nextPublication else { return }
        let scan = try metrics.scan(where: .in("metric", closures.map { .string($0) }), from: nextPublication)
        while let batch = try scan.next() {
            for place in 0..<batch.rowCount { take(MetricTable.row(batch, place, task: task)) }
        }
        nextPublication = metrics.endRow
    }

    private mutating func take(_ alert: AlertRow) {
        if alert.state == "entered" {
            openAlerts[alert.alert] = alert
            enteredCounts[alert.rule, default: 0] += 1
        } else {
            openAlerts[alert.alert] = nil
        }
    }

    private mutating func take(_ row: MetricRow) {
        guard row.segment == nil else { return }
        let key = Series(metric: row.metric, window: row.window)
        var rows = published[key] ?? []
        // There is one trailing window, which moves.
        if row.window.hasPrefix("trailing:") { rows = [] }
        let start = row.start?.microseconds ?? .min
        let place = rows.firstIndex { $0.start?.microseconds ?? .min >= start } ?? rows.count
        if place < rows.count, rows[place].start == row.start {
            rows[place] = row
        } else {
            rows.insert(row, at: place)
            if rows.count > Self.windowLimit { rows.removeFirst() }
        }
        published[key] = rows
    }
}
