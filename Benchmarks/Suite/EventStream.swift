import BenchmarkSupport
import Drumlin

/// Events of the standard workload, one after the other, into a store that begins anew where the workload ends.
final class EventStream {
    /// Which of the workload's events are handed out.
    enum Kind {
        /// Predictions alone.
        case predictions
        /// Labels alone; all predictions are there before the first.
        case labels
        /// Both, as they arrive.
        case both
    }

    private let kind: Kind
    private let folder: String
    private let workload: StandardWorkload
    private var scratch: ScratchFolder
    private var arrivals: Arrivals
    private var row = 0
    private(set) var store: Store
    private(set) var task: MonitoredTask

    init(_ kind: Kind) throws {
        self.kind = kind
        folder = try workloadFolder()
        workload = try StandardWorkload(folder: folder)
        arrivals = Arrivals(workload)
        scratch = try ScratchFolder()
        store = try Store.open(scratch.path("events.drumlin"), options: .replay)
        task = try StandardTask.register(in: store, folder: folder)
        try logWhatComesFirst()
    }

    /// A new store with the task, and the first event next.
    func beginAnew() throws {
        try store.close()
        scratch = try ScratchFolder()
        store = try Store.open(scratch.path("events.drumlin"), options: .replay)
        task = try StandardTask.register(in: store, folder: folder)
        arrivals = Arrivals(workload)
        row = 0
        try logWhatComesFirst()
    }

    /// Sees to it that `count` events are left, outside of what is measured.
    func prepare(count: Int) throws {
        let left =
            switch kind {
            case .predictions: workload.ids.count - row
            case .labels: workload.labelIDs.count - row
            case .both: workload.ids.count + workload.labelIDs.count - arrivals.count
            }
        if left < count { try beginAnew() }
    }

    /// Logs the next event; the day of its time.
    @discardableResult
    func logNext() throws -> Range<Timestamp> {
        let arrival: Arrival
        switch kind {
        case .predictions:
            arrival = .prediction(row)
            row += 1
        case .labels:
            arrival = .label(row)
            row += 1
        case .both:
            guard let next = arrivals.next() else { throw SuiteError(description: "the workload is used up") }
            arrival = next
        }
        try task.log(arrival, of: workload)
        // The newest prediction's day has a window with rows in it, whichever kind the event is.
        if case .prediction(let row) = arrival { newest = workload.times[row] }
        let day = TimeSpan.days(1).microseconds
        let start = newest.microseconds - newest.microseconds % day
        return Timestamp(microseconds: start)..<Timestamp(microseconds: start + day)
    }

    private var newest = Timestamp(microseconds: 0)

    private func logWhatComesFirst() throws {
        guard kind == .labels else { return }
        for row in workload.ids.indices { try task.log(.prediction(row), of: workload) }
    }
}
