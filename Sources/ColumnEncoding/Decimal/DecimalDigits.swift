/// The digits that decimals are kept as: see ``DecimalNode``.
package enum DecimalDigits {
    /// The digits whose decimals lie in `range`; nil where there are none. Decimals never decrease with their digits, so both
    /// ends are found by bisection over what they really are, rounding included.
    package static func within(
        _ range: ClosedRange<Double>, divisor: Double, isSingle: Bool
    ) -> ClosedRange<Int64>? {
        func value(_ digits: Int64) -> Double {
            let quotient = Double(digits) / divisor
            return isSingle ? Double(Float(quotient)) : quotient
        }
        /// The first digits at which `isReached` holds, which then holds for all later ones: most likely close to those of
        /// `bound`.
        func first(_ bound: Double, _ isReached: (Double) -> Bool) -> Int64? {
            var (low, high) = (Int64.min, Int64.max)
            if let guess = Int64(exactly: (bound * divisor).rounded()), guess.magnitude < 1 << 62 {
                if !isReached(value(guess - 2)) { low = guess - 1 }
                if isReached(value(guess + 2)) { high = guess + 2 }
            }
            guard isReached(value(high)) else { return nil }
            while low < high {
                let middle = (low >> 1) + (high >> 1) + (low & high & 1)
                if isReached(value(middle)) { high = middle } else { low = middle + 1 }
            }
            return low
        }
        guard let from = first(range.lowerBound, { $0 >= range.lowerBound }) else { return nil }
        guard let behind = first(range.upperBound, { $0 > range.upperBound }) else { return from...Int64.max }
        return behind > from ? from...behind - 1 : nil
    }
}
