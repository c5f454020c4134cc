import Foundation
import Testing

@testable import Drumlin

/// What scipy says: `Expected/scripts/drift.py`.
private struct ExpectedDrift: Decodable {
    struct Sample: Decodable, CustomTestStringConvertible {
        var name: String
        var first: [Double]
        var second: [Double]
        var ks: Double
        var ksChance: Double
        var wasserstein: Double
        var mean: Double
        var deviation: Double
        var min: Double
        var max: Double
        var quantiles: [String: Double]
        var distinct: Int
        var testDescription: String { name }
    }

    struct Table: Decodable, CustomTestStringConvertible {
        var name: String
        var first: [Double]
        var second: [Double]
        var psi: Double
        var jensenShannon: Double
        var hellinger: Double
        var lInfinity: Double
        var chiSquare: Double
        var degrees: Int
        var chance: Double
        var psiLimit: Double
        var testDescription: String { name }
    }

    struct Discovery: Decodable {
        var given: [Double]
        var adjusted: [Double]
    }

    struct PageHinkleyCase: Decodable {
        var losses: [Double]
        var tolerance: Double
        var threshold: Double
        var minimum: Int
        var alarms: [Int]
    }

    struct Limit: Decodable {
        var distances: [Double]
        var tail: Double
        var limit: Double
    }

    var samples: [Sample]
    var tables: [Table]
    var falseDiscovery: Discovery
    var upperGamma: [[Double]]
    var beta: [[Double]]
    var studentQuantiles: [[Double]]
    var chiSquareQuantiles: [[Double]]
    var kolmogorov: [[Double]]
    var pageHinkley: PageHinkleyCase
    var limit: Limit

    static func load() throws -> ExpectedDrift {
        try JSONDecoder().decode(ExpectedDrift.self, from: expectedData("drift"))
    }
}

