import BenchmarkSupport
import ColumnStore
import Drumlin
import Synchronization

/// Threads that log predictions, each of which is on the disk before the next, beside a bare loop of write and fdatasync.
struct GroupCommits {
    private let workload: StandardWorkload
    private static let seconds = 3.0

    init(folder: String) throws { workload = try StandardWorkload(folder: folder, limit: 10_000) }

    private struct Run {
        var eventRate = 0.0
        var syncRate = 0.0
        var latencies = Latencies()
    }

    func add(to report: inout Report) throws {
        // Before and after, since the disk has phases.
        let first = try Self.bareRate(byteCount: 4_096)
        let one = try run(threads: 1)
        let reference = try BareGroup.rates(threads: 64, seconds: 2)
        let many = try run(threads: 64)
        let tasks = try runTasks(count: 1_000)
        let second = try Self.bareRate(byteCount: 4_096)
        let groupBytes = 16 << 10
        let bareGroup = try Self.bareRate(byteCount: groupBytes)
        let bare = (first + second) / 2
        report.add("fdatasync_4k", bare, "bare write of 4 KiB and fdatasync into a written file, a second")
        report.add("fdatasync_16k", bareGroup, "the same of 16 KiB, about a group of 64 events")
        report.add("durable_1", one.eventRate, "durable predictions of 1 thread, a second")
        report.add("durable_1_share", one.eventRate / bare, "  of the bare loop")
        report.add("durable_64", many.eventRate, "durable predictions of 64 threads, a second")
        report.add("durable_64_syncs", many.syncRate, "  syncs a second")
        report.add("durable_64_sync_share", many.syncRate / bareGroup, "  of the bare loop")
        report.add("durable_64_group", many.eventRate / max(1, many.syncRate), "  events a sync")
        report.add("durable_64_share", many.eventRate / (64 * bareGroup), "  of 64 events a bare sync")
        report.add("bare_group_64", reference.events, "bare group of 64 threads that do nothing else, events a second")
        report.add("bare_group_64_syncs", reference.syncs, "  syncs a second")
        report.add("durable_64_of_bare_group", many.eventRate / reference.events, "  share of it that the store has")
        for (name, share) in [("p50", 0.5), ("p99", 0.99)] {
            report.add(
                "durable_64_\(name)", many.latencies.microseconds(at: [share]).first ?? .nan, "  µs a call, \(name)")
        }
        report.add("durable_tasks", tasks.eventRate, "durable predictions of 1,000 tasks without threads, a second")
        report.add("durable_tasks_syncs", tasks.syncRate, "  syncs a second")
    }

    /// Writes and syncs a second, in a file of zeros that is written over.
    private static func bareRate(byteCount: Int) throws -> Double {
        let scratch = try ScratchFolder()
        let fileByteCount = 32 << 20
        let file = try PosixFileSystem().open(scratch.path("synced"), .createNew)
        defer { file.close() }
        try file.write([UInt8](repeating: 0, count: fileByteCount), at: 0)
        try file.sync()
        let bytes = [UInt8](repeating: 7, count: byteCount)
        let start = Stopwatch.now()
        var count = 0
        var offset = 0
        while Stopwatch.now() - start < 1_500_000_000 {
            try file.write(bytes, at: offset)
            try file.sync()
            offset = (offset + byteCount) % (fileByteCount - byteCount)
            count += 1
        }
        return Double(count) / (Double(Stopwatch.now() - start) / 1e9)
    }

    private func open(_ scratch: ScratchFolder, _ disk: SlowFileSystem) throws -> (store: Store, task: MonitoredTask) {
        var options = StoreOptions.replay
        options.durability = .durable
        options.environment.fileSystem = disk
        let store = try Store.open(scratch.path("durable.drumlin"), options: options)
        return (store, try store.task("tips", schema: StandardTask.schema(features: workload.features)))
    }

