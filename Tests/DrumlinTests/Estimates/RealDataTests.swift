import Foundation
import Testing

@testable import Drumlin

/// Estimates on the data sets of the design's table (`monitoring.md` §4), where those are at hand: in the directory
/// that DRUMLIN_DATA names, or `../shared/data` beside the package.
@Suite("Estimates on real data")
struct RealDataTests {
    struct DataSet: CustomTestStringConvertible, Sendable {
        var name: String
        var label: String
        var predicted: String
        var score: String
        /// Mean |estimate − truth| / SE of accuracy, f1 and AUC that has to be reached.
        var expected: [Double]
        /// The least share of 95 % intervals that hold the truth.
        var coverage: [Double]

        var testDescription: String { name }
    }

    struct Chunk: Decodable {
        var truth: [Double]
        var error: [Double]
    }

    static let dataSets = [
        DataSet(
            name: "employment", label: "employed", predicted: "prediction", score: "predicted_probability",
            expected: [0.83, 0.88, 0.85], coverage: [0.90, 0.87, 0.90]),
        DataSet(
            name: "work_from_home", label: "work_home_actual", predicted: "y_pred", score: "y_pred_proba",
            expected: [0.92, 0.97, 0.82], coverage: [0.95, 0.95, 0.95]),
    ]

    struct BadField: Error { var field: String }

    static let metrics: [Metric] = [.accuracy, .f1, .rocAUC]

    @Test("are as near to the truth as the design says", arguments: dataSets)
    func reachTheTable(data: DataSet) throws {
        guard let reference = try Self.load(data, part: "reference"), let live = try Self.load(data, part: "analysis")
        else {
            print("skipped: no \(data.name)_reference.csv and _analysis.csv in DRUMLIN_DATA or ../shared/data")
            return
        }
        let chunks = try JSONDecoder().decode([String: [Chunk]].self, from: expectedData("estimation"))[data.name] ?? []
        #expect(chunks.count == live.labels.count / 2_000)
        let buckets = try FittedBuckets(fitting: .scoreQuantiles(20), to: reference)
        // Without the back-test's φ, as in the table.
        let (scoreBins, groups) = ScoreCalibration.bins(of: reference)
        let fit = ReferenceStatistics.Fit(
            reference: reference, assigned: buckets.assign(reference), buckets: buckets, bins: scoreBins, groups: groups
        )
        let statistics = fit.statistics(of: Array(0..<reference.rowCount))
        var layout = CellLayout(kind: reference.kind)
        for metric in Self.metrics { try layout.require(metric) }
        let bins = try #require(statistics.calibration?.bins)
        _ = try layout.openEpoch(bucketCount: buckets.count, fixesClass: buckets.fixesClass, bins: bins)

        var distances = [0.0, 0, 0]
        var covered = [0.0, 0, 0]
        for (index, chunk) in chunks.enumerated() {
            var cells = DenseCells(count: layout.cellCount)
            for row in (index * 2_000)..<((index + 1) * 2_000) {
                let (score, predicted) = (live.scores[row], live.classes[row])
                let bucket = buckets.assign(score: score, predictedClass: predicted)
                let facts = PredictionFacts(
                    score: score, predictedClass: Int32(predicted), bucket: Int32(bucket), epoch: 0)
                layout.addUnlabeled(facts, sign: 1, to: &cells)
            }
            let evaluator = MetricEvaluator(cells: cells.cells, layout: layout, epochs: [statistics])
            for (place, metric) in Self.metrics.enumerated() {
                let estimate = evaluator.evaluate(metric)
                let value = try #require(estimate.value)
                let (low, high) = (try #require(estimate.ciLow), try #require(estimate.ciHigh))
                distances[place] += (value - chunk.truth[place]).magnitude / chunk.error[place]
                if low <= chunk.truth[place], chunk.truth[place] <= high { covered[place] += 1 }
            }
        }
        for place in Self.metrics.indices {
            let distance = distances[place] / Double(chunks.count)
            let coverage = covered[place] / Double(chunks.count)
            print("\(data.name) \(Self.metrics[place]): \(distance) standard errors, coverage \(coverage)")
            #expect(distance < data.expected[place] + 0.005)
            #expect(coverage >= data.coverage[place])
        }
    }

    /// nil where the file is not there.
    private static func load(_ data: DataSet, part: String) throws -> ReferenceColumns? {
        let beside = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(
            path: "../../../../shared/data")
        let given = ProcessInfo.processInfo.environment["DRUMLIN_DATA"].map { URL(fileURLWithPath: $0) }
        let places = [given, beside].compactMap { $0 }.flatMap { [$0, $0.appending(path: "estimation")] }
        let files = places.map { $0.appending(path: "\(data.name)_\(part).csv") }
        guard let file = files.first(where: { FileManager.default.fileExists(atPath: $0.path) }) else { return nil }
        let columns = try numbers(in: Data(contentsOf: file), columns: [data.label, data.predicted, data.score])
        return ReferenceColumns(
            kind: .binary(), scores: columns[2], classes: columns[1].map { Int($0) }, labels: columns[0])
    }

    /// Some columns of a CSV file without quotes.
    private static func numbers(in data: Data, columns names: [String]) throws -> [[Double]] {
        let bytes = [UInt8](data)
        let (comma, newline) = (UInt8(ascii: ","), UInt8(ascii: "\n"))
        var columns = names.map { _ in [Double]() }
        var columnOfPlace: [Int] = []
        var (place, start, isHeader) = (0, 0, true)
        for (index, byte) in bytes.enumerated() where byte == comma || byte == newline {
            if isHeader {
                let name = String(decoding: bytes[start..<index], as: UTF8.self)
                columnOfPlace.append(names.firstIndex(of: name) ?? -1)
            } else if columnOfPlace[place] >= 0 {
                let field = String(decoding: bytes[start..<index], as: UTF8.self)
                guard let number = Double(field) else { throw BadField(field: field) }
                columns[columnOfPlace[place]].append(number)
            }
            (place, start) = (place + 1, index + 1)
            if byte == newline { (place, isHeader) = (0, false) }
        }
        return columns
    }
}
