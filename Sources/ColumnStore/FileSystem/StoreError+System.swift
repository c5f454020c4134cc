#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

extension StoreError {
    /// What the operating system answered to `call`.
    package static func system(_ code: Int32, _ call: String, path: String, offset: Int? = nil) -> StoreError {
        let text = unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
        switch code {
        case ENOENT:
            return StoreError(.notFound, "\(call): \(text)", path: path, offset: offset)
        case EEXIST:
            return StoreError(.alreadyExists, "\(call): \(text)", path: path, offset: offset)
        case ENOSPC, EDQUOT:
            return StoreError(
                .noSpace, "\(call): \(text)", path: path, offset: offset,
                remedy: "make room on the disk; what was accepted is kept, and the store then works on")
        case EROFS:
            return StoreError(
                .readOnly, "\(call): \(text)", path: path, offset: offset,
                remedy: "open the store for reading only, or mount its file system for writing")
        case EACCES, EPERM:
            return StoreError(
                .io, "\(call): \(text)", path: path, offset: offset,
                remedy: "let the process have the right to read and write the store's directory and files")
        default:
            return StoreError(.io, "\(call): \(text)", path: path, offset: offset)
        }
    }
}

// Within the methods of the same name the C functions could not be called by theirs.
func posixRename(_ path: String, _ newPath: String) -> Int32 { unsafe rename(path, newPath) }
func posixUnlink(_ path: String) -> Int32 { unsafe unlink(path) }
func posixClose(_ descriptor: Int32) -> Int32 { close(descriptor) }
func posixRead(_ descriptor: Int32, _ base: UnsafeMutableRawPointer, _ byteCount: Int, _ offset: Int) -> Int {
    unsafe pread(descriptor, base, byteCount, off_t(offset))
}
func posixWrite(_ descriptor: Int32, _ base: UnsafeRawPointer, _ byteCount: Int, _ offset: Int) -> Int {
    unsafe pwrite(descriptor, base, byteCount, off_t(offset))
}
