import CDrumlinShims

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The disk of this machine. Files are made for their owner only: 0600, directories 0700.
package struct PosixFileSystem: FileSystem {
    package init() {}

    package func open(_ path: String, _ mode: FileMode) throws(StoreError) -> any File {
        let flags: Int32 =
            switch mode {
            case .read: O_RDONLY
            case .readWrite: O_RDWR
            case .createNew: O_RDWR | O_CREAT | O_EXCL
            case .createOrTruncate: O_RDWR | O_CREAT | O_TRUNC
            }
        return PosixFile(path: path, descriptor: try descriptor(path, flags))
    }

    package func rename(_ path: String, to newPath: String) throws(StoreError) {
        guard posixRename(path, newPath) == 0 else { throw .system(errno, "rename to \(newPath)", path: path) }
    }

    package func unlink(_ path: String) throws(StoreError) {
        guard posixUnlink(path) == 0 else { throw .system(errno, "unlink", path: path) }
    }

    package func createDirectory(_ path: String) throws(StoreError) {
        guard unsafe mkdir(path, 0o700) != 0 else { return }
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
        let descriptor = try descriptor(path, O_RDWR | O_CREAT)
        let code = drumlin_lock_exclusive(descriptor)
        guard code == 0 else {
            _ = posixClose(descriptor)
            guard code == EAGAIN || code == EACCES else { throw .system(code, "lock", path: path) }
            throw StoreError(
                .locked, "the store is open for writing elsewhere", path: path,
                remedy: "close the other writer, or open the store for reading only")
        }
        return PosixFileLock(descriptor: descriptor)
    }

    package func randomUInt64() -> UInt64 { UInt64.random(in: .min ... .max) }

    private func descriptor(_ path: String, _ flags: Int32) throws(StoreError) -> Int32 {
        let result = unsafe drumlin_open(path, flags, 0o600)
        guard result >= 0 else { throw .system(-result, "open", path: path) }
        return result
    }
}
