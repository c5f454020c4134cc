/// A prediction's features by their declared position, as buckets read them.
package protocol FeatureSource: ~Copyable {
    /// The feature as a number; NaN where it is missing or is no number.
    borrowing func number(at feature: Int) -> Double
    /// The feature as text; nil where it is missing or is a number.
    borrowing func text(at feature: Int) -> String?
}

/// Features in arrays.
package struct FeatureRow: FeatureSource, Sendable {
    package var numbers: [Double]
    package var texts: [String?]

    /// A row of features; positions beyond the end of an array are missing.
    package init(numbers: [Double] = [], texts: [String?] = []) {
        self.numbers = numbers
        self.texts = texts
    }

    package func number(at feature: Int) -> Double { numbers.indices.contains(feature) ? numbers[feature] : .nan }
    package func text(at feature: Int) -> String? { texts.indices.contains(feature) ? texts[feature] : nil }
}

/// Features that are numbers, in memory that lives as long as the call.
@safe
struct BorrowedNumbers: FeatureSource {
    private let values: UnsafeBufferPointer<Double>

    @unsafe
    init(values: UnsafeBufferPointer<Double>) { unsafe self.values = values }

    func number(at feature: Int) -> Double {
        unsafe feature >= 0 && feature < values.count ? values[feature] : .nan
    }
    func text(at feature: Int) -> String? { nil }
}

/// What a `Bucketing.custom` closure is given of a row.
public struct BucketInput: Sendable {
    /// The score (binary), the value (regression) or the probability of the predicted class (multiclass; NaN if unknown).
    public let score: Double
    /// The predicted class; 0 for regression.
    public let predictedClass: Int
    /// The features in declared order; NaN where one is missing or is text.
    public let numbers: [Double]
    /// The features in declared order; nil where one is missing or is a number.
    public let texts: [String?]
}
