import Foundation
import Testing

@testable import Drumlin

/// Rows and what scikit-learn says of them: `Expected/scripts/metrics.py`.
struct ExpectedMetrics: Decodable {
    struct Case: Decodable, CustomTestStringConvertible {
        var name: String
        var kind: String
        var labels: [Double]
        var classes: [Int]
        var scores: [Double]
        var probabilities: [Double]
        var expected: [String: Double?]

        var testDescription: String { name }

        var taskKind: TaskKind {
            switch kind {
            case "binary": .binary()
            case "regression": .regression
            default:
                .multiclass(
                    classes: (0..<(probabilities.count / labels.count)).map { "class \($0)" }, hasProbabilities: true)
            }
        }
    }

    var cases: [Case]

    static func load() throws -> [Case] {
        try JSONDecoder().decode(ExpectedMetrics.self, from: expectedData("metrics")).cases
    }
}

/// Doubles as bit patterns and their exact sum: `Expected/scripts/sums.py`.
struct ExpectedSum: Decodable, CustomTestStringConvertible {
    var name: String
    var values: [String]
    var sum: String

    var testDescription: String { name }

    static func load() throws -> [ExpectedSum] {
        try JSONDecoder().decode([ExpectedSum].self, from: expectedData("sums"))
    }

    static func double(_ bits: String) -> Double { Double(bitPattern: UInt64(bits, radix: 16) ?? 0) }
}

/// A file of expected values.
func expectedData(_ name: String) throws -> Data {
    let url = try #require(Bundle.module.url(forResource: name, withExtension: "json", subdirectory: "Expected"))
    return try Data(contentsOf: url)
}

/// Whether two numbers agree within a relative difference.
func isClose(_ left: Double, _ right: Double, relative: Double) -> Bool {
    left == right || (left - right).magnitude <= relative * max(left.magnitude, right.magnitude)
}
