import Foundation
import Testing

@testable import Drumlin

/// rocAUC and averagePrecision where labels 1 are as many as others, few, and very few.
@Suite("Estimates of rankings")
struct RareLabelTests {
    private struct World {
        /// The logit of a score that is right, and how far labels stray from it.
        var base: Double

        func rows(_ count: Int, _ generator: inout SeededGenerator) -> SyntheticTask {
            var task = SyntheticTask(kind: .binary())
            for _ in 0..<count {
                let score = logistic(base + 1.5 * generator.normal())
                task.features.append(0)
                task.scores.append(score)
                task.classes.append(score >= 0.5 ? 1 : 0)
                task.labels.append(generator.uniform() < score ? 1 : 0)
            }
            return task
        }
    }

    /// `DRUMLIN_RANKING_WINDOWS=300` draws that many windows of 5,000 rows, and asks of their intervals what their name says.
    private static let windows = ProcessInfo.processInfo.environment["DRUMLIN_RANKING_WINDOWS"].flatMap { Int($0) }

    @Test("hold the truth, and their bounds hold the value of the rows", arguments: [0.0, -3.9, -7.3])
    func holdTheTruth(base: Double) throws {
        let world = World(base: base)
        var generator = SeededGenerator(seed: 77)
        let reference = world.rows(12_000, &generator)
        let epoch = try SyntheticEpoch(reference, bucketing: .chances(trees: 0))
        var covered: [Metric: Double] = [:]
        var defined: [Metric: Double] = [:]
        var worst: [Metric: (error: Double, bound: Double)] = [:]
        for window in 0..<(Self.windows ?? 12) {
            let live = world.rows(Self.windows == nil ? 1_500 : 5_000, &generator)
            // Without any label, and with a quarter of them.
            let estimates = epoch.evaluator(live) { Self.windows == nil || window % 2 == 0 ? $0 % 4 == 0 : false }
            let truths = epoch.evaluator(live) { _ in true }
            for metric in [Metric.rocAUC, .averagePrecision] {
                let (estimate, truth) = (estimates.evaluate(metric), truths.evaluate(metric))
                guard let known = truth.value else { continue }
                let exact = metric == .rocAUC ? Self.area(live) : Self.averagePrecision(live)
                #expect((known - exact).magnitude <= truth.binningError + 1e-12, "\(metric)")
                let before = worst[metric] ?? (0, 0)
                worst[metric] = (max(before.error, (known - exact).magnitude), max(before.bound, truth.binningError))
                let (low, high) = (try #require(estimate.ciLow), try #require(estimate.ciHigh))
                defined[metric, default: 0] += 1
                if low <= known, known <= high { covered[metric, default: 0] += 1 }
            }
        }
        for (metric, count) in defined {
            let share = (covered[metric] ?? 0) / count
            let (error, bound) = worst[metric] ?? (0, 0)
            print(
                "base \(base): \(metric) covers \(share) of \(count); binned values are off by \(error), bound \(bound)"
            )
            // With ten labels of a kind few values are possible, and an interval holds all of them.
            let greatest = Self.windows == nil || base < -5 ? 1 : 0.99
            #expect(share >= (Self.windows == nil ? 0.8 : 0.92) && share <= greatest, "\(metric)")
        }
    }

    private static func area(_ task: SyntheticTask) -> Double {
        let order = task.scores.indices.sorted { task.scores[$0] < task.scores[$1] }
        var (wins, zeros, ones) = (0.0, 0.0, 0.0)
        for row in order {
            if task.labels[row] == 1 {
                ones += 1
                wins += zeros
            } else {
                zeros += 1
            }
        }
        return wins / (ones * zeros)
    }

    private static func averagePrecision(_ task: SyntheticTask) -> Double {
        let order = task.scores.indices.sorted { task.scores[$0] > task.scores[$1] }
        var (sum, hits) = (0.0, 0.0)
        for (place, row) in order.enumerated() where task.labels[row] == 1 {
            hits += 1
            sum += hits / Double(place + 1)
        }
        return sum / hits
    }
}
