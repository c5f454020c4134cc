package import ColumnStore
import Synchronization

/// A simulated disk that calls a test whenever maintenance is about to write a segment or an index run: so calls of the
/// application fall between what a step has read and its commit.
package final class HookedFileSystem: FileSystem {
    private let base: SimulatedFileSystem
    private let hook = Mutex<(@Sendable () -> Void)?>(nil)
    private let isRunning = Mutex(false)

    package init(_ base: SimulatedFileSystem) { self.base = base }

    /// What to call; it must not wait for the background.
    package func setHook(_ body: (@Sendable () -> Void)?) { hook.withLock { $0 = body } }

    package func open(_ path: String, _ mode: FileMode) throws(StoreError) -> any File {
        let isTable = path.hasSuffix(".seg.tmp") || path.hasSuffix(".idx.tmp")
        if isTable, mode == .createOrTruncate, let body = hook.withLock({ $0 }) {
            let isNested = isRunning.withLock { running in
                defer { running = true }
                return running
            }
            if !isNested {
                body()
                isRunning.withLock { $0 = false }
            }
        }
        return try base.open(path, mode)
    }

    package func rename(_ path: String, to newPath: String) throws(StoreError) { try base.rename(path, to: newPath) }
    package func unlink(_ path: String) throws(StoreError) { try base.unlink(path) }
    package func createDirectory(_ path: String) throws(StoreError) { try base.createDirectory(path) }
    package func removeDirectory(_ path: String) throws(StoreError) { try base.removeDirectory(path) }
    package func syncDirectory(_ path: String) throws(StoreError) { try base.syncDirectory(path) }
    package func list(_ path: String) throws(StoreError) -> [String] { try base.list(path) }
    package func kind(of path: String) throws(StoreError) -> FileKind { try base.kind(of: path) }
    package func lockExclusive(_ path: String) throws(StoreError) -> any FileLock { try base.lockExclusive(path) }
    package func randomUInt64() -> UInt64 { base.randomUInt64() }
}
