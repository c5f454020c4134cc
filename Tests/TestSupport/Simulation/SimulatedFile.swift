import ColumnStore
import Synchronization

/// A file of a simulated disk, by its node: it outlives its name.
final class SimulatedFile: File {
    let path: String
    private let node: Int
    private let isWritable: Bool
    private let fileSystem: SimulatedFileSystem
    private let isClosed = Atomic<Bool>(false)

    init(path: String, node: Int, isWritable: Bool, fileSystem: SimulatedFileSystem) {
        self.path = path
        self.node = node
        self.isWritable = isWritable
        self.fileSystem = fileSystem
    }

    func byteCount() throws(StoreError) -> Int {
        try checkOpen()
        return try fileSystem.state.withLock { disk throws(StoreError) in
            try disk.checkAlive(path)
            return disk.nodes[node].bytes.count
        }
    }

    func pread(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(StoreError) -> Int {
        try checkOpen()
        return unsafe try Transfer.read(into: buffer, at: offset, path: path) { (part, offset) throws(StoreError) in
            let bytes = try fileSystem.state.withLock { disk throws(StoreError) in
                try disk.read(node, path, offset, part.count)
            }
            guard let bytes else { return nil }
            unsafe part.copyBytes(from: bytes)
            return bytes.count
        }
    }

    func pwrite(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(StoreError) {
        try checkOpen()
        try checkWritable()
        unsafe try Transfer.write(bytes, at: offset, path: path) { (part, offset) throws(StoreError) in
            let copy = unsafe [UInt8](part)
            return try fileSystem.change { disk throws(StoreError) in try disk.write(node, path, copy, offset) }
        }
    }

    func preallocate(_ byteCount: Int) throws(StoreError) {
        try checkOpen()
        try checkWritable()
        try fileSystem.change { disk throws(StoreError) in try disk.extend(node, path, byteCount) }
    }

    func truncate(_ byteCount: Int) throws(StoreError) {
        try checkOpen()
        try checkWritable()
        try fileSystem.change { disk throws(StoreError) in try disk.truncate(node, path, byteCount) }
    }

    func sync() throws(StoreError) {
        try checkOpen()
        try fileSystem.change { disk throws(StoreError) in try disk.sync(node, path) }
    }

    func map() throws(StoreError) -> MappedFile {
        let bytes = try read(try byteCount(), at: 0)
        return unsafe bytes.withUnsafeBytes { unsafe MappedFile(copying: $0) }
    }

    func close() { isClosed.store(true, ordering: .releasing) }

    private func checkOpen() throws(StoreError) {
        if isClosed.load(ordering: .acquiring) { throw StoreError(.closed, "the file was closed", path: path) }
    }

    private func checkWritable() throws(StoreError) {
        if !isWritable { throw StoreError(.io, "the file was opened for reading", path: path) }
    }
}

final class SimulatedLock: FileLock {
    private let path: String
    private let fileSystem: SimulatedFileSystem
    private let isReleased = Atomic<Bool>(false)

    init(path: String, fileSystem: SimulatedFileSystem) {
        self.path = path
        self.fileSystem = fileSystem
    }

    deinit { unlock() }

    func unlock() {
        guard !isReleased.exchange(true, ordering: .acquiringAndReleasing) else { return }
        fileSystem.state.withLock { _ = $0.locks.remove(path) }
    }
}
