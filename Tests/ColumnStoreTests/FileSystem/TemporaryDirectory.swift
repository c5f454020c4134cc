import ColumnStore
import Foundation

/// A directory of this machine's disk for one test, removed with its owner.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        path = FilePath.join(NSTemporaryDirectory(), "drumlin-\(UUID().uuidString)")
        try PosixFileSystem().createDirectory(path)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { FilePath.join(path, name) }
}
