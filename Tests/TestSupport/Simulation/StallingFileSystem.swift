package import ColumnStore
import Synchronization

/// A disk that stops answering when told: calls of the chosen kinds wait until `resume()`.
package final class StallingFileSystem: FileSystem {
    /// What can stall.
    package enum Call: Sendable, CaseIterable {
        case write, sync, preallocate, open, rename, list
    }

    private let base: any FileSystem
    private let gate = Gate()

    package init(_ base: any FileSystem) { self.base = base }

    /// Lets calls of these kinds wait from now on, those for paths that contain `name`.
    package func stall(_ calls: Set<Call>, name: String = "") { gate.close(calls, name) }

    /// Lets those who wait go on.
    package func resume() { gate.open() }

    /// How many calls wait.
    package var waitingCount: Int { gate.waitingCount }

    package func open(_ path: String, _ mode: FileMode) throws(StoreError) -> any File {
        if mode != .read { gate.pass(.open, path) }
        return StallingFile(try base.open(path, mode), gate)
    }

    package func rename(_ path: String, to newPath: String) throws(StoreError) {
        gate.pass(.rename, path)
        try base.rename(path, to: newPath)
    }

    package func unlink(_ path: String) throws(StoreError) { try base.unlink(path) }
    package func createDirectory(_ path: String) throws(StoreError) { try base.createDirectory(path) }
    package func removeDirectory(_ path: String) throws(StoreError) { try base.removeDirectory(path) }

    package func syncDirectory(_ path: String) throws(StoreError) {
        gate.pass(.sync, path)
        try base.syncDirectory(path)
    }

    package func list(_ path: String) throws(StoreError) -> [String] {
        gate.pass(.list, path)
        return try base.list(path)
    }

    package func kind(of path: String) throws(StoreError) -> FileKind { try base.kind(of: path) }
    package func isLink(_ path: String) throws(StoreError) -> Bool { try base.isLink(path) }
    package func lockExclusive(_ path: String) throws(StoreError) -> any FileLock { try base.lockExclusive(path) }
    package func randomUInt64() -> UInt64 { base.randomUInt64() }
}

/// Where stalled calls wait.
private final class Gate: @unchecked Sendable {
    private let lock = SignalLock()
    private var closed: Set<StallingFileSystem.Call> = []
    private var name = ""
    private var waiting = 0

    var waitingCount: Int {
        lock.lock()
        defer { lock.unlock() }
        return waiting
    }

    func close(_ calls: Set<StallingFileSystem.Call>, _ name: String) {
        lock.lock()
        defer { lock.unlock() }
        (closed, self.name) = (calls, name)
    }

    func open() {
        lock.lock()
        defer { lock.unlock() }
        closed = []
        lock.broadcast()
    }

    func pass(_ call: StallingFileSystem.Call, _ path: String) {
        lock.lock()
        defer { lock.unlock() }
        guard closed.contains(call), name.isEmpty || path.contains(name) else { return }
        waiting += 1
        while closed.contains(call) { lock.wait() }
        waiting -= 1
    }
}

private final class StallingFile: File {
    private let base: any File
    private let gate: Gate
    let path: String

    init(_ base: any File, _ gate: Gate) {
        self.base = base
        self.gate = gate
        path = base.path
    }

    func byteCount() throws(StoreError) -> Int { try base.byteCount() }

    func pread(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(StoreError) -> Int {
        unsafe try base.pread(into: buffer, at: offset)
    }

    func pwrite(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(StoreError) {
        gate.pass(.write, path)
        unsafe try base.pwrite(bytes, at: offset)
    }

    func preallocate(_ byteCount: Int) throws(StoreError) {
        gate.pass(.preallocate, path)
        try base.preallocate(byteCount)
    }

    func truncate(_ byteCount: Int) throws(StoreError) { try base.truncate(byteCount) }

    func sync() throws(StoreError) {
        gate.pass(.sync, path)
        try base.sync()
    }

    func map() throws(StoreError) -> MappedFile { try base.map() }
    func close() { base.close() }
}
