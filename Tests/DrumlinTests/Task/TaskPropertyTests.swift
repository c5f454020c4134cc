import Drumlin
import Foundation
import TestSupport
import Testing

/// Random event sets: what is kept as events come equals what is computed from all of them (monitoring.md §2.2).
@Suite("Tasks against brute force")
struct TaskPropertyTests {
    static let windows: [Window] = [
        .tumbling(.days(1)), .sliding(.days(3), every: .days(1), offset: .hours(12)), .trailing(.days(1)), .cumulative,
    ]

    static func metrics(_ kind: TaskKind) -> [Metric] {
        switch kind {
        case .binary: [.accuracy, .f1, .rocAUC, .logLoss, .brier, .precision, .recall]
        case .multiclass: [.f1Macro, .accuracy, .logLoss]
        case .regression: [.mae, .rmse, .mse]
        }
    }

    /// `DRUMLIN_SOAK_SEEDS=1000` tries that many.
    static let seedCount = ProcessInfo.processInfo.environment["DRUMLIN_SOAK_SEEDS"].flatMap { Int($0) } ?? 6

    @Test("Incremental equals brute force, whatever the order and whatever happens between", arguments: 0..<seedCount)
    func randomEventSets(seed: Int) throws {
        let kind = TaskEvents.kinds[seed % 3]
        var random = TaskEvents(kind, seed: UInt64(seed))
        let events = random.sequence(count: 50, epochs: seed % 4 == 0 ? 0 : 1 + seed % 2)
        // Every other time rows have chances of their own, which follow from what is stored of them.
        let harness = try TaskHarness(
            TaskEvents.schema(kind, estimator: seed % 2 == 1 && kind != .regression ? .cbpe : nil),
            memtableByteCount: [6_000, 1_500, 1 << 20][(seed + seed / 3) % 3],
            seed: UInt64(seed))
        let metrics = Self.metrics(kind)
        try harness.register(metrics[0], Self.windows)
        if seed % 3 != 2 { try harness.register(Segmentation(["place"])) }
        for (number, event) in events.enumerated() {
            try harness.log(event)
            if number == events.count / 3 {
                try harness.register(metrics[1], [.tumbling(.hours(8)), .cumulative])
                try harness.register(Segmentation(["place", "n"], limit: 4))
                try harness.checkAgainstModel("seed \(seed), after a late registration")
            }
            if number == events.count * 2 / 3, metrics.count > 2 { try harness.register(metrics[2], Self.windows) }
            if random.chance(0.02) { try harness.store.seal() }
            if number == events.count / 2 {
                if seed % 2 == 0 { try harness.store.seal() }
                try reopenAndCompare(harness, "seed \(seed)")
            }
            if number % 50 == 25 { try harness.checkAgainstModel("seed \(seed), event \(number)") }
            if number % 80 == 45 { try harness.checkLabeledScan("seed \(seed), event \(number)") }
        }
        for metric in metrics.dropFirst(3) { try harness.register(metric, Self.windows.reversed()) }
        try harness.checkAgainstModel("seed \(seed), at the end")
        try harness.checkLabeledScan("seed \(seed), at the end")
        try harness.checkAgainstRecomputation("seed \(seed), at the end")
        try reopenAndCompare(harness, "seed \(seed), at the end")
        try harness.store.seal()
        try reopenAndCompare(harness, "seed \(seed), sealed at the end")
        try harness.checkPublished("seed \(seed)")
        try harness.checkAgainstModel("seed \(seed), reopened at the end")
    }

    /// Reopens the store; every row must be the same, the revision and the time it was computed at included.
    private func reopenAndCompare(_ harness: TaskHarness, _ place: String) throws {
        let before = (rows: try harness.task.metrics(segment: .every), status: harness.task.status)
        try harness.reopen()
        let after = (rows: try harness.task.metrics(segment: .every), status: harness.task.status)
        #expect(before.rows.count == after.rows.count, "\(place)")
        for (old, new) in zip(before.rows, after.rows) where !old.isIdentical(to: new) {
            Issue.record("\(place), before reopening: \(old.values)\nafter: \(new.values)")
            break
        }
        #expect(before.status.predictions == after.status.predictions, "\(place)")
        #expect(before.status.labels == after.status.labels, "\(place)")
        #expect(before.status.pendingLabels == after.status.pendingLabels, "\(place)")
        #expect(before.status.clock == after.status.clock, "\(place)")
        #expect(before.status.paneWidth == after.status.paneWidth, "\(place)")
    }

    @Test("Permutations of a set give the same rows bit for bit", arguments: TaskEvents.kinds.indices)
    func permutations(kind: Int) throws {
        var random = TaskEvents(TaskEvents.kinds[kind], seed: 77)
        let schema = TaskEvents.schema(random.kind)
        // No conflicts, between which the order of arrival decides.
        var times = Set<[String]>()
        var ids = Set<String>()
        let events = random.sequence(count: 50, epochs: 0).filter { event in
            switch event {
            case .prediction(let prediction): ids.insert(prediction.id).inserted
            case .feedback(let item): times.insert([item.id, "\(item.at)"]).inserted
            case .reference: false
            }
        }
        var first: [MetricRow]?
        for _ in 0..<4 {
            let harness = try TaskHarness(schema, memtableByteCount: 4_000)
            try harness.log(.reference(0))
            try harness.register(Segmentation(["n"]))
            for metric in TaskPropertyTests.metrics(random.kind).prefix(3) {
                try harness.register(metric, TaskPropertyTests.windows)
            }
            for event in events.shuffled(using: &random.generator) { try harness.log(event) }
            let rows = try harness.comparableRows()
            if let first {
                #expect(rows.count == first.count)
                for (row, other) in zip(rows, first) where !row.isIdentical(to: other) {
                    Issue.record("\(row.values)\n\(other.values)")
                }
            }
            first = rows
        }
    }

    @Test("Any interval of panes equals brute force", arguments: TaskEvents.kinds.indices)
    func intervals(kind: Int) throws {
        var random = TaskEvents(TaskEvents.kinds[kind], seed: 5)
        let harness = try TaskHarness(TaskEvents.schema(random.kind), memtableByteCount: 4_000)
        let metric = TaskPropertyTests.metrics(random.kind)[0]
        try harness.register(metric, [.tumbling(.hours(6))])
        for event in random.sequence(count: 60, epochs: 1) { try harness.log(event) }
        let pane: Int64 = 21_600_000_000
        for _ in 0..<40 {
            let start = TaskEvents.first + Int64.random(in: -4...30, using: &random.generator) * pane
            let end = start + Int64.random(in: 0...30, using: &random.generator) * pane
            let row = try harness.task.value(
                of: metric, over: Timestamp(microseconds: start)..<Timestamp(microseconds: end))
            let rows = harness.model.rows(from: start, to: end)
            #expect(row.labeledCount == rows.count { $0.label != nil })
            #expect(row.unlabeledCount == rows.count { $0.label == nil })
            #expect(TaskHarness.isClose(row.labeledValue, TaskModel.value(metric, rows)))
        }
    }
}
