import BenchmarkSupport
import ColumnStore
import Drumlin
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Calls of a `.buffered` store while it seals, compacts, and while syncs stall.
struct StalledSyncs {
    private let workload: StandardWorkload
    private let folder: String

    init(folder: String) throws {
        self.folder = folder
        workload = try StandardWorkload(folder: folder, limit: 400_000)
    }

    static func sleep(milliseconds: Int) { usleep(UInt32(milliseconds) * 1_000) }

    func add(to report: inout Report) throws {
        for (name, rate) in [("20k", 20_000), ("100k", 100_000)] {
            for (what, text, isBusy) in [
                ("bare", "bare loop that writes 350 bytes of fresh memory", false),
                ("bare_busy", "the same beside a thread that copies memory", true),
            ] {
                let values = Self.bare(rate: rate, isBusy: isBusy).microseconds(at: [0.5, 0.999, 1])
                report.add("\(what)_\(name)_p50", values[0], "µs, \(text), at \(name) a second, p50")
                report.add("\(what)_\(name)_p999", values[1], "  p99.9")
                report.add("\(what)_\(name)_max", values[2], "  longest")
            }
            let quiet = try run(rate: rate, delay: 0, memtable: 256 << 20)
            let busy = try run(rate: rate, delay: 0, memtable: 4 << 20, compacts: true)
            let stalled = try run(rate: rate, delay: 200, memtable: 8 << 20, compacts: true)
            for (what, text, run) in [
                ("quiet", "nothing else going on", quiet), ("busy", "during seals and compactions", busy),
                ("stalled", "during these, each sync of the log stalled by 200 ms", stalled),
            ] {
                let values = run.latencies.microseconds(at: [0.5, 0.999])
                report.add("\(what)_\(name)_p50", values[0], "µs a prediction at \(name) a second, \(text), p50")
                report.add("\(what)_\(name)_p999", values[1], "  p99.9")
                report.add("\(what)_\(name)_max", run.latencies.microseconds(at: [1])[0], "  longest")
                report.add("\(what)_\(name)_waited", Double(run.status.waitedCalls), "  calls that waited")
            }
        }
        // Full speed against a disk that is away for longer than memory lasts.
        for policy in BackPressure.allCases {
            let run = try run(
                rate: nil, delay: 2_000, memtable: 4 << 20, logMemory: 8 << 20, policy: policy, seconds: 3)
            let values = run.latencies.microseconds(at: [0.5, 0.999, 1])
            let text = "µs a call at full speed, syncs of 2 s, policy \(policy.rawValue)"
            report.add("full_\(policy.rawValue)_p50", values[0], "\(text), p50")
            report.add("full_\(policy.rawValue)_p999", values[1], "  p99.9")
            report.add("full_\(policy.rawValue)_max", values[2], "  longest")
            report.add("full_\(policy.rawValue)_stored", Double(run.stored), "  stored")
            report.add("full_\(policy.rawValue)_waited", Double(run.status.waitedCalls), "  waited")
            report.add("full_\(policy.rawValue)_refused", Double(run.status.refusedCalls), "  refused")
            report.add("full_\(policy.rawValue)_dropped", Double(run.status.droppedCalls), "  dropped")
            report.add(
                "full_\(policy.rawValue)_mib", Double(run.peak) / Double(1 << 20), "  MiB of rows and log in memory")
        }
    }

    /// What the machine itself does to a caller: as much fresh memory as an event takes, at the same pace.
    private static func bare(rate: Int, isBusy: Bool) -> Latencies {
        let isRunning = Atomic<Bool>(true)
        let other = ThreadExecutor(name: "copies")
        if isBusy {
            other.submit {
                var bytes = [UInt8](repeating: 1, count: 8 << 20)
                while isRunning.load(ordering: .acquiring) {
                    let copy = bytes
                    bytes[0] &+= copy[copy.count - 1]
                }
            }
        }
        var latencies = Latencies(capacity: 1 << 20)
        let count = 2 * rate
        let memory = UnsafeMutableRawPointer.allocate(byteCount: count * byteCount, alignment: 64)
        var due = Stopwatch.now()
        for number in 0..<count {
            due += 1_000_000_000 / UInt64(rate)
            while Stopwatch.now() < due {}
            let before = Stopwatch.now()
            unsafe (memory + number * byteCount).initializeMemory(as: UInt8.self, repeating: 7, count: byteCount)
            latencies.add(Stopwatch.now() - before)
            if Stopwatch.now() > due + 1_000_000 { due = Stopwatch.now() }
        }
        isRunning.store(false, ordering: .releasing)
        other.stop()
        unsafe memory.deallocate()
        return latencies
    }

    /// About what an event takes in the log's memory and in a memtable.
    private static let byteCount = 350

    private struct Run {
        var latencies = Latencies()
        var status: StoreStatus
        var stored = 0
        var peak = 0
    }

    private func run(
        rate: Int?, delay: Int, memtable: Int, logMemory: Int = 64 << 20, policy: BackPressure = .block,
        compacts: Bool = false, seconds: Double = 4
    ) throws -> Run {
        let scratch = try ScratchFolder()
        let disk = SlowFileSystem()
        var options = StoreOptions.replay
        options.environment.fileSystem = disk
        options.memtableByteCount = memtable
        options.logMemoryByteCount = logMemory
        options.backPressure = policy
        let store = try Store.open(scratch.path("stalled.drumlin"), options: options)
        let task = try StandardTask.register(in: store, folder: folder)
        try store.seal()
        disk.setDelay(milliseconds: delay)
        let upkeep = ThreadExecutor(name: "compaction")
        let isRunning = Atomic<Bool>(true)
        if compacts {
            upkeep.submit {
                while isRunning.load(ordering: .acquiring) {
                    _ = try? store.compact()
                    Self.sleep(milliseconds: 300)
                }
            }
        }
        var run = Run(latencies: Latencies(capacity: 1 << 20), status: store.status)
        let values = workload.values
        // As time passes at this rate: windows close as seldom as they would.
        let firstTime = workload.times[0].microseconds
        let step = 1_000_000 / Int64(rate ?? 1_000_000)
        let start = Stopwatch.now()
        var count = 0
        var due = start
        while Stopwatch.now() - start < UInt64(seconds * 1e9) {
            if let rate {
                due += 1_000_000_000 / UInt64(rate)
                while Stopwatch.now() < due {}
            }
            let row = count % workload.ids.count
            let id = count < workload.ids.count ? workload.ids[row] : "x\(count)"
            let before = Stopwatch.now()
            do throws(StoreError) {
                try task.logPrediction(
                    id: id, at: Timestamp(microseconds: firstTime + Int64(count) * step), score: workload.scores[row],
                    class: nil,
                    features: values.span.extracting(workload.featureRange(row)))
                run.stored += 1
            } catch {
                guard error.code == .overloaded else { throw error }
            }
            run.latencies.add(Stopwatch.now() - before)
            count += 1
            // Who was held up catches up, but is not late for ever.
            if rate != nil, Stopwatch.now() > due + 1_000_000 { due = Stopwatch.now() }
            if count % 4_096 == 0 {
                let status = store.status
                run.peak = max(run.peak, status.memoryByteCount + status.unwrittenByteCount)
            }
        }
        run.status = store.status
        run.stored -= run.status.droppedCalls
        isRunning.store(false, ordering: .releasing)
        disk.setDelay(milliseconds: 0)
        upkeep.stop()
        try store.close()
        return run
    }
}
