internal import ColumnFormat
internal import Synchronization

/// Has a thread of its own take memory from the system that a replay fills next: clearing pages is a large part of a recovery that has
/// nothing else to wait for.
final class PagesAhead {
    private final class End: Sendable {
        let hasCome = Atomic<Bool>(false)
    }

    private let executor = ThreadExecutor(name: "drumlin-pages")
    private let end = End()

    func makeReady(_ buffer: RawBuffer, _ bytes: Range<Int>) {
        executor.submit { [end] in
            if !end.hasCome.load(ordering: .relaxed) { buffer.makeReady(bytes) }
        }
    }

    /// In the order of their places, piece by piece: a system call holds up all others that change the process's memory.
    func makeAllReady(_ buffer: RawBuffer) {
        for start in stride(from: 0, to: buffer.byteCapacity, by: Self.pieceByteCount) {
            makeReady(buffer, start..<min(start + Self.pieceByteCount, buffer.byteCapacity))
        }
    }

    private static let pieceByteCount = 2 << 20

    /// Returns when no buffer is held any more: one that somebody holds cannot grow where it is.
    func finish() { executor.drain() }

    /// What is not ready yet is not needed any more.
    deinit {
        end.hasCome.store(true, ordering: .relaxed)
        executor.stop()
    }
}
