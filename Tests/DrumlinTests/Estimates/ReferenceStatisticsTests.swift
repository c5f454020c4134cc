import ColumnFormat
import Testing

@testable import Drumlin

@Suite("Reference statistics")
struct ReferenceStatisticsTests {
    private static func tasks(count: Int) -> [SyntheticTask] {
        var generator = SeededGenerator(seed: 6)
        return [
            .binary(count: count, generator: &generator), .multiclass(count: count, generator: &generator),
            .regression(count: count, generator: &generator),
        ]
    }

    private static func bytes(_ statistics: ReferenceStatistics) -> [UInt8] {
        var writer = ByteWriter()
        statistics.write(to: &writer)
        return writer.bytes
    }

    private static func read(_ bytes: [UInt8]) throws -> ReferenceStatistics {
        try unsafe bytes.withUnsafeBytes {
            var reader = unsafe ByteReader($0)
            return try ReferenceStatistics(from: &reader)
        }
    }

    @Test("come back from bytes as they were", arguments: [0, 1, 2])
    func roundTrips(kind: Int) throws {
        for bucketing in [Bucketing.standard, .gaussianMixture(components: 3)] {
            let statistics = try SyntheticEpoch(Self.tasks(count: 400)[kind], bucketing: bucketing).statistics
            let read = try Self.read(Self.bytes(statistics))
            #expect(Self.bytes(read) == Self.bytes(statistics))
            #expect(read.bucketCounts == statistics.bucketCounts && read.overdispersion == statistics.overdispersion)
        }
    }

    @Test("are refused from bytes that are cut, and never trap on changed ones", arguments: [0, 1, 2])
    func refuseBadBytes(kind: Int) throws {
        let task = Self.tasks(count: 60)[kind]
        let epoch = try SyntheticEpoch(task, bucketing: .scoreQuantiles(2))
        let bytes = Self.bytes(epoch.statistics)
        var cells = DenseCells(count: epoch.layout.cellCount)
        for row in 0..<20 {
            epoch.layout.addUnlabeled(epoch.facts(task, row), sign: 1, to: &cells)
        }
        for count in stride(from: 0, to: bytes.count, by: bytes.count > 2_000 ? 17 : 1) {
            #expect(throws: FormatError.self) { try Self.read(Array(bytes.prefix(count))) }
        }
        for position in stride(from: 0, to: bytes.count, by: bytes.count > 2_000 ? 13 : 1) {
            var changed = bytes
            changed[position] ^= position % 2 == 0 ? 0xFF : 0x01
            guard let read = try? Self.read(changed), read.kind == task.kind,
                read.bucketCount == epoch.buckets.count, read.fixesClass == epoch.buckets.fixesClass
            else { continue }
            let evaluator = MetricEvaluator(cells: cells.cells, layout: epoch.layout, epochs: [read])
            for metric in Metric.all(for: task.kind) { _ = evaluator.evaluate(metric) }
        }
    }

    @Test("give back the reference's own metric for the reference's own rows", arguments: [0, 1, 2])
    func areExactOnTheReference(kind: Int) throws {
        let task = Self.tasks(count: 1_000)[kind]
        for bucketing in [
            Bucketing.standard, .gaussianMixture(components: 3), .custom(count: 1, name: "one") { _ in 0 },
        ] {
            let epoch = try SyntheticEpoch(task, bucketing: bucketing)
            let estimates = epoch.evaluator(task) { _ in false }
            let truths = epoch.evaluator(task) { _ in true }
            for metric in Metric.all(for: task.kind)
            where !metric.form.isOfScores && metric != .expectedCalibrationError {
                // Rows of unsupported buckets count with their parent, which is exact for sums over a class alone.
                guard epoch.statistics.bucketCounts.allSatisfy({ $0 == 0 || $0 >= 30 }) else { continue }
                let value = try #require(estimates.evaluate(metric).value)
                let truth = try #require(truths.evaluate(metric).value)
                #expect(isClose(value, truth, relative: 1e-9), "\(bucketing) \(metric) \(value) \(truth)")
            }
        }
    }

    @Test("φ is 1 where blocks are alike, and large where they are not")
    func widenWhereBlocksDiffer() throws {
        var generator = SeededGenerator(seed: 3)
        var task = SyntheticTask.binary(count: 5_000, generator: &generator)
        let alike = try SyntheticEpoch(task).statistics
        #expect(alike.overdispersion(of: .accuracy) < 1.8)
        // In every other block the labels are turned round more often.
        for row in task.labels.indices where (row / 1_000) % 2 == 0 && generator.uniform() < 0.2 {
            task.labels[row] = 1 - task.labels[row]
        }
        let different = try SyntheticEpoch(task).statistics
        for metric in [Metric.accuracy, .f1, .brier, .logLoss, .rocAUC] {
            #expect(different.overdispersion(of: metric) > 2, "\(metric)")
        }
    }

    @Test("take few rows, one class only, rows without label, and none")
    func takeLittle() throws {
        var generator = SeededGenerator(seed: 3)
        for count in [0, 1, 2, 9, 31] {
            for kind in 0..<3 {
                var task = Self.tasks(count: count)[kind]
                if kind == 0 { task.labels = task.labels.map { _ in 1 } }
                if count == 9 { task.labels[4] = .nan }
                let epoch = try SyntheticEpoch(task)
                #expect(epoch.statistics.rowCount == (count == 9 ? 8 : count))
                let live = [
                    SyntheticTask.binary(count: 40, generator: &generator),
                    .multiclass(count: 40, generator: &generator), .regression(count: 40, generator: &generator),
                ][kind]
                let evaluator = epoch.evaluator(live) { $0 % 3 == 0 }
                #expect(evaluator.unsupportedMass == 1)
                for metric in Metric.all(for: task.kind) {
                    for estimator in Estimator.allCases {
                        let estimate = evaluator.evaluate(metric, estimator: estimator)
                        #expect(!(estimate.value ?? 0).isNaN, "\(count) \(metric)")
                        #expect(!(estimate.ciLow ?? 0).isNaN && !(estimate.ciHigh ?? 0).isNaN, "\(count) \(metric)")
                        #expect(!(estimate.unlabeledValue ?? 0).isNaN, "\(count) \(metric)")
                    }
                }
            }
        }
    }
}
