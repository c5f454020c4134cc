/// What a model said of one event. A literal stands for the commonest form: `0.83` for a score or a value, `"cat"` for a
/// class.
public enum PredictionValue: Sendable, Hashable {
    /// A number: the score of a binary task, in [0, 1], or the value of a regression.
    case number(Double)
    /// The score of a binary task, and its class (0 or 1) where the model does not simply compare with the threshold.
    case score(Double, class: Int)
    /// A class of a multiclass task, and the probabilities in the order of the task's classes, where the model has them.
    case `class`(String, probabilities: [Double]?)
}

extension PredictionValue: ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral, ExpressibleByStringLiteral {
    /// A score or a value.
    public init(floatLiteral value: Double) { self = .number(value) }
    /// A score or a value.
    public init(integerLiteral value: Int) { self = .number(Double(value)) }
    /// A class.
    public init(stringLiteral value: String) { self = .class(value, probabilities: nil) }
}

/// What turned out to be true: 0 or 1 for a binary task, the name of a class, or a number. Null withdraws a label.
public enum LabelValue: Sendable, Hashable {
    case number(Double)
    case `class`(String)
    /// The label that was given before is taken back.
    case withdrawn
}

extension LabelValue: ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral, ExpressibleByStringLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByNilLiteral
{
    /// A label as a number.
    public init(floatLiteral value: Double) { self = .number(value) }
    /// A label as a number.
    public init(integerLiteral value: Int) { self = .number(Double(value)) }
    /// A class.
    public init(stringLiteral value: String) { self = .class(value) }
    /// 1 for true, 0 for false.
    public init(booleanLiteral value: Bool) { self = .number(value ? 1 : 0) }
    /// A withdrawal.
    public init(nilLiteral: ()) { self = .withdrawn }
}
