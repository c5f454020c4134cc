import Testing

@testable import Drumlin

/// Where P(label | bucket) is as in the reference, intervals hold what comes, also when the scores shift.
@Suite("Intervals of estimates")
struct CoverageTests {
    typealias Make = @Sendable (Int, Double, inout SeededGenerator) -> SyntheticTask

    static let kinds: [(String, Make)] = [
        ("binary", { SyntheticTask.binary(count: $0, shift: $1, generator: &$2) }),
        ("multiclass", { SyntheticTask.multiclass(count: $0, shift: $1, generator: &$2) }),
        ("regression", { SyntheticTask.regression(count: $0, shift: $1 / 10, generator: &$2) }),
    ]

    @Test("cover the value that comes once all labels are in", arguments: [0, 1, 2])
    func coverWhatComes(kind: Int) throws {
        let (name, make) = Self.kinds[kind]
        var generator = SeededGenerator(seed: 42)
        var covered: [Metric: Double] = [:]
        var widths: [Metric: (standardized: Double, count: Double)] = [:]
        let (references, windows) = (8, 16)
        for _ in 0..<references {
            let reference = make(2_000, 0, &generator)
            let epoch = try SyntheticEpoch(reference)
            for window in 0..<windows {
                let live = make(400, Double(window % 4) * 0.3, &generator)
                let estimates = epoch.evaluator(live) { $0 % 4 == window % 5 }
                let truths = epoch.evaluator(live) { _ in true }
                for metric in Metric.all(for: reference.kind) where metric != .expectedCalibrationError {
                    let estimate = estimates.evaluate(metric)
                    let truth = try #require(truths.evaluate(metric).value)
                    let (low, high) = (try #require(estimate.ciLow), try #require(estimate.ciHigh))
                    #expect(low <= estimate.value ?? .nan && estimate.value ?? .nan <= high)
                    if low <= truth, truth <= high { covered[metric, default: 0] += 1 }
                    let z = ((estimate.value ?? .nan) - truth) / (estimate.standardError ?? .nan)
                    widths[metric, default: (0, 0)].standardized += z * z
                    widths[metric, default: (0, 0)].count += 1
                }
            }
        }
        let total = Double(references * windows)
        for metric in Metric.all(for: Self.kinds[kind].1(1, 0, &generator).kind)
        where metric != .expectedCalibrationError {
            let share = (covered[metric] ?? 0) / total
            let spread = ((widths[metric]?.standardized ?? 0) / total).squareRoot()
            print("coverage of \(name) \(metric): \(share), rms z \(spread)")
            #expect(share >= 0.9, "\(metric)")
            // Not far too wide either: the errors fill a good part of the standard error.
            #expect(spread > 0.5 && spread < 1.2, "\(metric)")
        }
    }
}
