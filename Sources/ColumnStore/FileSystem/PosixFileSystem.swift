import CDrumlinShims

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The disk of this machine. What is made is for those whom ``StoreAccess`` names, whatever the process' mask says.
///
/// Files are opened only if they are files: a link would lead out of a store that a stranger made, and a pipe never return.
package struct PosixFileSystem: FileSystem {
    private let access: StoreAccess

    package init(_ access: StoreAccess = .owner) { self.access = access }

    package func open(_ path: String, _ mode: FileMode) throws(StoreError) -> any File {
        let flags: Int32 =
            switch mode {
            case .read: O_RDONLY
            case .readWrite: O_RDWR
            case .createNew: O_RDWR | O_CREAT | O_EXCL
            case .createOrTruncate: O_RDWR | O_CREAT | O_TRUNC
            }
        let descriptor = try fileDescriptor(path, flags)
        if flags & O_CREAT != 0 { setMode(descriptor) }
        return PosixFile(path: path, descriptor: descriptor)
    }

    package func rename(_ path: String, to newPath: String) throws(StoreError) {
        guard posixRename(path, newPath) == 0 else { throw .system(errno, "rename to \(newPath)", path: path) }
    }

    package func unlink(_ path: String) throws(StoreError) {
        guard posixUnlink(path) == 0 else { throw .system(errno, "unlink", path: path) }
    }

    package func createDirectory(_ path: String) throws(StoreError) {
        guard unsafe mkdir(path, mode_t(access.directoryMode)) != 0 else {
            guard unsafe chmod(path, mode_t(access.directoryMode)) == 0 else {
                throw .system(errno, "chmod", path: path)
            }
            return
        }
        let code = errno
        if code == EEXIST, try kind(of: path) == .directory { return }
        throw .system(code, "mkdir", path: path)
    }

    package func removeDirectory(_ path: String) throws(StoreError) {
        guard unsafe rmdir(path) == 0 else { throw .system(errno, "rmdir", path: path) }
    }

    package func syncDirectory(_ path: String) throws(StoreError) {
        let directory = try descriptor(path, O_RDONLY | O_DIRECTORY)
        defer { _ = posixClose(directory) }
        guard fsync(directory) == 0 else { throw .system(errno, "fsync of the directory", path: path) }
    }

    package func list(_ path: String) throws(StoreError) -> [String] {
        guard let stream = unsafe opendir(path) else { throw .system(errno, "opendir", path: path) }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = unsafe readdir(stream) else {
                if errno != 0 { throw .system(errno, "readdir", path: path) }
                break
            }
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    package func kind(of path: String) throws(StoreError) -> FileKind {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return .none }
            throw .system(errno, "stat", path: path)
        }
        switch status.st_mode & S_IFMT {
        case S_IFREG: return .file
        case S_IFDIR: return .directory
        default: return .other
        }
    }

    package func lockExclusive(_ path: String) throws(StoreError) -> any FileLock {
        let isNew = try kind(of: path) == .none
        let descriptor = try fileDescriptor(path, O_RDWR | O_CREAT)
        if isNew { setMode(descriptor) }
        let code = drumlin_lock_exclusive(descriptor)
        guard code == 0 else {
            _ = posixClose(descriptor)
            guard code == EAGAIN || code == EACCES else { throw .system(code, "lock", path: path) }
            throw StoreError(
                .locked, "the store is open for writing elsewhere", path: path,
                remedy: "close the other writer, or open the store for reading only")
        }
        return PosixFileLock(descriptor: descriptor, path: path)
    }

    package func randomUInt64() -> UInt64 { UInt64.random(in: .min ... .max) }

    package func isLink(_ path: String) throws(StoreError) -> Bool {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return false }
            throw .system(errno, "lstat", path: path)
        }
        return status.st_mode & S_IFMT == S_IFLNK
    }

    /// Opens what has to be a file.
    private func fileDescriptor(_ path: String, _ flags: Int32) throws(StoreError) -> Int32 {
        let result = unsafe drumlin_open(path, flags | O_NOFOLLOW | O_NONBLOCK, access.fileMode)
        if result == -ELOOP || result == -EMLINK {
            throw StoreError(
                .invalidInput, "this is a symbolic link, and the files of a store are none", path: path,
                remedy: "put the file itself in its place")
        }
        guard result >= 0 else { throw .system(-result, "open", path: path) }
        var status = stat()
        guard unsafe fstat(result, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            _ = posixClose(result)
            throw StoreError(.invalidInput, "this is no file", path: path, remedy: "put a file in its place")
        }
        return result
    }

    /// The process' mask has taken something away.
    private func setMode(_ descriptor: Int32) {
        // Best effort: a file that another user made keeps what it has.
        _ = fchmod(descriptor, mode_t(access.fileMode))
    }

    private func descriptor(_ path: String, _ flags: Int32) throws(StoreError) -> Int32 {
        let result = unsafe drumlin_open(path, flags, access.fileMode)
        guard result >= 0 else { throw .system(-result, "open", path: path) }
        return result
    }
}
