/// One aligned piece of memory, freed with its last reference.
///
/// Readers may hold a buffer while its writer goes on filling bytes that no reader was told of. That is the whole
/// protocol, and it is why a buffer is never resized in place: a ``ColumnBuilder`` that needs room takes a new one.
@safe
package final class RawBuffer: @unchecked Sendable {
    package let byteCapacity: Int
    package let base: UnsafeMutableRawPointer

    /// Zeroed memory, so that no stale byte of the process can ever reach a file.
    package init(byteCapacity: Int) {
        precondition(byteCapacity >= 0, "a buffer cannot have a negative capacity")
        let rounded = (byteCapacity + 63) & ~63
        self.byteCapacity = rounded
        unsafe base = UnsafeMutableRawPointer.allocate(byteCount: max(rounded, 64), alignment: 64)
        unsafe base.initializeMemory(as: UInt8.self, repeating: 0, count: max(rounded, 64))
    }

    deinit { unsafe base.deallocate() }
}
