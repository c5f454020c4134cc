/// Count, mean and variance of a per-row statistic in a bucket of the reference.
struct RowMoments: Sendable, Equatable {
    var count = 0.0
    var mean = 0.0
    /// The sample variance; 0 with fewer than two rows.
    var variance = 0.0

    init() {}

    init(count: Double, mean: Double, variance: Double) {
        self.count = count
        self.mean = mean
        self.variance = variance
    }

    /// From the values of one bucket, in two passes.
    init(_ values: some Collection<Double>) {
        count = Double(values.count)
        guard count > 0 else { return }
        mean = values.reduce(0, +) / count
        guard count > 1 else { return }
        variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
    }
}

/// How a loss that is a function of score and label behaves in a bucket, given each row's own score.
///
/// Such a loss is base(s) + y·d(s): for brier s² + y(1 − 2s), for logLoss −ln(1 − s) + y(ln(1 − s) − ln s). With π the
/// share of labels 1 in the bucket, a row without label counts base(s) + π·d(s) + c, where c, the mean of (y − π)·d(s)
/// in the reference, is what labels and scores have to do with each other within the bucket. So the estimate uses each
/// row's own score, and on the reference itself it is exact however wide the bucket is.
struct ScoreResidual: Sendable, Equatable {
    var count = 0.0
    /// π.
    var positiveShare = 0.0
    /// c.
    var meanResidual = 0.0
    /// The variance of (y − π)·d(s) − c, with that of y smoothed as if half a row of each label had been added.
    var variance = 0.0
    /// The plain mean of the loss, for `Estimator.bucketMean`.
    var meanLoss = 0.0

    init() {}

    /// - Parameters:
    ///   - rows: score-dependent factor d(s) and loss of each row, with its label.
    ///   - chances: each row's own P(label 1), which then takes the place of π.
    init(_ rows: [(factor: Double, loss: Double, isPositive: Bool)], chances: [Double]? = nil) {
        count = Double(rows.count)
        guard count > 0 else { return }
        let positives = rows.reduce(0.0) { $0 + ($1.isPositive ? 1 : 0) }
        positiveShare = positives / count
        meanLoss = rows.reduce(0) { $0 + $1.loss } / count
        let residuals = rows.indices.map {
            ((rows[$0].isPositive ? 1 : 0) - (chances?[$0] ?? positiveShare)) * rows[$0].factor
        }
        let moments = RowMoments(residuals)
        meanResidual = moments.mean
        let smoothed = (positives + 0.5) / (count + 1)
        let added = smoothed * (1 - smoothed) - positiveShare * (1 - positiveShare)
        let squaredFactor = rows.reduce(0) { $0 + $1.factor * $1.factor } / count
        variance = moments.variance + max(0, added) * squaredFactor
    }
}
