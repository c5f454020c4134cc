package import ColumnFormat

/// What the reference rows of an epoch say of the labels of rows without one, bucket by bucket (`monitoring.md` §4).
///
/// For the metrics that are made of confusion counts a row's statistic is one-hot of (label, predicted class): its mean
/// μ_k and covariance Σ_k in a bucket follow from the counts kept here. For losses the moments are kept.
package struct ReferenceStatistics: Sendable, Equatable {
    /// A bucket with fewer reference rows is unsupported: its rows count with the statistics of their predicted class.
    package static let supportedRowCount = 30

    package let kind: TaskKind
    package let fixesClass: Bool
    /// The reference rows used: those with a label.
    package let rowCount: Int
    /// n_k.
    package let bucketCounts: [Int64]
    /// Bucket by bucket, rows by label (`fixesClass`), or by label × classes + predicted class.
    let outcomes: [Int64]
    /// All rows by label × classes + predicted class.
    let classOutcomes: [Int64]
    /// Buckets, then a parent for each predicted class, then all rows.
    let brier: [ScoreResidual]
    let logLoss: [ScoreResidual]
    /// The same places: multiclass −ln p(label); |e|; e².
    let rowLoss: [RowMoments]
    let absoluteErrors: [RowMoments]
    let squaredErrors: [RowMoments]
    /// The same places, for regression: losses of `msle` and `mape`, moments of the signed error, and |e| by cells. Empty
    /// in epochs that were fitted before these were kept.
    var logErrors: [RowMoments] = []
    var relativeErrors: [RowMoments] = []
    var signedErrors: [ErrorMoments] = []
    var errorHistograms: [SparseHistogram] = []
    /// The confidence of the rows of each bucket, where buckets are made of it; else empty.
    var confidences: [RowMoments] = []
    /// The same places: the AUC of the bucket's own rows, NaN where undefined; for `Estimator.bucketMean`.
    let ownAUC: [Double]
    package let calibration: ScoreCalibration?
    /// φ by the metric's code: how much wider than the model's the errors of the back-test were; at least 1.
    package internal(set) var overdispersion: [Double]

    package var bucketCount: Int { bucketCounts.count }
    var classCount: Int { kind.classCount }

    /// φ of a metric.
    package func overdispersion(of metric: Metric) -> Double { overdispersion[Int(metric.widened.code)] }

    init(
        kind: TaskKind, fixesClass: Bool, rowCount: Int, bucketCounts: [Int64], outcomes: [Int64],
        classOutcomes: [Int64], brier: [ScoreResidual], logLoss: [ScoreResidual], rowLoss: [RowMoments],
        absoluteErrors: [RowMoments], squaredErrors: [RowMoments], ownAUC: [Double], calibration: ScoreCalibration?,
        overdispersion: [Double]
    ) {
        self.kind = kind
        self.fixesClass = fixesClass
        self.rowCount = rowCount
        self.bucketCounts = bucketCounts
        self.outcomes = outcomes
        self.classOutcomes = classOutcomes
        self.brier = brier
        self.logLoss = logLoss
        self.rowLoss = rowLoss
        self.absoluteErrors = absoluteErrors
        self.squaredErrors = squaredErrors
        self.ownAUC = ownAUC
        self.calibration = calibration
        self.overdispersion = overdispersion
    }
}

extension ReferenceStatistics {
    package func write(to writer: inout ByteWriter) {
        writer.append(UInt8(confidences.isEmpty ? 2 : 3))
        kind.write(to: &writer)
        writer.append(UInt8(fixesClass ? 1 : 0))
        writer.append(varint: UInt64(rowCount))
        for counts in [bucketCounts, outcomes, classOutcomes] {
            writer.append(varint: UInt64(counts.count))
            for count in counts { writer.append(varint: UInt64(count)) }
        }
        for residuals in [brier, logLoss] {
            writer.append(varint: UInt64(residuals.count))
            for entry in residuals {
                for value in [
                    entry.count, entry.positiveShare, entry.meanResidual, entry.variance, entry.meanLoss,
                ] { writer.append(value) }
            }
        }
        for moments in [rowLoss, absoluteErrors, squaredErrors] {
            writer.append(varint: UInt64(moments.count))
            for entry in moments {
                for value in [entry.count, entry.mean, entry.variance] { writer.append(value) }
            }
        }
        for values in [ownAUC, overdispersion] {
            writer.append(varint: UInt64(values.count))
            for value in values { writer.append(value) }
        }
        writer.append(UInt8(calibration == nil ? 0 : 1))
        calibration?.write(to: &writer)
        writeErrors(to: &writer)
        if confidences.isEmpty { return }
        writer.append(varint: UInt64(confidences.count))
        for entry in confidences { for value in [entry.count, entry.mean, entry.variance] { writer.append(value) } }
    }

