import CDrumlinShims
import Synchronization

/// An open-file-description lock, which two opens in one process contend for as two processes do.
final class PosixFileLock: FileLock {
    private let descriptor: Int32
    private let isClosed = Atomic<Bool>(false)

    init(descriptor: Int32) { self.descriptor = descriptor }

    deinit { unlock() }

    func unlock() {
        guard !isClosed.exchange(true, ordering: .acquiringAndReleasing) else { return }
        _ = drumlin_unlock(descriptor)
        _ = posixClose(descriptor)
    }
}
