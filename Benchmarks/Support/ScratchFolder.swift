import Foundation

/// A folder that is gone when its owner is done: under `DRUMLIN_SCRATCH` or the system's place for such things.
package final class ScratchFolder {
    package let path: String

    package init() throws {
        let parent = ProcessInfo.processInfo.environment["DRUMLIN_SCRATCH"] ?? NSTemporaryDirectory()
        path = URL(fileURLWithPath: parent).appendingPathComponent("drumlin-bench-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The path of something in the folder.
    package func path(_ name: String) -> String { path + "/" + name }
}
