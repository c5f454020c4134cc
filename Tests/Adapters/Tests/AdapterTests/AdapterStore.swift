import Drumlin
import Foundation

/// A store in a folder of its own, gone with it, with a task that has some windows.
final class AdapterStore {
    let path = NSTemporaryDirectory() + "drumlin-adapter-\(UUID().uuidString)"
    let store: Store
    let task: MonitoredTask
    static let begin: Int64 = 1_588_291_200_000_000
    static let hour: Int64 = 3_600_000_000

    init() throws {
        var options = StoreOptions()
        options.arrival = .eventTime
        store = try Store.open(path, options: options)
        task = try store.task("t", schema: TaskSchema(kind: .binary(), features: ["x": .float64]))
        try task.registerMetric(.accuracy, windows: [.tumbling(.hours(1))])
        try task.registerAlerts([
            AlertRule(name: "low", .threshold(metric: "accuracy", low: 0.6, high: nil), over: .tumbling(.hours(1)))
        ])
    }

    deinit {
        try? store.close()
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Logs hours with labels of which `share` in ten are as predicted, and closes them.
    func log(hours: Range<Int>, right share: Int) throws {
        for hour in hours {
            for row in 0..<40 {
                let at = Timestamp(microseconds: Self.begin + Int64(hour) * Self.hour + Int64(row) * 60_000_000)
                try task.logPrediction(id: "\(hour)-\(row)", at: at, prediction: 0.75, features: [:])
                try task.logFeedback(id: "\(hour)-\(row)", at: at, label: row % 10 < share ? 1 : 0)
            }
        }
        try task.advance(to: Timestamp(microseconds: Self.begin + Int64(hours.upperBound + 2) * Self.hour))
        store.drainTriggers()
        _ = try task.alerts()
        store.drainTriggers()
    }
}