    private func log(_ number: Int, _ id: String, to task: MonitoredTask) throws {
        let row = number % workload.ids.count
        let values = workload.values
        try task.logPrediction(
            id: id, at: workload.times[row], score: workload.scores[row], class: nil,
            features: values.span.extracting(workload.featureRange(row)))
    }

    private func run(threads: Int) throws -> Run {
        let scratch = try ScratchFolder()
        let disk = SlowFileSystem()
        let (store, task) = try open(scratch, disk)
        // Until the first log is written and another one recycled.
        let warmUp = PredictionFiller(task, workload)
        try warmUp.log(200_000)
        try store.seal()
        try warmUp.log(200_000)
        try store.seal()
        let count = Atomic<Int>(0)
        let all = Mutex(Latencies())
        let callers = (0..<threads).map { ThreadExecutor(name: "caller-\($0)") }
        let syncs = disk.syncCount
        let start = Stopwatch.now()
        for (number, caller) in callers.enumerated() {
            caller.submit {
                var latencies = Latencies(capacity: 1 << 16)
                var step = 0
                while Stopwatch.now() - start < UInt64(Self.seconds * 1e9) {
                    let id = "t\(number)-\(step)"
                    let duration = Stopwatch.time {
                        do { try self.log(step, id, to: task) } catch { preconditionFailure("\(error)") }
                    }
                    latencies.add(duration)
                    step += 1
                }
                count.add(step, ordering: .relaxed)
                all.withLock { $0.add(latencies) }
            }
        }
        for caller in callers { caller.stop() }
        let seconds = Double(Stopwatch.now() - start) / 1e9
        let run = Run(
            eventRate: Double(count.load(ordering: .relaxed)) / seconds,
            syncRate: Double(disk.syncCount - syncs) / seconds, latencies: all.withLock { $0 })
        try store.close()
        return run
    }

    private func runTasks(count: Int) throws -> Run {
        let scratch = try ScratchFolder()
        let disk = SlowFileSystem()
        let (store, task) = try open(scratch, disk)
        let progress = TaskProgress(count)
        let syncs = disk.syncCount
        let start = Stopwatch.now()
        let at = workload.times[0]
        for number in 0..<count {
            _Concurrency.Task.detached {
                var step = 0
                while Stopwatch.now() - start < UInt64(Self.seconds * 1e9) {
                    do {
                        try await task.logPrediction(
                            id: "t\(number)-\(step)", at: at, prediction: 0.5, features: [:])
                    } catch { preconditionFailure("\(error)") }
                    step += 1
                }
                progress.finished.add(step, ordering: .relaxed)
                progress.active.subtract(1, ordering: .releasing)
            }
        }
        while progress.active.load(ordering: .acquiring) > 0 { StalledSyncs.sleep(milliseconds: 5) }
        let seconds = Double(Stopwatch.now() - start) / 1e9
        let run = Run(
            eventRate: Double(progress.finished.load(ordering: .relaxed)) / seconds,
            syncRate: Double(disk.syncCount - syncs) / seconds)
        try store.close()
        return run
    }
}

/// How far tasks have come.
private final class TaskProgress: Sendable {
    let finished = Atomic<Int>(0)
    let active: Atomic<Int>

    init(_ count: Int) { active = Atomic(count) }
}

/// Fills a store in large calls.
final class PredictionFiller {
    private let task: MonitoredTask
    private let workload: StandardWorkload
    private var next = 0

    init(_ task: MonitoredTask, _ workload: StandardWorkload) {
        self.task = task
        self.workload = workload
    }

    func log(_ count: Int) throws {
        let batch = task.makePredictionBatch()
        let end = next + count
        let values = workload.values
        while next < end {
            let row = next % workload.ids.count
            try batch.append(
                id: "w\(next)", at: workload.times[row], score: workload.scores[row],
                features: values.span.extracting(workload.featureRange(row)))
            next += 1
            if batch.count == 1_000 || next == end {
                try task.logPredictions(batch)
                batch.removeAll()
            }
        }
    }
}
