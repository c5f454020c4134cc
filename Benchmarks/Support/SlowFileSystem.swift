package import ColumnStore
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The disk of this machine, whose syncs of the log take longer when told.
package final class SlowFileSystem: FileSystem {
    private let base = PosixFileSystem()
    private let delay = Delay()

    package init() {}

    /// Lets each sync of a log take so much longer, from now on.
    package func setDelay(milliseconds: Int) { delay.milliseconds.store(milliseconds, ordering: .relaxed) }

    /// Syncs of logs so far.
    package var syncCount: Int { delay.count.load(ordering: .relaxed) }

    package func open(_ path: String, _ mode: FileMode) throws(StoreError) -> any File {
        let file = try base.open(path, mode)
        return path.contains("/log-") && mode != .read ? SlowFile(file, delay) : file
    }

    package func rename(_ path: String, to newPath: String) throws(StoreError) { try base.rename(path, to: newPath) }
    package func unlink(_ path: String) throws(StoreError) { try base.unlink(path) }
    package func createDirectory(_ path: String) throws(StoreError) { try base.createDirectory(path) }
    package func removeDirectory(_ path: String) throws(StoreError) { try base.removeDirectory(path) }
    package func syncDirectory(_ path: String) throws(StoreError) { try base.syncDirectory(path) }
    package func list(_ path: String) throws(StoreError) -> [String] { try base.list(path) }
    package func kind(of path: String) throws(StoreError) -> FileKind { try base.kind(of: path) }
    package func isLink(_ path: String) throws(StoreError) -> Bool { try base.isLink(path) }
    package func lockExclusive(_ path: String) throws(StoreError) -> any FileLock { try base.lockExclusive(path) }
    package func randomUInt64() -> UInt64 { base.randomUInt64() }
}

private final class Delay: Sendable {
    let milliseconds = Atomic<Int>(0)
    let count = Atomic<Int>(0)
}

private final class SlowFile: File {
    private let base: any File
    private let delay: Delay
    let path: String

    init(_ base: any File, _ delay: Delay) {
        self.base = base
        self.delay = delay
        path = base.path
    }

    func byteCount() throws(StoreError) -> Int { try base.byteCount() }
    func linkCount() throws(StoreError) -> Int { try base.linkCount() }

    func pread(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(StoreError) -> Int {
        unsafe try base.pread(into: buffer, at: offset)
    }

    func pwrite(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(StoreError) {
        unsafe try base.pwrite(bytes, at: offset)
    }

    func preallocate(_ byteCount: Int) throws(StoreError) { try base.preallocate(byteCount) }
    func truncate(_ byteCount: Int) throws(StoreError) { try base.truncate(byteCount) }

    func sync() throws(StoreError) {
        delay.count.add(1, ordering: .relaxed)
        try base.sync()
        let wait = delay.milliseconds.load(ordering: .relaxed)
        if wait > 0 { usleep(UInt32(wait) * 1_000) }
    }

    func map() throws(StoreError) -> MappedFile { try base.map() }
    func close() { base.close() }
}
