import BenchmarkSupport
import ColumnStore
import Synchronization

/// Threads that wait for a shared write and fdatasync and do nothing else: what disk, scheduler and locks leave to a store.
final class BareGroup: @unchecked Sendable {
    private static let eventByteCount = 200
    private static let fileByteCount = 32 << 20

    private let lock = SignalLock(conditionCount: 2)
    private let file: any File
    private let bytes = [UInt8](repeating: 7, count: 64 << 10)
    private var appended = 0
    private var durable = 0
    private var offset = 0
    private var side = 0
    private var isSyncing = false
    private var syncCount = 0

    private init(_ file: any File) { self.file = file }

    /// Events and syncs a second.
    static func rates(threads: Int, seconds: Double) throws -> (events: Double, syncs: Double) {
        let scratch = try ScratchFolder()
        let file = try PosixFileSystem().open(scratch.path("synced"), .createNew)
        defer { file.close() }
        try file.write([UInt8](repeating: 0, count: fileByteCount), at: 0)
        try file.sync()
        let group = BareGroup(file)
        let callers = (0..<threads).map { ThreadExecutor(name: "bare-\($0)") }
        let start = Stopwatch.now()
        for caller in callers {
            caller.submit {
                while Stopwatch.now() - start < UInt64(seconds * 1e9) {
                    do { try group.commit() } catch { preconditionFailure("\(error)") }
                }
            }
        }
        for caller in callers { caller.stop() }
        let passed = Double(Stopwatch.now() - start) / 1e9
        return (Double(group.appended) / passed, Double(group.syncCount) / passed)
    }

    private func commit() throws(StoreError) {
        lock.lock()
        defer { lock.unlock() }
        appended += 1
        let mine = appended
        while durable < mine {
            guard !isSyncing else {
                lock.wait(for: side)
                continue
            }
            isSyncing = true
            let (place, end) = (side, appended)
            let byteCount = min(bytes.count, (end - durable) * Self.eventByteCount)
            side ^= 1
            lock.unlock()
            try file.write(Array(bytes.prefix(byteCount)), at: offset)
            try file.sync()
            lock.lock()
            offset = (offset + byteCount) % (Self.fileByteCount - bytes.count)
            durable = end
            syncCount += 1
            isSyncing = false
            lock.signal(side)
            lock.broadcast(place)
        }
    }
}
