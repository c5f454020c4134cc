/// Memory for frames on their way to a file, used again and again.
@safe
package final class LogBuffer: @unchecked Sendable {
    let base: UnsafeMutableRawPointer
    let capacity: Int
    /// How many bytes are frames.
    package internal(set) var count = 0

    package init(byteCapacity: Int) {
        capacity = max(byteCapacity, 4_096)
        unsafe base = .allocate(byteCount: capacity, alignment: 64)
    }

    deinit { unsafe base.deallocate() }

    /// Valid while somebody holds this object, which the pointer does not.
    package var bytes: UnsafeRawBufferPointer { unsafe UnsafeRawBufferPointer(start: base, count: count) }

    /// A copy of the frames.
    package func copy() -> [UInt8] { withExtendedLifetime(self) { unsafe [UInt8](bytes) } }

    package func removeAll() { count = 0 }

    /// A larger buffer that begins with the first `kept` bytes of this one.
    func grown(to byteCapacity: Int, keeping kept: Int) -> LogBuffer {
        let larger = LogBuffer(byteCapacity: byteCapacity)
        unsafe larger.base.copyMemory(from: base, byteCount: kept)
        return larger
    }
}
