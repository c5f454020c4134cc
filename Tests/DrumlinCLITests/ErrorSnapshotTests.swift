import Foundation
import Testing

@testable import DrumlinCLI

@Suite struct ErrorSnapshotTests {
    @Test func commonMistakesAreMetWithTheMessagesOnFile() throws {
        let texts = try ErrorSnapshot.all.map { try $0.text() }
        for text in texts {
            guard !text.contains("\n{\"ok\":false") else { continue }
            #expect(text.contains("\nerror: "), "\(text)")
            let saysUsage = text.contains("\nUsage: …") || text.contains("\n  See 'drumlin")
            #expect(text.contains("\n  remedy: ") || saysUsage, "what to do is missing: \(text)")
        }
        if ProcessInfo.processInfo.environment["DRUMLIN_RECORD"] != nil {
            try Data(texts.joined(separator: "\n").utf8).write(to: ErrorSnapshot.file)
        }
        let expected = String(decoding: try Data(contentsOf: ErrorSnapshot.file), as: UTF8.self)
        // One at a time, so that a failure shows the mistake that it is about.
        let parts = expected.components(separatedBy: "\n## ").enumerated().map { place, part in
            (place == 0 ? "" : "## ") + part + (part.hasSuffix("\n") ? "" : "\n")
        }
        #expect(parts.count == texts.count)
        for (part, text) in zip(parts, texts) { #expect(part == text) }
    }
}
