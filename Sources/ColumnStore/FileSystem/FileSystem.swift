#if DRUMLIN_INJECTED_BUGS
    import ColumnFormat
#endif

/// Every access of a store to the disk goes through this door, so that the tests can close it at any moment.
///
/// Paths are given as the operating system takes them. All calls may be made from any thread. Nothing is durable until
/// the file was synced, and no new, renamed or removed name is durable until its directory was synced.
package protocol FileSystem: Sendable {
    /// Opens a file. Throws `.notFound`, `.alreadyExists`, `.noSpace` or `.io`.
    func open(_ path: String, _ mode: FileMode) throws(StoreError) -> any File

    /// Replaces what `newPath` names, if anything, atomically.
    func rename(_ path: String, to newPath: String) throws(StoreError)

    /// Removes a file's name; who has it open or mapped reads on. Throws `.notFound` if there is none.
    func unlink(_ path: String) throws(StoreError)

    /// Makes one directory that only its owner can enter. A directory that exists is no error.
    func createDirectory(_ path: String) throws(StoreError)

    /// Removes an empty directory.
    func removeDirectory(_ path: String) throws(StoreError)

    /// Makes the names in a directory durable.
    func syncDirectory(_ path: String) throws(StoreError)

    /// The names in a directory, sorted, without `.` and `..`.
    func list(_ path: String) throws(StoreError) -> [String]

    /// What a path names; `.none` if nothing.
    func kind(of path: String) throws(StoreError) -> FileKind

    /// Whether a path names a symbolic link, wherever that leads.
    func isLink(_ path: String) throws(StoreError) -> Bool

    /// Takes the lock that one writer holds, creating the file; throws `.locked` at once if another has it, be it in this
    /// process. The lock ends with the returned object or with the process, however that ends.
    func lockExclusive(_ path: String) throws(StoreError) -> any FileLock

    /// A number that no other call has returned, for the identifiers of files.
    func randomUInt64() -> UInt64
}

/// How a file is opened.
package enum FileMode: Sendable {
    /// An existing file, for reading.
    case read
    /// An existing file, for reading and writing.
    case readWrite
    /// A new file for reading and writing; throws `.alreadyExists` if there is one.
    case createNew
    /// A file for reading and writing, empty: what was there is gone.
    case createOrTruncate
}

/// What a path names.
package enum FileKind: Sendable {
    case none, file, directory, other
}

/// An exclusive lock, held until `unlock()` or the end of the object.
package protocol FileLock: AnyObject, Sendable {
    func unlock()

    /// Whether the file that was locked still has the name by which it was.
    func isCurrent() -> Bool
}

extension FileLock {
    /// Yes, where nobody else changes names.
    package func isCurrent() -> Bool { true }
}

extension FileSystem {
    /// Only real file systems have links.
    package func isLink(_ path: String) throws(StoreError) -> Bool { false }

    /// Throws where a folder on the way from `directory` to what `name` names there is a symbolic link, which could lead
    /// anywhere.
    func checkFolders(of name: String, in directory: String) throws(StoreError) {
        var path = directory
        for part in name.split(separator: "/").dropLast() {
            path = FilePath.join(path, String(part))
            if try isLink(path) {
                throw StoreError(
                    .invalidInput, "a folder of the store is a symbolic link, which could lead anywhere", path: path,
                    remedy: "put the folder itself in its place")
            }
        }
    }

    /// How long a file is, in bytes.
    package func byteCount(of path: String) throws(StoreError) -> Int {
        let file = try open(path, .read)
        defer { file.close() }
        return try file.byteCount()
    }

    /// Makes a directory and those above it that do not exist; what is new is durable in its parent on return.
    package func createDirectories(_ path: String) throws(StoreError) {
        guard try kind(of: path) != .directory else { return }
        let parent = FilePath.parent(of: path)
        if parent != path { try createDirectories(parent) }
        try createDirectory(path)
        if parent != path { try syncDirectory(parent) }
    }

    /// Writes a small file so that after a crash it holds either what it held or `bytes`, never a mixture: written beside
    /// it, synced, renamed over it, and the directory synced.
    package func replaceFile(_ path: String, with bytes: [UInt8]) throws(StoreError) {
        let temporary = path + ".tmp"
        let file = try open(temporary, .createOrTruncate)
        defer { file.close() }
        try file.write(bytes, at: 0)
        #if DRUMLIN_INJECTED_BUGS
            if !InjectedBug.renameBeforeSync.isOn { try file.sync() }
            try rename(temporary, to: path)
            if InjectedBug.skipDirectorySync.isOn { return }
        #else
            try file.sync()
            try rename(temporary, to: path)
        #endif
        try syncDirectory(FilePath.parent(of: path))
    }

    /// The whole of a file that may not be longer than `limit` bytes.
    package func readFile(_ path: String, limit: Int) throws(StoreError) -> [UInt8] {
        let file = try open(path, .read)
        defer { file.close() }
        let byteCount = try file.byteCount()
        guard byteCount <= limit else {
            throw .corrupt("\(byteCount) bytes where at most \(limit) are possible", path: path)
        }
        return try file.read(byteCount, at: 0)
    }
}
