internal import CDrumlinShims

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// One aligned piece of memory, freed with its last reference.
///
/// Readers may hold a buffer while its writer goes on filling bytes that no reader was told of. That is the whole
/// protocol, and it is why a buffer is never resized in place: a ``ColumnBuilder`` that needs room takes a new one.
@safe
package final class RawBuffer: @unchecked Sendable {
    package let byteCapacity: Int
    package let base: UnsafeMutableRawPointer

    /// What is to be freed; ``base`` is the first aligned place in it. Nil where a larger buffer has taken the pages.
    private var memory: UnsafeMutableRawPointer?
    /// Whether it is pages of the system, and not from the heap.
    private let isMapped: Bool

    /// From this size on, fresh pages cost less than clearing what the heap has.
    private static let mappedFrom = 1 << 17

    /// Zeroed memory, so that no stale byte of the process can ever reach a file.
    ///
    /// - Parameter isFilledSlowly: Take much of it from the system page by page, as it is first used: whoever adds a row at a time
    ///   is then never held up by the clearing of all. Costs more in all than memory that the process used before.
    package init(byteCapacity: Int, isFilledSlowly: Bool = false) {
        precondition(byteCapacity >= 0, "a buffer cannot have a negative capacity")
        let rounded = Self.rounded(byteCapacity)
        self.byteCapacity = rounded
        if isFilledSlowly, rounded >= Self.mappedFrom, let pages = unsafe drumlin_take_pages(rounded) {
            unsafe (memory, base, isMapped) = (pages, pages, true)
            return
        }
        guard let zeroed = unsafe calloc(1, rounded + 63) else {
            preconditionFailure("no memory for a buffer of \(byteCapacity) bytes")
        }
        unsafe (memory, base, isMapped) = (zeroed, zeroed.alignedUp(toMultipleOf: 64), false)
    }

    private init(pages: UnsafeMutableRawPointer, byteCapacity: Int) {
        self.byteCapacity = byteCapacity
        unsafe (memory, base, isMapped) = (pages, pages, true)
    }

    private static func rounded(_ byteCapacity: Int) -> Int { max((byteCapacity + 63) & ~63, 64) }

    /// Puts a larger buffer in the place of one that is filled slowly, with its first `byteCount` bytes. Where nobody else has the old
    /// one, its pages go on without a copy.
    package static func grow(_ buffer: inout RawBuffer, keeping byteCount: Int, to byteCapacity: Int) {
        let rounded = rounded(byteCapacity)
        if buffer.isMapped, isKnownUniquelyReferenced(&buffer), let pages = unsafe buffer.memory,
            let grown = unsafe drumlin_grow_pages(pages, buffer.byteCapacity, rounded)
        {
            unsafe buffer.memory = nil
            buffer = unsafe RawBuffer(pages: grown, byteCapacity: rounded)
            return
        }
        buffer = buffer.copy(keeping: byteCount, byteCapacity: byteCapacity, isFilledSlowly: true)
    }

    /// A buffer with the same first bytes.
    package func copy(keeping byteCount: Int, byteCapacity: Int, isFilledSlowly: Bool = false) -> RawBuffer {
        let fresh = RawBuffer(byteCapacity: byteCapacity, isFilledSlowly: isFilledSlowly)
        // A pointer alone keeps no buffer: its last reference may go before its bytes were read.
        withExtendedLifetime(self) {
            unsafe fresh.base.copyMemory(from: base, byteCount: min(byteCount, self.byteCapacity))
        }
        return fresh
    }

    /// Whether pages that are used first from now on are to be large ones, where the system has such: they cost less for each byte, and more
    /// at once. For who is about to fill all of it.
    package func wantLargePages(_ areWanted: Bool) {
        if isMapped, byteCapacity >= Self.largeFrom {
            unsafe drumlin_want_large_pages(base, byteCapacity, areWanted ? 1 : 0)
        }
    }

    /// A smaller buffer would seldom have a whole one.
    private static let largeFrom = 4 << 20

    deinit {
        guard let memory = unsafe memory else { return }
        if isMapped { unsafe drumlin_return_pages(memory, byteCapacity) } else { unsafe free(memory) }
    }
}
