internal import CDrumlinShims

/// Packing of up to 1,024 values into `width` bits each, interleaved so that one SIMD instruction unpacks several.
///
/// With lanes of T bits (32 where width ≤ 32, else 64) there are L = 1,024 ÷ T of them. Value i is in lane i mod L, at
/// bit (i ÷ L) · width of that lane; bits count from the least significant of the lane's first word, and a value
/// may continue in the lane's next word. Word j of lane l is word j · L + l of the packed bytes (little-endian), so that L words
/// that lie together take 128 bytes and hold what the lanes have in the same place. Values therefore come out in
/// order: L of them from one or two such groups of words.
///
/// m values take ⌈⌈m ÷ L⌉ · width ÷ T⌉ · 128 bytes; the places of values beyond the last hold 0.
enum BitPacking {
    static let groupByteCount = 128

    @inline(__always)
    static func byteCount(_ valueCount: Int, width: Int) -> Int {
        if width == 0 { return 0 }
        let (laneCount, laneBits) = width <= 32 ? (32, 32) : (16, 64)
        let rounds = (valueCount &+ laneCount &- 1) / laneCount
        return (rounds &* width &+ laneBits &- 1) / laneBits &* groupByteCount
    }

    /// Bits that `value` needs.
    @inline(__always)
    static func width<Word: WordType>(_ value: Word) -> Int { Word.bitWidth &- value.leadingZeroBitCount }

    // MARK: Unpacking

    /// Writes whole rounds (32 or 16 values) to `destination`: `valueCount` rounded up to one. Each value is what was
    /// packed plus `base`, wrapping.
    @inline(__always)
    static func unpack<Word: WordType>(
        _ packed: UnsafeRawPointer, width: Int, valueCount: Int, base: Word, into destination: UnsafeMutableRawPointer
    ) {
        if width == 0 {
            let target = unsafe destination.assumingMemoryBound(to: Word.self)
            unsafe target.update(repeating: base, count: valueCount)
        } else if width <= 32 {
            unsafe unpack32(packed, width: width, rounds: (valueCount &+ 31) / 32, base: base, into: destination)
        } else {
            unsafe unpack64(packed, width: width, rounds: (valueCount &+ 15) / 16, base: base, into: destination)
        }
    }

    @inline(__always)
    private static func unpack32<Word: WordType>(
        _ packed: UnsafeRawPointer, width: Int, rounds: Int, base: Word, into destination: UnsafeMutableRawPointer
    ) {
        let (width, rounds) = (UInt32(width), UInt32(rounds))
        if Word.self == UInt64.self {
            unsafe drumlin_unpack_u64(packed, width, rounds, UInt64(truncatingIfNeeded: base), destination)
        } else if Word.self == UInt32.self {
            unsafe drumlin_unpack_u32(packed, width, rounds, UInt32(truncatingIfNeeded: base), destination)
        } else if Word.self == UInt16.self {
            unsafe drumlin_unpack_u16(packed, width, rounds, UInt16(truncatingIfNeeded: base), destination)
        } else {
            unsafe drumlin_unpack_u8(packed, width, rounds, UInt8(truncatingIfNeeded: base), destination)
        }
    }

    @inline(__always)
    private static func unpack64<Word: WordType>(
        _ packed: UnsafeRawPointer, width: Int, rounds: Int, base: Word, into destination: UnsafeMutableRawPointer
    ) {
        // Only words of 8 bytes have more than 32 bits to pack.
        guard Word.self == UInt64.self else { return }
        unsafe drumlin_unpack_wide(
            packed, UInt32(width), UInt32(rounds), UInt64(truncatingIfNeeded: base), destination)
    }

    /// The one value at `index`, without a base.
    @inline(__always)
    static func value(_ packed: UnsafeRawPointer, width: Int, at index: Int) -> UInt64 {
        if width == 0 { return 0 }
        if width <= 32 {
            let bit = (index &>> 5) &* width
            let at = unsafe packed + ((bit &>> 5) &* groupByteCount &+ (index & 31) &* 4)
            let shift = UInt64(truncatingIfNeeded: bit & 31)
            // Where the value ends in this word its bits are read twice: a branch would be guessed wrong too often.
            let next = Int(shift) &+ width > 32 ? groupByteCount : 0
            let low = unsafe UInt64(at.loadUnaligned(as: UInt32.self))
            let high = unsafe UInt64(at.loadUnaligned(fromByteOffset: next, as: UInt32.self))
            return ((low | high &<< 32) &>> shift) & (UInt64.max &>> UInt64(truncatingIfNeeded: 64 &- width))
        }
        let bit = (index &>> 4) &* width
        let at = unsafe packed + ((bit &>> 6) &* groupByteCount &+ (index & 15) &* 8)
        let shift = UInt64(truncatingIfNeeded: bit & 63)
        var word = unsafe at.loadUnaligned(as: UInt64.self) &>> shift
        if Int(shift) &+ width > 64 {
            unsafe word |= at.loadUnaligned(fromByteOffset: groupByteCount, as: UInt64.self) &<< (64 &- shift)
        }
        return word & (UInt64.max &>> UInt64(truncatingIfNeeded: 64 &- width))
    }

    /// Asks for the words in which the value at `index` lies.
    @inline(__always)
    static func prefetch(_ packed: UnsafeRawPointer, width: Int, at index: Int) {
        if width == 0 { return }
        let (laneShift, laneBits, wordShift) = width <= 32 ? (5, 32, 2) : (4, 64, 3)
        let bit = (index &>> laneShift) &* width
        let lane = (index & (1 &<< laneShift &- 1)) &<< wordShift
        let first = bit / laneBits &* groupByteCount &+ lane
        let last = (bit &+ width &- 1) / laneBits &* groupByteCount &+ lane
        unsafe drumlin_prefetch(packed + first)
        if last != first { unsafe drumlin_prefetch(packed + last) }
    }

    // MARK: Packing

    /// Adds `value`, which has at most `width` bits, to zeroed bytes.
    @inline(__always)
    static func pack(_ value: UInt64, width: Int, at index: Int, into packed: UnsafeMutableRawPointer) {
        if width == 0 { return }
        if width <= 32 {
            let bit = (index &>> 5) &* width
            let at = unsafe packed + ((bit &>> 5) &* groupByteCount &+ (index & 31) &* 4)
            let shifted = value &<< UInt64(truncatingIfNeeded: bit & 31)
            unsafe at.assumingMemoryBound(to: UInt32.self).pointee |= UInt32(truncatingIfNeeded: shifted)
            if (bit & 31) &+ width > 32 {
                let next = unsafe at + groupByteCount
                unsafe next.assumingMemoryBound(to: UInt32.self).pointee |= UInt32(truncatingIfNeeded: shifted &>> 32)
            }
            return
        }
        let bit = (index &>> 4) &* width
        let at = unsafe packed + ((bit &>> 6) &* groupByteCount &+ (index & 15) &* 8)
        let shift = UInt64(truncatingIfNeeded: bit & 63)
        unsafe at.assumingMemoryBound(to: UInt64.self).pointee |= value &<< shift
        if Int(shift) &+ width > 64 {
            let next = unsafe at + groupByteCount
            unsafe next.assumingMemoryBound(to: UInt64.self).pointee |= value &>> (64 &- shift)
        }
    }
}
