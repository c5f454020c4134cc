/// The bytes of an immutable file in memory, given back with the last reference.
@safe
package final class MappedFile: @unchecked Sendable {
    /// The file's bytes; valid as long as this object.
    package let bytes: UnsafeRawBufferPointer
    private let release: @Sendable (UnsafeRawBufferPointer) -> Void

    /// `release` is called once with `bytes`.
    package init(_ bytes: UnsafeRawBufferPointer, release: @escaping @Sendable (UnsafeRawBufferPointer) -> Void) {
        unsafe self.bytes = bytes
        unsafe self.release = release
    }

    /// A copy in memory of its own.
    package convenience init(copying source: UnsafeRawBufferPointer) {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: max(source.count, 1), alignment: 64)
        unsafe copy.copyMemory(from: source)
        unsafe self.init(UnsafeRawBufferPointer(rebasing: copy[..<source.count])) { bytes in
            unsafe UnsafeMutableRawPointer(mutating: bytes.baseAddress!).deallocate()
        }
    }

    package var count: Int { unsafe bytes.count }

    deinit { unsafe release(bytes) }
}
