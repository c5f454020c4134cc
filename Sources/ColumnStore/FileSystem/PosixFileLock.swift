import CDrumlinShims
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// An open-file-description lock, which two opens in one process contend for as two processes do.
final class PosixFileLock: FileLock {
    private let descriptor: Int32
    private let isClosed = Atomic<Bool>(false)

    private let path: String
    private let process = ProcessMark()

    init(descriptor: Int32, path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    func isCurrent() -> Bool {
        var (held, named) = (stat(), stat())
        guard unsafe fstat(descriptor, &held) == 0, unsafe stat(path, &named) == 0 else { return false }
        return held.st_ino == named.st_ino && held.st_dev == named.st_dev
    }

    deinit { unlock() }

    func unlock() {
        guard !isClosed.exchange(true, ordering: .acquiringAndReleasing) else { return }
        // A child of the process shares the lock, and must not take it from its parent.
        if process.isOurs { _ = drumlin_unlock(descriptor) }
        _ = posixClose(descriptor)
    }
}
