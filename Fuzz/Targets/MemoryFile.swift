import ColumnStore

/// Bytes as a file, for reading.
final class MemoryFile: File {
    let path: String
    private let bytes: [UInt8]

    init(_ bytes: [UInt8], path: String) {
        self.bytes = bytes
        self.path = path
    }

    func byteCount() throws(StoreError) -> Int { bytes.count }

    func pread(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(StoreError) -> Int {
        require(offset >= 0, "a read at \(offset)")
        let count = max(0, min(buffer.count, bytes.count - offset))
        if count > 0 {
            unsafe bytes.withUnsafeBytes { source in
                unsafe buffer.copyBytes(from: UnsafeRawBufferPointer(rebasing: source[offset..<offset + count]))
            }
        }
        return count
    }

    func map() throws(StoreError) -> MappedFile { unsafe bytes.withUnsafeBytes { unsafe MappedFile(copying: $0) } }
    func close() {}

    private static let refusal = StoreError(.readOnly, "bytes in memory")
    func pwrite(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(StoreError) { throw Self.refusal }
    func preallocate(_ byteCount: Int) throws(StoreError) { throw Self.refusal }
    func truncate(_ byteCount: Int) throws(StoreError) { throw Self.refusal }
    func sync() throws(StoreError) { throw Self.refusal }
}

extension [UInt8] {
    var mapped: MappedFile { unsafe withUnsafeBytes { unsafe MappedFile(copying: $0) } }
}
