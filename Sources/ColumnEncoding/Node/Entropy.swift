/// How few bits a code could take.
enum Entropy {
    /// The sum of −log2(count ÷ total) over all `total` things counted.
    static func bits(_ counts: [UInt32], total: Int) -> Double {
        var sum = 0.0
        for count in counts where count != 0 { sum += Double(count) * log2(Double(count)) }
        return Double(total) * log2(Double(total)) - sum
    }

    /// log2 of a positive number to within 0.002, the same on every platform.
    @inline(__always)
    static func log2(_ value: Double) -> Double {
        // A cubic through 1, 4/3, 5/3 and 2 of the significand.
        let x = value.significand - 1
        let fraction = x * (1.418_99 + x * (-0.572_96 + x * 0.153_97))
        return Double(value.exponent) + fraction
    }
}
