import CommandSupport
import Drumlin
import Foundation
import TestSupport
import Testing

@testable import DrumlinCLI

/// Names and values that would command a terminal.
@Suite struct HostileTextTests {
    private static let hostile = "\u{1B}]0;owned\u{7}\u{1B}[2J\r\u{202E}gpj\u{200B}\nnext"

    private func isHarmless(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { scalar in
            scalar == "\n" || PrintableText.escaping(String(scalar)) == String(scalar)
        }
    }

    @Test func metricsAreEscapedForPeopleAndExactForPrograms() throws {
        let folder = try TestFolder()
        var options = StoreOptions()
        options.arrival = .eventTime
        let store = try Store.open(folder.store, options: options)
        let task = try store.task("tips", schema: TaskSchema(kind: .regression, features: ["zone": .category]))
        try task.registerMetric(Self.hostile, windows: [.tumbling(.hours(1))]) { labels, _ in labels.first ?? 0 }
        for number in 0..<300 {
            let id = "\(Self.hostile)\(number)"
            let at = Timestamp(microseconds: 1_583_020_800_000_000 + Int64(number) * 60_000_000)
            try task.logPrediction(id: id, at: at, prediction: 1, features: ["zone": .string(Self.hostile)])
            try task.logFeedback(id: id, at: at, label: 2)
        }
        try store.close()
        let table = try folder.metrics()
        #expect(isHarmless(table) && table.contains("\\u{1B}"), "\(table)")
        #expect(try folder.metricRows().contains { $0["metric"] == .string(Self.hostile) })
        #expect(try folder.export("predictions").contains(Self.hostile))
        #expect(isHarmless(try folder.export(escaped: true, "predictions")))
    }

    @Test func whatWasTypedComesBackHarmless() throws {
        let folder = try TestFolder()
        for arguments in [
            ["metrics", folder.store, "--window", Self.hostile], ["metrics", folder.store, Self.hostile],
            ["--\(Self.hostile)"], [Self.hostile], ["export", folder.store, Self.hostile],
        ] {
            guard let failure = DrumlinCommand.run(arguments) else { continue }
            #expect(isHarmless(failure.text), "\(arguments): \(failure.text)")
        }
    }
}
