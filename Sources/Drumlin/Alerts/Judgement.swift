/// What a condition came to on one window.
struct Judgement: Sendable, Equatable {
    var value: Double
    /// What was expected.
    var expected: Double
    /// The bound that the value has to keep.
    var limit: Double
    /// Whether the bound is not kept.
    var isBad: Bool
    /// Whether one such window is enough.
    var isSevere: Bool
    /// Whether the value is well within its bound again.
    var isClear: Bool
    /// The hash of the value that it is about.
    var hash: Int?
    var rowCount: Int64
}
