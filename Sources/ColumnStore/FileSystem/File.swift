/// An open file. Closed by `close()` or with its last reference.
///
/// Reads and writes name their offset, so that threads may share a file.
package protocol File: AnyObject, Sendable {
    var path: String { get }

    /// How long the file is now, in bytes.
    func byteCount() throws(StoreError) -> Int

    /// Fills `buffer` from `offset` on. Returns fewer bytes than it holds only where the file ends.
    func pread(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(StoreError) -> Int

    /// Writes all of `bytes` at `offset`. After an error any part of them may be in the file; writing them again is right.
    func pwrite(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(StoreError)

    /// Makes the file at least `byteCount` bytes long, with room on the disk for all of them; what is new reads as zeros.
    func preallocate(_ byteCount: Int) throws(StoreError)

    /// Takes away what lies behind the first `byteCount` bytes.
    func truncate(_ byteCount: Int) throws(StoreError)

    /// Makes what was written durable, with the length that it needs. Never call it again after it failed: the data may be
    /// gone, and the second call succeed.
    func sync() throws(StoreError)

    /// The file's bytes as they are now, without reading them. Only for files that no one writes any more.
    func map() throws(StoreError) -> MappedFile

    /// How many names the file has.
    func linkCount() throws(StoreError) -> Int

    func close()
}

extension File {
    /// One, on file systems without links.
    package func linkCount() throws(StoreError) -> Int { 1 }
}

extension File {
    /// Writes all of `bytes` at `offset`.
    package func write(_ bytes: [UInt8], at offset: Int) throws(StoreError) {
        let result = unsafe bytes.withUnsafeBytes { raw in
            Result { () throws(StoreError) in unsafe try pwrite(raw, at: offset) }
        }
        try result.get()
    }

    /// Exactly `byteCount` bytes from `offset` on; throws `.corrupt` where the file ends before.
    package func read(_ byteCount: Int, at offset: Int) throws(StoreError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: byteCount)
        let result = unsafe bytes.withUnsafeMutableBytes { raw in
            Result { () throws(StoreError) in unsafe try pread(into: raw, at: offset) }
        }
        let count = try result.get()
        guard count == byteCount else {
            throw .corrupt("the file ends after \(offset + count) bytes, \(offset + byteCount) expected", path: path)
        }
        return bytes
    }
}
