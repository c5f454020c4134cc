internal import ColumnFormat

/// One slot of an index: the upper half is a key's 32-bit hash, the lower half its row offset plus one; 0 is empty.
///
/// 32 bits of hash are enough: a lookup compares the full key wherever they agree, and among n keys an absent one
/// agrees with one by chance with probability n / 2³².
package struct IndexEntry: Equatable {
    package let bits: UInt64

    @inline(__always)
    package init(bits: UInt64) { self.bits = bits }

    @inline(__always)
    package init(hash: UInt32, rowOffset: UInt32) {
        bits = UInt64(hash) << 32 | (UInt64(rowOffset) &+ 1)
    }

    @inline(__always) package var isEmpty: Bool { bits == 0 }
    @inline(__always) package var hash: UInt32 { UInt32(truncatingIfNeeded: bits >> 32) }
    @inline(__always) package var rowOffset: UInt32 { UInt32(truncatingIfNeeded: bits) &- 1 }

    /// The slot where the search for a hash begins: the hash scaled to the capacity, so that entries lie nearly in
    /// the order of their hashes and a merge of two tables streams through both.
    @inline(__always)
    package static func homeSlot(of hash: UInt32, capacity: Int) -> Int {
        Int(truncatingIfNeeded: (UInt64(hash) &* UInt64(capacity)) >> 32)
    }

    /// The most rows an index covers: offsets are 32 bits, and one value stands for empty.
    package static let maximumRowCount = Int(UInt32.max) - 1
}

/// The hash of a key. The column's position keeps equal bytes in different columns apart.
package struct IndexHash: Sendable {
    /// All ones; a test that wants every key to collide clears it.
    package let mask: UInt32

    package init(mask: UInt32 = .max) { self.mask = mask }

    @inline(__always)
    package func callAsFunction(_ key: UnsafeRawBufferPointer, column: Int) -> UInt32 {
        unsafe UInt32(truncatingIfNeeded: Checksum.of(key, seed: UInt64(column)) >> 32) & mask
    }
}
