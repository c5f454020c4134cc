import BenchmarkSupport
import ColumnStore
import Drumlin
import Foundation

/// A day of simulated time with retention on: disk and memory, hour by hour.
struct LongRun {
    private let workload: StandardWorkload
    private let folder: String
    /// Events a simulated second; every second one is a label.
    private let rate: Int
    private static let hours = 24
    private static let kept = TimeSpan.hours(2)
    private static let delaySeconds = 600

    init(folder: String, rate: Int) throws {
        self.folder = folder
        self.rate = rate
        workload = try StandardWorkload(folder: folder, limit: 100_000)
    }

    private struct Hour {
        var disk = 0
        var memory = 0
    }

    func add(to report: inout Report) throws {
        let scratch = try ScratchFolder()
        let path = scratch.path("day.drumlin")
        let store = try Store.open(path, options: .replay)
        let task = try StandardTask.register(in: store, folder: folder)
        try store.setRetention(Retention(age: Self.kept), for: "tips/predictions")
        var hours: [Hour] = []
        let start = Stopwatch.now()
        let startTime: Int64 = 1_700_000_000_000_000
        let predictionsASecond = rate / 2
        let delay = Self.delaySeconds * predictionsASecond
        let values = workload.values
        var number = 0
        for hour in 0..<Self.hours {
            for _ in 0..<3_600 * predictionsASecond {
                let row = number % workload.ids.count
                let at = Timestamp(
                    microseconds: startTime + Int64(number) * 1_000_000 / Int64(predictionsASecond))
                try task.logPrediction(
                    id: "event-\(number)", at: at, score: workload.scores[row], class: nil,
                    features: values.span.extracting(workload.featureRange(row)))
                if number >= delay {
                    try task.logFeedback(id: "event-\(number - delay)", at: at, label: .number(Double(number & 1)))
                }
                number += 1
            }
            let use = Hour(
                disk: Self.usedByteCount(path), memory: try MemoryUse.anonymousBytes() ?? 0)
            hours.append(use)
            print("    hour \(hour + 1): \(use.disk >> 20) MiB of disk, \(use.memory >> 20) of memory")
        }
        let seconds = Double(Stopwatch.now() - start) / 1e9
        let status = store.status
        try store.close()
        report.add("day_events", Double(2 * number - delay), "events of a day at \(rate) a second")
        report.add("day_rate", Double(2 * number - delay) / seconds, "  logged a second of real time")
        let mebi = Double(1 << 20)
        for (name, text, value) in [("disk", "MiB of disk", \Hour.disk), ("memory", "MiB of memory", \Hour.memory)] {
            // The first hours fill what is kept.
            for (part, range) in [("early", 4..<14), ("late", 14..<24)] {
                let values = hours[range].map { Double($0[keyPath: value]) / mebi }
                report.add("day_\(name)_\(part)", values.reduce(0, +) / 10, "\(text), mean of hours \(range)")
                report.add("day_\(name)_\(part)_max", values.max() ?? 0, "  most")
            }
        }
        report.add("day_segments", Double(status.segments), "segments at the end")
    }
}

extension LongRun {
    /// The bytes of all files below a folder.
    private static func usedByteCount(_ path: String) -> Int {
        var sum = 0
        guard let files = FileManager.default.enumerator(atPath: path) else { return 0 }
        while files.nextObject() != nil {
            // A file may go meanwhile.
            sum += (files.fileAttributes?[.size] as? Int) ?? 0
        }
        return sum
    }
}
