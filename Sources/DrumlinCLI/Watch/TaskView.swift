import CommandSupport
import Drumlin

/// What `drumlin watch` shows of one task.
struct TaskView {
    var name: String
    /// All tasks of the store.
    var names: [String]
    var status: TaskStatus
    var allowedLateness: TimeSpan
    /// The time of the newest prediction.
    var newest: Timestamp?
    /// A line for each metric and kind of window.
    var series: [Series] = []
    var openAlerts: [AlertRow] = []
    var ruleCount = 0
    /// What is not well with events and the store, in words.
    var troubles: [String] = []
    /// How long it took to find all of it out, in seconds.
    var cost = 0.0

    /// A metric over its newest windows of one kind.
    struct Series {
        let metric: String
        let window: String
        /// In the order of their starts, open ones last.
        let rows: [MetricRow]

        /// The newest window that has closed, or the one there is.
        var settled: MetricRow? { rows.last { $0.status != "open" } ?? (isMoving ? rows.last : nil) }
        /// The newest one that has not.
        var open: MetricRow? { isMoving ? nil : rows.last { $0.status == "open" } }
        private var isMoving: Bool { rows.last?.start == nil || window.hasPrefix("trailing:") }
    }

    /// - Parameters:
    ///   - task: its name; the first one where nil, or where there is none of that name any more.
    ///   - count: how many windows of each kind.
    /// - Returns: Nil where the store has no task.
    static func read(_ path: String, task wanted: String?, windows count: Int) throws -> TaskView? {
        let start = ContinuousClock.now
        let store = try Store.openReadOnly(path)
        let names = store.taskNames
        guard let name = names.first(where: { $0 == wanted }) ?? names.first else { return nil }
        let task = try store.task(name)
        var view = TaskView(
            name: name, names: names, status: task.status, allowedLateness: task.schema.allowedLateness)
        let latest = try store.table("\(name)/predictions").aggregate(.max("_at"))
        if case .timestamp(let time) = latest[.max("_at")] { view.newest = time }
        var places: [[String]: Int] = [:]
        var rows: [[MetricRow]] = []
        for row in try task.latestMetrics(count) {
            let key = [row.metric, row.window]
            let place = places[key] ?? rows.count
            if place == rows.count {
                rows.append([])
                places[key] = place
            }
            rows[place].append(row)
        }
        view.series = rows.map { Series(metric: $0[0].metric, window: $0[0].window, rows: $0) }
        view.openAlerts = try task.openAlerts()
        view.ruleCount = task.alertRules.count
        view.troubles = troubles(store.status, store.maintenanceStatus, view.status)
        view.cost = start.duration(to: .now).inSeconds
        return view
    }

    private static func troubles(
        _ store: StoreStatus, _ maintenance: MaintenanceStatus, _ task: TaskStatus
    ) -> [String] {
        var words: [String] = []
        func say(_ count: Int, _ what: String) { if count > 0 { words.append("\(Units.count(count)) \(what)") } }
        say(store.droppedEvents, "events dropped")
        say(store.refusedCalls, "calls refused")
        say(task.refusedPredictions + task.refusedFeedback, "events refused by a limit")
        say(task.latePredictions, "late")
        if let failure = maintenance.failure { words.append("maintenance: \(failure.message)") }
        return words
    }
}
