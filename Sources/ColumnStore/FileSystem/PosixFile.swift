import CDrumlinShims
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A file descriptor with its path. Whoever closes it makes sure that no call is under way.
final class PosixFile: File {
    let path: String
    private let descriptor: Int32
    private let isClosed = Atomic<Bool>(false)

    init(path: String, descriptor: Int32) {
        self.path = path
        self.descriptor = descriptor
    }

    deinit { close() }

    func close() {
        if !isClosed.exchange(true, ordering: .acquiringAndReleasing) { _ = posixClose(descriptor) }
    }

    func byteCount() throws(StoreError) -> Int {
        try checkOpen()
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw .system(errno, "fstat", path: path) }
        return Int(status.st_size)
    }

    func linkCount() throws(StoreError) -> Int {
        try checkOpen()
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw .system(errno, "fstat", path: path) }
        return Int(status.st_nlink)
    }

    func pread(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(StoreError) -> Int {
        try checkOpen()
        return unsafe try Transfer.read(into: buffer, at: offset, path: path) { (part, offset) throws(StoreError) in
            guard let base = part.baseAddress else { return 0 }
            let count = unsafe posixRead(descriptor, base, part.count, offset)
            if count >= 0 { return count }
            guard errno == EINTR else { throw .system(errno, "read", path: path, offset: offset) }
            return nil
        }
    }

    func pwrite(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(StoreError) {
        try checkOpen()
        unsafe try Transfer.write(bytes, at: offset, path: path) { (part, offset) throws(StoreError) in
            guard let base = part.baseAddress else { return 0 }
            let count = unsafe posixWrite(descriptor, base, part.count, offset)
            if count >= 0 { return count }
            guard errno == EINTR else { throw .system(errno, "write", path: path, offset: offset) }
            return nil
        }
    }

    func preallocate(_ byteCount: Int) throws(StoreError) {
        try checkOpen()
        let code = drumlin_preallocate(descriptor, Int64(byteCount))
        guard code == 0 else { throw .system(code, "fallocate to \(byteCount) bytes", path: path) }
    }

    func truncate(_ byteCount: Int) throws(StoreError) {
        guard try self.byteCount() > byteCount else { return }
        while ftruncate(descriptor, byteCount) != 0 {
            guard errno == EINTR else { throw .system(errno, "ftruncate to \(byteCount) bytes", path: path) }
        }
    }

    func sync() throws(StoreError) {
        try checkOpen()
        let code = drumlin_sync_data(descriptor)
        guard code == 0 else { throw .system(code, "fdatasync", path: path) }
    }

    func map() throws(StoreError) -> MappedFile {
        let byteCount = try byteCount()
        guard byteCount > 0 else { return unsafe MappedFile(UnsafeRawBufferPointer(start: nil, count: 0)) { _ in } }
        guard let base = unsafe mmap(nil, byteCount, PROT_READ, MAP_SHARED, descriptor, 0), unsafe base != MAP_FAILED
        else { throw .system(errno, "mmap", path: path) }
        return unsafe MappedFile(UnsafeRawBufferPointer(start: base, count: byteCount)) { bytes in
            _ = unsafe munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress!), bytes.count)
        }
    }

    private func checkOpen() throws(StoreError) {
        guard !isClosed.load(ordering: .acquiring) else { throw StoreError(.closed, "the file was closed", path: path) }
    }
}
