/// What the cells need to know of one prediction; it can be rebuilt from the stored columns.
package struct PredictionFacts: Sendable, Equatable {
    /// Binary: the score. Regression: the value. Multiclass: the probability of the predicted class, NaN where there is
    /// none.
    package var score: Double
    /// The predicted class: 0 or 1 for binary, an index into the classes for multiclass, 0 for regression.
    package var predictedClass: Int32
    /// The bucket among those of its epoch; without meaning where there is no epoch.
    package var bucket: Int32
    /// The epoch, counted from 0 in the order they were opened; −1 where none was open.
    package var epoch: Int32

    @inlinable
    package init(score: Double, predictedClass: Int32 = 0, bucket: Int32 = 0, epoch: Int32 = -1) {
        self.score = score
        self.predictedClass = predictedClass
        self.bucket = bucket
        self.epoch = epoch
    }
}
