/// A sum of doubles that carries along what each addition rounded away (A. Neumaier, "Rundungsfehleranalyse einiger
/// Verfahren zur Summation endlicher Summen", 1974).
struct CompensatedSum {
    private var sum = 0.0
    private var lost = 0.0

    @inline(__always)
    mutating func add(_ value: Double) {
        let next = sum + value
        // Of the smaller operand the low bits are lost.
        lost += sum.magnitude >= value.magnitude ? (sum - next) + value : (value - next) + sum
        sum = next
    }

    mutating func add(_ other: CompensatedSum) {
        add(other.sum)
        lost += other.lost
    }

    /// Infinities and NaN stay what they are: what was "lost" beside them is NaN.
    var value: Double { sum.isFinite ? sum + lost : sum }
}
