import ColumnFormat

/// How the values of a column follow from those of other columns of the same block, row by row: a form and the columns
/// that it is applied to. What a form makes of them is exactly defined, to the last bit, by ``RelationEvaluator``.
///
/// A null of a source counts as 0.
struct Relation: Equatable, Sendable {
    /// Positions of the source columns in the segment's schema, in the form's order.
    var sources: [Int]
    var form: Form

    static let maximumSourceCount = 8

    enum Form: Equatable, Sendable {
        case sum(Sum)
        case arithmetic(Arithmetic)
        case ratio(Ratio)
        case steps(Steps)
        case period(Period)
    }

    /// (constant + Σ coefficient · digits + residual) ÷ divisor, or its absolute value.
    struct Sum: Equatable, Sendable {
        struct Term: Equatable, Sendable {
            /// Of a float source: its digits are those of source · 10^exponent. 0 of others.
            var exponent = 0
            var coefficient: Int64 = 1
        }

        var terms: [Term]
        var constant: Int64 = 0
        var divisor: Int64 = 1
        var isAbsolute = false
        /// Whether a number of each row's own is stored and added.
        var hasResidual = false
    }

    /// Two sources, or one, in double precision.
    enum Arithmetic: UInt8, Sendable, CaseIterable {
        case plus = 0
        case minus = 1
        case distance = 2
        case times = 3
        case divided = 4
        /// One source as it is.
        case same = 5

        var sourceCount: Int { self == .same ? 1 : 2 }
    }

    /// The source divided by, or times, a stored integer.
    struct Ratio: Equatable, Sendable {
        /// The source's digits are those of source · 10^exponent; nil: the source as it is.
        var exponent: Int?
        var isProduct = false
    }

    /// The value that belongs to the number of thresholds at or below the source.
    struct Steps: Equatable, Sendable {
        /// Ascending, none of them NaN.
        var thresholds: [Double]
        /// One more than thresholds: the values' bits.
        var values: [UInt64]

        static let maximumThresholdCount = 65_534
    }

    /// ⌊(source + offset) ÷ unit⌋, modulo the modulus if that is not 0, plus the base.
    struct Period: Equatable, Sendable {
        var offset: Int64 = 0
        var unit: Int64
        var modulus: Int64 = 0
        var base: Int64 = 0
    }

    /// The highest exponent of a decimal reading of a source.
    static let maximumExponent = 18
}

extension Relation.Form {
    var code: UInt8 {
        switch self {
        case .sum: 1
        case .arithmetic: 2
        case .ratio: 3
        case .steps: 4
        case .period: 5
        }
    }

    /// The shape of the numbers that the form stores for each row, if it does.
    var residualShape: FixedShape? {
        switch self {
        case .sum(let sum): sum.hasResidual ? FixedShape(kind: .signed, byteWidth: 8) : nil
        case .ratio: FixedShape(kind: .signed, byteWidth: 4)
        case .arithmetic, .steps, .period: nil
        }
    }
}
