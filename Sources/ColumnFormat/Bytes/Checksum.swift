/// The checksum of every structure on disk: XXH64 (Y. Collet, xxHash specification 0.1.1).
///
/// A seed ties bytes to their place: a page or frame that was moved, or is left from an older file, does not match.
package enum Checksum {
    private static let prime1: UInt64 = 0x9E37_79B1_85EB_CA87
    private static let prime2: UInt64 = 0xC2B2_AE3D_27D4_EB4F
    private static let prime3: UInt64 = 0x1656_67B1_9E37_79F9
    private static let prime4: UInt64 = 0x85EB_CA77_C2B2_AE63
    private static let prime5: UInt64 = 0x27D4_EB2F_1656_67C5

    package static func of(_ bytes: [UInt8], seed: UInt64 = 0) -> UInt64 {
        unsafe bytes.withUnsafeBytes { unsafe of($0, seed: seed) }
    }

    package static func of(_ bytes: UnsafeRawBufferPointer, seed: UInt64 = 0) -> UInt64 {
        guard var p = bytes.baseAddress else { return avalanche(seed &+ prime5) }
        let count = bytes.count
        var rest = count
        var hash: UInt64
        if count >= 32 {
            var a = seed &+ prime1 &+ prime2
            var b = seed &+ prime2
            var c = seed
            var d = seed &- prime1
            while rest >= 32 {
                unsafe a = round(a, load64(p))
                unsafe b = round(b, load64(p + 8))
                unsafe c = round(c, load64(p + 16))
                unsafe d = round(d, load64(p + 24))
                unsafe p += 32
                rest &-= 32
            }
            hash = rotate(a, 1) &+ rotate(b, 7) &+ rotate(c, 12) &+ rotate(d, 18)
            for lane in [a, b, c, d] { hash = (hash ^ round(0, lane)) &* prime1 &+ prime4 }
        } else {
            hash = seed &+ prime5
        }
        hash = hash &+ UInt64(count)
        while rest >= 8 {
            unsafe hash = rotate(hash ^ round(0, load64(p)), 27) &* prime1 &+ prime4
            unsafe p += 8
            rest &-= 8
        }
        if rest >= 4 {
            let word = unsafe UInt64(UInt32(littleEndian: p.loadUnaligned(as: UInt32.self)))
            hash = rotate(hash ^ (word &* prime1), 23) &* prime2 &+ prime3
            unsafe p += 4
            rest &-= 4
        }
        while rest > 0 {
            unsafe hash = rotate(hash ^ (UInt64(p.load(as: UInt8.self)) &* prime5), 11) &* prime1
            unsafe p += 1
            rest &-= 1
        }
        return avalanche(hash)
    }

    @inline(__always)
    private static func load64(_ p: UnsafeRawPointer) -> UInt64 {
        unsafe UInt64(littleEndian: p.loadUnaligned(as: UInt64.self))
    }

    @inline(__always)
    private static func rotate(_ x: UInt64, _ bits: UInt64) -> UInt64 { (x &<< bits) | (x &>> (64 &- bits)) }

    @inline(__always)
    private static func round(_ lane: UInt64, _ word: UInt64) -> UInt64 {
        rotate(lane &+ word &* prime2, 31) &* prime1
    }

    @inline(__always)
    private static func avalanche(_ hash: UInt64) -> UInt64 {
        var h = hash
        h = (h ^ (h &>> 33)) &* prime2
        h = (h ^ (h &>> 29)) &* prime3
        return h ^ (h &>> 32)
    }
}
