import Drumlin
import Foundation
import TestSupport
import Testing

/// What Prometheus's own parser (prometheus-client, from PyPI) reads in a text.
enum PrometheusParser {
    struct Family: Equatable {
        let name: String
        let kind: String
        let unit: String
        let help: String
        let samples: [Sample]
    }

    struct Sample: Equatable {
        let name: String
        let labels: [String: String]
        let value: Double
    }

    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent()

    /// The first Python that has the parser: `DRUMLIN_PYTHON`, that of the peers, or one on the path.
    static let python: URL? = {
        let environment = ProcessInfo.processInfo.environment
        let folders = (environment["PATH"] ?? "/usr/bin").split(separator: ":")
        let root = folder.deletingLastPathComponent().deletingLastPathComponent()
        let candidates =
            [environment["DRUMLIN_PYTHON"], root.path + "/.build/peers/python/bin/python"].compactMap { $0 }
            + folders.map { "\($0)/python3" }
        return candidates.map { URL(fileURLWithPath: $0) }.first { candidate in
            FileManager.default.isExecutableFile(atPath: candidate.path)
                && (try? run(candidate, ["-c", "import prometheus_client.openmetrics.parser"]))?.status == 0
        }
    }()

    static func families(of text: String) throws -> [Family] {
        let temporary = TemporaryFolder()
        let file = temporary.path("metrics")
        try Data(text.utf8).write(to: URL(fileURLWithPath: file))
        let script = folder.appendingPathComponent("Expected/scripts/openmetrics.py").path
        let (status, output) = try run(try #require(python), ["-B", script, file])
        try #require(status == 0, "the parser refuses it: \(String(decoding: output, as: UTF8.self))")
        let parsed = try #require(try JSONSerialization.jsonObject(with: output) as? [[Any]])
        return try parsed.map { family in
            let samples = try #require(family[4] as? [[Any]])
            return Family(
                name: try #require(family[0] as? String), kind: try #require(family[1] as? String),
                unit: family[2] as? String ?? "", help: try #require(family[3] as? String),
                samples: try samples.map { sample in
                    Sample(
                        name: try #require(sample[0] as? String),
                        labels: try #require(sample[1] as? [String: String]),
                        value: try #require((sample[2] as? String).flatMap(Double.init)))
                })
        }
    }

    private static func run(_ program: URL, _ arguments: [String]) throws -> (status: Int32, output: Data) {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = program
        process.arguments = arguments
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, output)
    }
}
