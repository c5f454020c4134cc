/// Integers modulo the prime 2^61 − 1: exact elimination without fractions that grow.
enum ModularField {
    static let prime: UInt64 = (1 << 61) - 1

    @inline(__always)
    static func element(_ integer: Int64) -> UInt64 {
        let remainder = integer % Int64(prime)
        return remainder < 0 ? UInt64(remainder + Int64(prime)) : UInt64(remainder)
    }

    @inline(__always)
    static func product(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let (high, low) = a.multipliedFullWidth(by: b)
        let sum = (low & prime) &+ (high &<< 3 | low &>> 61)
        return sum >= prime ? sum &- prime : sum
    }

    @inline(__always)
    static func difference(_ a: UInt64, _ b: UInt64) -> UInt64 { a >= b ? a &- b : a &+ prime &- b }

    /// a^(p − 2), which is 1 ÷ a by Fermat's little theorem.
    static func inverse(_ a: UInt64) -> UInt64 {
        var (result, base, exponent) = (1 as UInt64, a, prime - 2)
        while exponent > 0 {
            if exponent & 1 != 0 { result = product(result, base) }
            base = product(base, base)
            exponent >>= 1
        }
        return result
    }

    /// The fraction of a small numerator and denominator that `element` stands for, by Euclid's algorithm stopped half-way;
    /// nil where there is none.
    static func fraction(_ element: UInt64) -> (numerator: Int64, denominator: Int64)? {
        let numeratorLimit: Int64 = 1 << 32
        let denominatorLimit: Int64 = 1 << 27
        var (r0, r1) = (Int64(prime), Int64(element))
        var (t0, t1) = (0 as Int64, 1 as Int64)
        while r1 >= numeratorLimit {
            let quotient = r0 / r1
            (r0, r1) = (r1, r0 - quotient * r1)
            (t0, t1) = (t1, t0 - quotient * t1)
            if t1.magnitude > denominatorLimit { return nil }
        }
        return t1 < 0 ? (-r1, -t1) : (r1, t1)
    }
}
