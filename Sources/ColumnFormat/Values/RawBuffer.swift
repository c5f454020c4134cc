internal import CDrumlinShims
internal import Synchronization

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

    /// What is to be freed; ``base`` is an aligned place in it. Nil where a larger buffer has taken the pages.
    private var memory: UnsafeMutableRawPointer?
    /// How much of it is pages of the system; 0 where it is from the heap.
    private let mappedByteCount: Int
    /// Up to here somebody makes the pages ready, or has.
    private var readyEnd = 0

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
        let offset = isFilledSlowly && rounded >= Self.mappedFrom ? Self.nextOffset() : 0
        if isFilledSlowly, rounded >= Self.mappedFrom, let pages = unsafe drumlin_take_pages(offset + rounded) {
            unsafe (memory, base, mappedByteCount) = (pages, pages + offset, offset + rounded)
            return
        }
        guard let zeroed = unsafe calloc(1, rounded + 63) else {
            preconditionFailure("no memory for a buffer of \(byteCapacity) bytes")
        }
        unsafe (memory, base, mappedByteCount) = (zeroed, zeroed.alignedUp(toMultipleOf: 64), 0)
    }

    private init(pages: UnsafeMutableRawPointer, offset: Int, byteCapacity: Int, readyEnd: Int) {
        self.byteCapacity = byteCapacity
        self.readyEnd = readyEnd
        unsafe (memory, base, mappedByteCount) = (pages, pages + offset, offset + byteCapacity)
    }

    /// Where in its first page the next buffer begins. Each elsewhere, by the golden section: columns that are filled together would else
    /// all come to a page that was never used with the same row, and that row would wait for all of them.
    private static func nextOffset() -> Int {
        let number = mappedCount.add(1, ordering: .relaxed).newValue
        return Int(number &* 0x9E37_79B9 &>> 26) &* 64
    }

    private static let mappedCount = Atomic<UInt32>(0)

    private static func rounded(_ byteCapacity: Int) -> Int { max((byteCapacity + 63) & ~63, 64) }

    /// Puts a larger buffer in the place of one that is filled slowly, with its first `byteCount` bytes. Where nobody else has the old
    /// one, its pages go on without a copy.
    package static func grow(_ buffer: inout RawBuffer, keeping byteCount: Int, to byteCapacity: Int) {
        let rounded = rounded(byteCapacity)
        if buffer.mappedByteCount > 0, isKnownUniquelyReferenced(&buffer), let pages = unsafe buffer.memory {
            let offset = unsafe buffer.base - pages
            if let grown = unsafe drumlin_grow_pages(pages, buffer.mappedByteCount, offset + rounded) {
                unsafe buffer.memory = nil
                buffer = unsafe RawBuffer(
                    pages: grown, offset: offset, byteCapacity: rounded, readyEnd: buffer.readyEnd)
                return
            }
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

    // MARK: Pages

    private var hasLargePages: Bool { mappedByteCount >= Self.largeFrom }

    /// A smaller buffer would seldom have a whole one.
    private static let largeFrom = 4 << 20

    /// Whether pages that are used first from now on are to be large ones, where the system has such: they cost less for each byte, and more
    /// at once. For who is about to fill all of it.
    package func wantLargePages(_ areWanted: Bool) {
        if hasLargePages, let memory = unsafe memory {
            unsafe drumlin_want_large_pages(memory, mappedByteCount, areWanted ? 1 : 0)
        }
    }

    /// Bytes behind the first `used` that ``makeReady(_:)`` is to be called for now, by another thread, so that who fills the buffer finds
    /// their pages there. Each is said once. Nil where that is not worth while, or enough of them are ready.
    package func nextToMakeReady(behind used: Int) -> Range<Int>? {
        guard hasLargePages, readyEnd < byteCapacity, used &+ Self.pieceByteCount > readyEnd else { return nil }
        let start = max(readyEnd, used)
        readyEnd = min(start + Self.pieceByteCount, byteCapacity)
        return start < readyEnd ? start..<readyEnd : nil
    }

    private static let pieceByteCount = 2 << 20

    /// Takes the pages of these bytes from the system, cleared, where it can. The bytes stay what they are: any thread may call it.
    package func makeReady(_ bytes: Range<Int>) {
        unsafe drumlin_populate_pages(base + bytes.lowerBound, bytes.count)
    }

    deinit {
        guard let memory = unsafe memory else { return }
        if mappedByteCount > 0 { unsafe drumlin_return_pages(memory, mappedByteCount) } else { unsafe free(memory) }
    }
}