/// The statistics of drift against scipy.
struct DriftStatisticTests {
    @Test func distributionsAreScipys() throws {
        let expected = try ExpectedDrift.load()
        for row in expected.upperGamma {
            #expect(isNear(SpecialFunctions.upperGamma(row[0], row[1]), row[2], 1e-9), "Q(\(row[0]), \(row[1]))")
        }
        for row in expected.beta {
            #expect(isNear(SpecialFunctions.beta(row[0], row[1], row[2]), row[3], 1e-9), "I \(row)")
        }
        for row in expected.studentQuantiles {
            #expect(isNear(SpecialFunctions.studentQuantile(tail: row[0], degrees: row[1]), row[2], 1e-9), "t \(row)")
        }
        for row in expected.chiSquareQuantiles {
            #expect(
                isNear(SpecialFunctions.chiSquareQuantile(tail: row[0], degrees: row[1]), row[2], 1e-9), "χ² \(row)")
        }
        for row in expected.kolmogorov {
            #expect(isNear(SpecialFunctions.kolmogorovTail(row[0]), row[1], 1e-9), "Kolmogorov \(row)")
        }
        #expect(SpecialFunctions.studentTail(-2, degrees: 5) + SpecialFunctions.studentTail(2, degrees: 5) == 1)
        let limit = expected.limit
        #expect(isNear(HistoryLimit.upper(ofDistances: limit.distances, tail: limit.tail) ?? 0, limit.limit, 1e-9))
    }

    @Test func distancesOfCellsAreScipys() throws {
        for table in try ExpectedDrift.load().tables {
            let (first, second) = (table.first, table.second)
            #expect(isNear(Distance.populationStability(first, second), table.psi, 1e-9), "\(table.name)")
            #expect(isNear(Distance.jensenShannon(first, second), table.jensenShannon, 1e-7), "\(table.name)")
            #expect(isNear(Distance.hellinger(first, second), table.hellinger, 1e-9), "\(table.name)")
            #expect(isNear(Distance.lInfinity(first, second), table.lInfinity, 1e-12), "\(table.name)")
            let test = Distance.chiSquare(first, second)
            #expect(isNear(test.value, table.chiSquare, 1e-9), "\(table.name)")
            #expect(test.degrees == table.degrees, "\(table.name)")
            #expect(isNear(test.chance, table.chance, 1e-9), "\(table.name)")
            let limit = Distance.populationStabilityLimit(first, second, tail: 0.01)
            #expect(isNear(limit, table.psiLimit, 1e-9), "\(table.name)")
        }
    }

    @Test func comparisonsOfSummariesAreScipysOnTheRows() throws {
        for sample in try ExpectedDrift.load().samples {
            let comparison = try #require(
                ColumnComparison(summary(sample.first), summary(sample.second)), "\(sample.name)")
            let ks = try #require(comparison.result(.kolmogorovSmirnov))
            #expect(ks.value <= sample.ks + 1e-12, "\(sample.name)")
            #expect(ks.value + ks.error >= sample.ks - 1e-12, "\(sample.name)")
            if sample.name == "whole numbers" || sample.name == "hours" || sample.name == "constant" {
                #expect(isNear(ks.value, sample.ks, 1e-12), "\(sample.name)")
                #expect(ks.error == 0, "\(sample.name)")
                let chance = try #require(ks.chance)
                #expect((chance - sample.ksChance).magnitude < 0.01, "\(sample.name)")
            }
            let wasserstein = try #require(comparison.result(.wasserstein))
            #expect(
                (wasserstein.value - sample.wasserstein).magnitude <= wasserstein.error + 1e-9 * sample.wasserstein,
                "\(sample.name): \(wasserstein), \(sample.wasserstein)")
            #expect(comparison.result(.populationStability)?.value ?? -1 >= 0)
        }
    }

    @Test func summariesSayWhatNumpySaysOfTheRows() throws {
        for sample in try ExpectedDrift.load().samples {
            let found = summary(sample.first)
            let moments = try #require(found.moments)
            let scale = max(sample.min.magnitude, sample.max.magnitude)
            #expect((moments.mean - sample.mean).magnitude <= 1e-9 * scale, "\(sample.name)")
            let deviation = try #require(moments.deviation)
            #expect((deviation - sample.deviation).magnitude <= 1e-6 * scale, "\(sample.name)")
            for (share, value) in sample.quantiles {
                let quantile = found.quantile(try #require(Double(share))) ?? .nan
                #expect((quantile - value).magnitude <= value.magnitude / 128, "\(sample.name) at \(share)")
            }
            let (low, high) = (found.minimum ?? .nan, found.maximum ?? .nan)
            #expect((low - sample.min).magnitude <= sample.min.magnitude / 128, "\(sample.name)")
            #expect((high - sample.max).magnitude <= sample.max.magnitude / 128, "\(sample.name)")
            let distinct = try #require(found.distinctCount)
            #expect((distinct - Double(sample.distinct)).magnitude <= 0.1 * Double(sample.distinct), "\(sample.name)")
        }
    }

    @Test func falseDiscoveriesAreControlledAsByScipy() throws {
        let expected = try ExpectedDrift.load().falseDiscovery
        for (found, wanted) in zip(FalseDiscovery.adjusted(expected.given), expected.adjusted) {
            #expect(isNear(found, wanted, 1e-12))
        }
        let withGaps = FalseDiscovery.adjusted([0.01, .nan, 0.02])
        #expect(withGaps[0] == 0.02 && withGaps[1].isNaN && withGaps[2] == 0.02)
    }

    @Test func pageAndHinkleyCallWhereTheirSumsSay() throws {
        let expected = try ExpectedDrift.load().pageHinkley
        var test = PageHinkley(
            tolerance: expected.tolerance, threshold: expected.threshold, minimumCount: expected.minimum)
        var alarms: [Int] = []
        for (place, loss) in expected.losses.enumerated() {
            if test.add(loss) { alarms.append(place) }
        }
        #expect(alarms == expected.alarms)
    }

    @Test func anAdaptiveWindowDropsWhatIsOfAnotherMean() {
        var random = SeededGenerator(seed: 7)
        var window = AdaptiveWindow()
        var alarms: [Int] = []
        for place in 0..<6_000 {
            let loss = Double.random(in: 0...1, using: &random) < (place < 3_000 ? 0.2 : 0.5) ? 1.0 : 0.0
            if window.add(loss) { alarms.append(place) }
        }
        #expect(alarms.first.map { (3_000..<3_200).contains($0) } ?? false, "alarms at \(alarms)")
        #expect((window.mean - 0.5).magnitude < 0.05)
        #expect((2_700...3_100).contains(window.count))

        // Quiet streams stay whole, and scale does not matter.
        var quiet = AdaptiveWindow(scale: 1_000)
        var isCut = false
        for _ in 0..<20_000 where quiet.add(Double.random(in: 0...1_000, using: &random)) { isCut = true }
        #expect(!isCut)
        #expect(quiet.count == 20_000)
        #expect((quiet.mean - 500).magnitude < 10)
    }

    private func summary(_ values: [Double]) -> ColumnSummary {
        let builder = ColumnSummaryBuilder(.number)
        for value in values { builder.addRow(value) }
        return builder.result
    }

    private func isNear(_ left: Double, _ right: Double, _ tolerance: Double) -> Bool {
        (left - right).magnitude <= tolerance * max(1, right.magnitude) || left == right
    }
}
