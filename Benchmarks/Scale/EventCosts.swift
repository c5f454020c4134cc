import BenchmarkSupport
import Drumlin

/// What single events cost in process as their number grows: one store, one stream of events, samples on the way.
struct EventCosts {
    /// A sample of calls that began after `count` events.
    struct Sample {
        let count: Int
        var predictions = Latencies()
        var feedbacks = Latencies()
        var metrics = Latencies()
    }

    /// Calls in a sample, and requests for metrics after it.
    static let sampleCount = 50_000
    static let requestCount = 200

    private(set) var samples: [Sample] = []
    /// Every event of the run, at full speed between the samples: nanoseconds, and how many.
    private(set) var total = (nanoseconds: UInt64(0), count: 0)

    /// Logs the workload into a new store and samples after each of `counts` events, which must ascend.
    init(workload: StandardWorkload, folder: String, counts: [Int], isWatched: Bool) throws {
        let scratch = try ScratchFolder()
        let store = try Store.open(scratch.path("events.drumlin"), options: .replay)
        let task = try StandardTask.register(in: store, folder: folder, isWatched: isWatched)
        var arrivals = Arrivals(workload)
        for count in counts {
            let start = Stopwatch.now()
            let before = arrivals.count
            while arrivals.count < count, let arrival = arrivals.next() { try task.log(arrival, of: workload) }
            total.nanoseconds += Stopwatch.now() - start
            total.count += arrivals.count - before
            guard arrivals.count == count else {
                print("the workload has only \(arrivals.count) events, none are left to sample after \(count)")
                break
            }
            samples.append(try Self.sample(after: count, of: &arrivals, workload, task))
        }
        try store.close()
    }

    private static func sample(
        after count: Int, of arrivals: inout Arrivals, _ workload: StandardWorkload, _ task: MonitoredTask
    ) throws -> Sample {
        var sample = Sample(count: count)
        for _ in 0..<sampleCount {
            guard let arrival = arrivals.next() else { break }
            let duration = try Stopwatch.time { try task.log(arrival, of: workload) }
            switch arrival {
            case .prediction: sample.predictions.add(duration)
            case .label: sample.feedbacks.add(duration)
            }
        }
        var day = Timestamp(microseconds: 0)
        for _ in 0..<requestCount {
            guard let arrival = arrivals.next() else { break }
            try task.log(arrival, of: workload)
            if case .prediction(let row) = arrival {
                let microseconds = workload.times[row].microseconds
                day = Timestamp(microseconds: microseconds - microseconds % TimeSpan.days(1).microseconds)
            }
            let end = Timestamp(microseconds: day.microseconds + TimeSpan.days(1).microseconds)
            var rows: [MetricRow] = []
            let duration = try Stopwatch.time {
                rows = try task.metrics(.accuracy, window: .tumbling(.days(1)), from: day, to: end)
            }
            guard day.microseconds > 0 else { continue }
            precondition(rows.count == 1, "\(rows.count) rows for one window")
            sample.metrics.add(duration)
        }
        return sample
    }
}
