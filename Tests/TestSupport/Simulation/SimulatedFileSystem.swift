package import ColumnStore
import Synchronization

/// A disk in memory that loses power, fills up and fails as told, and the same way for the same seed.
///
/// It keeps what the process sees and, beside it, what is durable with the list of changes that are not. A write is durable
/// with a sync of its file, a name with a sync of its directory; until then `crash` keeps what it likes, in sectors of 512
/// bytes. Operations that change something are counted from 0, and `fail(at:_:)` chooses one of them.
package final class SimulatedFileSystem: FileSystem {
    let state: Mutex<SimulatedDisk>
    private let observer = Mutex<(@Sendable (SimulatedFileSystem) -> Void)?>(nil)

    /// An empty disk with one directory, `/`.
    package convenience init(seed: UInt64 = 1) { self.init(SimulatedDisk(seed: seed)) }

    init(_ disk: SimulatedDisk) { state = Mutex(disk) }

    /// How many operations that change something were begun.
    package var operationCount: Int { state.withLock { $0.operationCount } }
    /// How many reads were begun.
    package var readCount: Int { state.withLock { $0.readCount } }
    /// What was done, one line an operation: for the message of a failed test.
    package var journal: [String] { state.withLock { $0.journal } }
    /// Whether a fault of kind `.crash` has happened. All calls throw then.
    package var hasCrashed: Bool { state.withLock { $0.hasCrashed } }
    /// How many changes a crash could lose.
    package var pendingCount: Int { state.withLock { $0.pending.count } }

    /// Lets the operation with this number fail.
    package func fail(at operation: Int, _ fault: SimulatedFault) { state.withLock { $0.faults[operation] = fault } }

    /// Lets the next operation fail.
    package func failNext(_ fault: SimulatedFault) { state.withLock { $0.faults[$0.operationCount] = fault } }

    /// Lets the read with this number fail.
    package func failRead(at read: Int, _ fault: SimulatedReadFault = .inputOutput) {
        state.withLock { $0.readFaults[read] = fault }
    }

    /// Lets everything go well again.
    package func clearFaults() {
        state.withLock { disk in
            disk.faults = [:]
            disk.readFaults = [:]
            disk.capacity = nil
        }
    }

    /// Whether operations are kept in ``journal``, as they are at first.
    package func setKeepsJournal(_ keeps: Bool) { state.withLock { $0.keepsJournal = keeps } }

    /// The bytes of all files that have a name.
    package var usedByteCount: Int { state.withLock { $0.usedByteCount } }

    /// Has `body` called before each operation that changes something: the moment for a ``fork(_:seed:)``. It may not use
    /// this file system otherwise; what it does with a fork is its own.
    package func observe(_ body: (@Sendable (SimulatedFileSystem) -> Void)?) { observer.withLock { $0 = body } }

    /// Makes a change, after the observer was told.
    func change<R>(_ body: (inout SimulatedDisk) throws(StoreError) -> R) throws(StoreError) -> R {
        if let body = observer.withLock({ $0 }) { body(self) }
        return try state.withLock { disk throws(StoreError) in try body(&disk) }
    }

    /// The room on the disk, for all files' bytes together; nil for no limit.
    package func setCapacity(_ byteCount: Int?) { state.withLock { $0.capacity = byteCount } }

    /// The disk as another process finds it after the power went. This one is of no more use to those who have it.
    package func crash(_ outcome: CrashOutcome) -> SimulatedFileSystem {
        SimulatedFileSystem(
            state.withLock { disk in
                disk.hasCrashed = true
                return disk.image(after: outcome, seed: disk.generator.next())
            })
    }

    /// The disk as another process would find it if the power went, or the process were killed, at this moment; this one goes
    /// on. There is room on it again. Costs the changes that are pending: unchanged bytes are shared.
    package func fork(_ outcome: CrashOutcome, seed: UInt64) -> SimulatedFileSystem {
        SimulatedFileSystem(
            state.withLock { disk in
                var image = disk.image(after: outcome, seed: seed)
                image.generator = SeededGenerator(seed: seed)
                image.capacity = nil
                return image
            })
    }

    /// Ends the use of this disk: all calls throw from now on.
    package func powerOff() { state.withLock { $0.hasCrashed = true } }

    /// The disk as another process finds it after this one was killed: the system's cache survives.
    package func kill() -> SimulatedFileSystem {
        SimulatedFileSystem(
            state.withLock { disk in
                disk.hasCrashed = true
                return disk.survivingProcess()
            })
    }

    /// The bytes of a file as the process sees them.
    package func contents(of path: String) -> [UInt8]? { state.withLock { $0.contents(of: path) } }

    /// Changes bytes behind everyone's back, durably: damage, or a file from elsewhere.
    package func setContents(of path: String, to bytes: [UInt8]) {
        state.withLock { $0.setContents(of: path, to: bytes) }
    }

    /// All files as the process sees them, sorted.
    package var filePaths: [String] { state.withLock { $0.filePaths } }

    // MARK: FileSystem

    package func open(_ path: String, _ mode: FileMode) throws(StoreError) -> any File {
        let path = SimulatedDisk.normalized(path)
        let node =
            mode == .read || mode == .readWrite
            ? try state.withLock { disk throws(StoreError) in try disk.open(path, mode) }
            : try change { disk throws(StoreError) in try disk.open(path, mode) }
        return SimulatedFile(path: path, node: node, isWritable: mode != .read, fileSystem: self)
    }

    package func rename(_ path: String, to newPath: String) throws(StoreError) {
        try change { disk throws(StoreError) in
            try disk.rename(SimulatedDisk.normalized(path), SimulatedDisk.normalized(newPath))
        }
    }

    package func unlink(_ path: String) throws(StoreError) {
        try change { disk throws(StoreError) in try disk.unlink(SimulatedDisk.normalized(path)) }
    }

    package func createDirectory(_ path: String) throws(StoreError) {
        try change { disk throws(StoreError) in try disk.createDirectory(SimulatedDisk.normalized(path)) }
    }

    package func removeDirectory(_ path: String) throws(StoreError) {
        try change { disk throws(StoreError) in try disk.removeDirectory(SimulatedDisk.normalized(path)) }
    }

    package func syncDirectory(_ path: String) throws(StoreError) {
        try change { disk throws(StoreError) in try disk.syncDirectory(SimulatedDisk.normalized(path)) }
    }

    package func list(_ path: String) throws(StoreError) -> [String] {
        try state.withLock { disk throws(StoreError) in try disk.list(SimulatedDisk.normalized(path)) }
    }

    package func kind(of path: String) throws(StoreError) -> FileKind {
        try state.withLock { disk throws(StoreError) in try disk.kind(of: SimulatedDisk.normalized(path)) }
    }

    package func lockExclusive(_ path: String) throws(StoreError) -> any FileLock {
        let path = SimulatedDisk.normalized(path)
        try change { disk throws(StoreError) in try disk.lock(path) }
        return SimulatedLock(path: path, fileSystem: self)
    }

    package func randomUInt64() -> UInt64 { state.withLock { $0.generator.next() } }
}
