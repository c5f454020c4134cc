import Foundation
import Testing

@testable import Drumlin

/// Estimates against an independent computation from the rows: `Expected/scripts/intervals.py`.
@Suite("Estimates and intervals by the formulas")
struct IntervalTests {
    struct Expected: Decodable {
        struct Rows: Decodable {
            var scores: [Double]
            var labels: [Double]

            var task: SyntheticTask {
                SyntheticTask(
                    kind: .binary(), scores: scores, classes: scores.map { $0 >= 0.5 ? 1 : 0 }, labels: labels,
                    features: scores)
            }
        }

        struct Estimate: Decodable {
            var value: Double
            var error: Double
            var low: Double
            var high: Double
        }

        var reference: Rows
        var window: Rows
        var overdispersion: [String: Double]
        var expected: [String: Estimate]
    }

    @Test("agree: values, errors, ends and φ of all metrics")
    func agree() throws {
        let expected = try JSONDecoder().decode(Expected.self, from: expectedData("intervals"))
        let epoch = try SyntheticEpoch(expected.reference.task)
        let evaluator = epoch.evaluator(expected.window.task) { $0 % 4 == 0 }
        #expect(evaluator.unsupportedMass == 0)
        for (name, one) in expected.expected {
            let metric = try Metric.named(name)
            let estimate = evaluator.evaluate(metric)
            let phi = epoch.statistics.overdispersion(of: metric)
            #expect(isClose(phi, expected.overdispersion[name] ?? .nan, relative: 1e-9), "\(name)")
            #expect(isClose(estimate.value ?? .nan, one.value, relative: 1e-12), "\(name)")
            #expect(isClose(estimate.standardError ?? .nan, one.error, relative: 1e-9), "\(name)")
            #expect(isClose(estimate.ciLow ?? .nan, one.low, relative: 1e-9), "\(name)")
            #expect(isClose(estimate.ciHigh ?? .nan, one.high, relative: 1e-9), "\(name)")
            #expect(estimate.boundLow == estimate.value && estimate.boundHigh == estimate.value)
        }
    }
}
