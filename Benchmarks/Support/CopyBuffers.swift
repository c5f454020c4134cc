#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Two buffers, one to copy into the other: the speed of memory.
@safe package final class CopyBuffers {
    package let byteCount: Int
    private let from: UnsafeMutableRawPointer
    private let to: UnsafeMutableRawPointer

    package init(byteCount: Int) {
        self.byteCount = byteCount
        unsafe from = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: 64)
        unsafe to = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: 64)
        // Touched once, so that no page fault is measured.
        unsafe memset(from, 1, byteCount)
        unsafe memset(to, 2, byteCount)
    }

    deinit {
        unsafe from.deallocate()
        unsafe to.deallocate()
    }

    package func copy() { unsafe memcpy(to, from, byteCount) }
}
