/// The disk as the writer of a store sees it: files come, go and change their names only as long as the directory at the
/// store's path is the one that was locked.
///
/// Where that was removed, or renamed, another store may be at its path by now, and this one must not write into that.
final class GuardedFileSystem: FileSystem {
    private let base: any FileSystem
    private let lock: any FileLock
    private let directory: String

    init(_ base: any FileSystem, lock: any FileLock, directory: String) {
        self.base = base
        self.lock = lock
        self.directory = directory
    }

    private func check() throws(StoreError) {
        guard !lock.isCurrent() else { return }
        throw StoreError(
            .notFound, "the store's directory was removed or renamed while the store was open", path: directory,
            remedy: "close the store, and open it where it is now")
    }

    func open(_ path: String, _ mode: FileMode) throws(StoreError) -> any File {
        if mode == .createNew || mode == .createOrTruncate { try check() }
        return try base.open(path, mode)
    }

    func rename(_ path: String, to newPath: String) throws(StoreError) {
        try check()
        try base.rename(path, to: newPath)
    }

    func unlink(_ path: String) throws(StoreError) {
        try check()
        try base.unlink(path)
    }

    func createDirectory(_ path: String) throws(StoreError) {
        try check()
        try base.createDirectory(path)
    }

    func removeDirectory(_ path: String) throws(StoreError) {
        try check()
        try base.removeDirectory(path)
    }

    func syncDirectory(_ path: String) throws(StoreError) { try base.syncDirectory(path) }
    func list(_ path: String) throws(StoreError) -> [String] { try base.list(path) }
    func kind(of path: String) throws(StoreError) -> FileKind { try base.kind(of: path) }
    func isLink(_ path: String) throws(StoreError) -> Bool { try base.isLink(path) }
    func lockExclusive(_ path: String) throws(StoreError) -> any FileLock { try base.lockExclusive(path) }
    func randomUInt64() -> UInt64 { base.randomUInt64() }
}
