/// splitmix64: the same numbers in every run.
struct Generator: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

let second: Int64 = 1_000_000
let minute = 60 * second
let hour = 60 * minute
let day = 24 * hour

/// Times from `from` up to, and without, `to`.
func times(from: Int64, to: Int64, by step: Int64) -> [Int64] {
    (0..<max(0, (to - from + step - 1) / step)).map { from + $0 * step }
}