    /// Statistics from bytes that `write` made.
    ///
    /// - Throws: `FormatError` for anything else, without trapping.
    package init(from reader: inout ByteReader) throws(FormatError) {
        let start = reader.offset
        let version = try reader.read(UInt8.self)
        guard (1...3).contains(version) else {
            throw FormatError(.unsupported, "version \(version) of reference statistics", at: start)
        }
        let kind = try TaskKind(from: &reader)
        let fixesClass = try reader.read(UInt8.self) != 0
        let rowCount = try reader.readCount(limit: 1 << 60, of: "rows")
        let bucketCounts = try Self.readCounts(from: &reader)
        let outcomes = try Self.readCounts(from: &reader)
        let classOutcomes = try Self.readCounts(from: &reader)
        let brier = try Self.readResiduals(from: &reader)
        let logLoss = try Self.readResiduals(from: &reader)
        let rowLoss = try Self.readMoments(from: &reader)
        let absoluteErrors = try Self.readMoments(from: &reader)
        let squaredErrors = try Self.readMoments(from: &reader)
        let ownAUC = try reader.readDoubles(try reader.readCount(limit: reader.remaining / 8, of: "numbers"))
        var overdispersion = try reader.readDoubles(try reader.readCount(limit: reader.remaining / 8, of: "numbers"))
        // Metrics that came later are as uncertain as the worst of those that were there.
        let missing = Metric.Form.allCases.count - overdispersion.count
        if missing > 0 { overdispersion += Array(repeating: overdispersion.max() ?? 1, count: missing) }
        let hasCalibration = try reader.read(UInt8.self) != 0
        let calibration = hasCalibration ? try ScoreCalibration(from: &reader) : nil
        self.init(
            kind: kind, fixesClass: fixesClass, rowCount: rowCount, bucketCounts: bucketCounts, outcomes: outcomes,
            classOutcomes: classOutcomes, brier: brier, logLoss: logLoss, rowLoss: rowLoss,
            absoluteErrors: absoluteErrors, squaredErrors: squaredErrors, ownAUC: ownAUC, calibration: calibration,
            overdispersion: overdispersion)
        if version > 1 { try readErrors(from: &reader) }
        if version > 2 { confidences = try Self.readMoments(from: &reader) }
        guard isConsistent else {
            throw FormatError(.invalid, "reference statistics whose parts do not fit together", at: start)
        }
    }

    private var isConsistent: Bool {
        let (buckets, classes) = (bucketCounts.count, classCount)
        guard buckets > 0, buckets <= FittedBuckets.countLimit, overdispersion.count == Metric.Form.allCases.count
        else {
            return false
        }
        let places = buckets + classes + 1
        let stride = fixesClass ? classes : classes * classes
        let isFilled = kind.isRegression ? absoluteErrors.count == places && squaredErrors.count == places : true
        let extras = [logErrors.count, relativeErrors.count, signedErrors.count, errorHistograms.count]
        guard extras.allSatisfy({ $0 == (extras[0] == 0 ? 0 : places) }) else { return false }
        let isScored = kind.isBinary ? brier.count == places && logLoss.count == places && ownAUC.count == places : true
        let isLossy = kind.isBinary || kind.isRegression || rowLoss.count == places
        let isCounted =
            kind.isRegression || (outcomes.count == buckets * stride && classOutcomes.count == classes * classes)
        guard confidences.isEmpty || confidences.count == buckets else { return false }
        return isFilled && isScored && isLossy && isCounted && kind.isBinary == (calibration != nil)
            && (!fixesClass || buckets % classes == 0)
    }

    private static func readCounts(from reader: inout ByteReader) throws(FormatError) -> [Int64] {
        let count = try reader.readCount(limit: reader.remaining, of: "counts")
        var counts: [Int64] = []
        counts.reserveCapacity(count)
        for _ in 0..<count { counts.append(Int64(try reader.readCount(limit: 1 << 40, of: "rows"))) }
        return counts
    }

    private static func readResiduals(from reader: inout ByteReader) throws(FormatError) -> [ScoreResidual] {
        var residuals: [ScoreResidual] = []
        for _ in 0..<(try reader.readCount(limit: reader.remaining / 40, of: "residuals")) {
            var entry = ScoreResidual()
            entry.count = try reader.readDouble()
            entry.positiveShare = try reader.readDouble()
            entry.meanResidual = try reader.readDouble()
            entry.variance = try reader.readDouble()
            entry.meanLoss = try reader.readDouble()
            residuals.append(entry)
        }
        return residuals
    }

    private static func readMoments(from reader: inout ByteReader) throws(FormatError) -> [RowMoments] {
        var moments: [RowMoments] = []
        for _ in 0..<(try reader.readCount(limit: reader.remaining / 24, of: "moments")) {
            let count = try reader.readDouble()
            let mean = try reader.readDouble()
            moments.append(RowMoments(count: count, mean: mean, variance: try reader.readDouble()))
        }
        return moments
    }
}
