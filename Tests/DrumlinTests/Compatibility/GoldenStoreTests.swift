import ColumnFormat
import Drumlin
import Foundation
import Testing

/// Stores of every version of the format are read as their writers read them.
///
/// `DRUMLIN_RECORD_STORES=1 swift test --filter GoldenStore` writes that of this version anew: once, before the release that
/// brings it. What a released version wrote is never written again.
@Suite struct GoldenStoreTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Fixtures/stores")

    private static let version = "\(LogFileHeader.majorVersion).\(LogFileHeader.minorVersion)"

    /// The versions that are kept.
    private static func versions() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { !$0.hasPrefix(".") }.sorted()
    }

    /// A copy of a version's store, for a test to do with what it likes.
    private static func withCopy(of version: String, _ body: (String) throws -> Void) throws {
        let copy = FileManager.default.temporaryDirectory.appendingPathComponent("drumlin-\(UUID().uuidString)")
        try FileManager.default.copyItem(at: folder.appendingPathComponent(version + "/store"), to: copy)
        defer { try? FileManager.default.removeItem(at: copy) }
        try body(copy.path)
    }

    private static func expected(_ version: String) throws -> String {
        String(decoding: try Data(contentsOf: folder.appendingPathComponent(version + "/expected.txt")), as: UTF8.self)
    }

    @Test func thisVersionIsAmongThem() throws {
        let place = Self.folder.appendingPathComponent(Self.version)
        if ProcessInfo.processInfo.environment["DRUMLIN_RECORD_STORES"] != nil {
            try? FileManager.default.removeItem(at: place)
            try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
            let store = place.appendingPathComponent("store").path
            try GoldenStore.write(to: store)
            let text = try GoldenStore.description(of: store)
            try Data(text.utf8).write(to: place.appendingPathComponent("expected.txt"))
        }
        let versions = try Self.versions()
        #expect(versions.contains(Self.version))
    }

    @Test func storesOfAllVersionsAreReadAsTheirWritersReadThem() throws {
        for version in try Self.versions() {
            try Self.withCopy(of: version) { path in
                let (read, expected) = (try GoldenStore.description(of: path), try Self.expected(version))
                #expect(read == expected, "format \(version)")
            }
        }
    }

    @Test func storesOfAllVersionsAreWrittenOn() throws {
        for version in try Self.versions() {
            try Self.withCopy(of: version) { path in
                var options = StoreOptions()
                options.arrival = .eventTime
                let store = try Store.open(path, options: options)
                let task = try store.task("tips")
                let before = task.status
                let at = Timestamp(microseconds: 1_584_000_000_000_000)
                try task.logPrediction(id: "new", at: at, prediction: 0.9, features: ["distance": 2, "zone": "z1"])
                try task.logFeedback(id: "new", at: at, label: 1)
                // What waited for its prediction since the file was written.
                try task.logPrediction(id: "never", at: at, prediction: 0.2, features: [:])
                #expect(task.status.predictions == before.predictions + 2)
                #expect(task.status.pendingLabels == before.pendingLabels - 1)
                let row = try store.table("values").lookup("v41")
                #expect(row == 41)
                try store.compact()
                try store.seal()
                try store.close()
                let reader = try Store.openReadOnly(path)
                let found = try reader.table("tips/predictions").lookupMany(["new", "p31"])
                #expect(found[0] != nil && found[1] == nil)
            }
        }
    }
}
