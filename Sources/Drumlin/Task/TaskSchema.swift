public import ColumnFormat
internal import ColumnStore

/// What a task logs and how it is judged: the kind of its predictions, the model's features in their order, and what
/// else is observed.
public struct TaskSchema: Sendable {
    /// Binary, multiclass or regression.
    public let kind: TaskKind
    /// The model's inputs, in the order in which the positional calls take them.
    public let features: [Feature]
    /// Values that are logged with a prediction or a label but that the model does not see.
    public let observed: [Feature]
    /// How the reference rows are cut into buckets, for the estimators that let one choose.
    public let bucketing: Bucketing?
    /// How the metrics of predictions without a label are estimated. Where neither this nor a bucketing is named, a task
    /// that exists keeps what it has; a new one takes ``Estimator/calibratedResiduals`` (binary),
    /// ``Estimator/bucketStatistics`` over ``Bucketing/lossTree(leaves:seed:)`` (regression) or over
    /// ``Bucketing/scoreQuantiles(_:)`` (multiclass). With a bucketing alone it is ``Estimator/bucketStatistics``.
    public let estimator: Estimator?
    /// Whether a bucket's reference rows and the window's own labeled rows of the bucket are counted together, so that estimates
    /// follow the labels that are there already. Right where these are like those to come; labels that come early often are not
    /// (``MonitoredTask/labelMaturity(ages:during:)`` shows it), and so it is off unless asked for.
    ///
    /// With the estimators ``Estimator/bucketStatistics``, ``Estimator/cbpe`` and ``Estimator/calibratedResiduals`` (``Estimator/cbpe``
    /// for binary tasks alone). It moves the metrics of the confusion matrix, `brier`, binary `log_loss`, `rocAUC` and
    /// `averagePrecision`, and all metrics of regressions but quantiles of the error; a bucket of fewer than 30 reference rows
    /// stays with its predicted class.
    public let shrinksTowardLabels: Bool
    /// How long after its end a window stays open for late predictions.
    public let allowedLateness: TimeSpan
    /// How long labels are waited for before a window is final without them.
    public let labelHorizon: TimeSpan
    /// How far ahead of the clock an event may lie before it is refused as a mistake.
    public let allowedLead: TimeSpan

    /// A schema with named features in a literal: `features: ["pickup_hour": .int16, "trip_distance": .float32]`.
    public init(
        kind: TaskKind, features: KeyValuePairs<String, FeatureType>,
        observed: KeyValuePairs<String, FeatureType> = [:], bucketing: Bucketing? = nil, estimator: Estimator? = nil,
        shrinksTowardLabels: Bool = false,
        allowedLateness: TimeSpan = .hours(1), labelHorizon: TimeSpan = .days(30), allowedLead: TimeSpan = .days(1)
    ) {
        self.init(
            kind: kind, features: features.map { Feature($0.key, $0.value) },
            observed: observed.map { Feature($0.key, $0.value) }, bucketing: bucketing, estimator: estimator,
            shrinksTowardLabels: shrinksTowardLabels, allowedLateness: allowedLateness, labelHorizon: labelHorizon,
            allowedLead: allowedLead)
    }

    /// A schema from lists of features.
    public init(
        kind: TaskKind, features: [Feature], observed: [Feature] = [], bucketing: Bucketing? = nil,
        estimator: Estimator? = nil, shrinksTowardLabels: Bool = false,
        allowedLateness: TimeSpan = .hours(1), labelHorizon: TimeSpan = .days(30), allowedLead: TimeSpan = .days(1)
    ) {
        self.kind = kind
        self.features = features
        self.observed = observed
        self.bucketing = bucketing
        self.estimator = estimator
        self.shrinksTowardLabels = shrinksTowardLabels
        self.allowedLateness = allowedLateness
        self.labelHorizon = labelHorizon
        self.allowedLead = allowedLead
    }
}

extension TaskSchema {
    /// Refuses names that are empty, double or the system's, and times that are not positive.
    ///
    /// - Parameter isOfBacktest: whether the rows of each window will be read.
    func check(isOfBacktest: Bool = false) throws(StoreError) {
        var seen = Set<String>()
        for feature in features + observed {
            if feature.name.isEmpty || feature.name.utf8.count > 200 {
                throw invalid("a feature's name has 1 to 200 bytes, '\(feature.name)' has \(feature.name.utf8.count)")
            }
            if feature.name.hasPrefix("_") {
                throw invalid("'\(feature.name)' begins with _, which marks the store's own columns")
            }
            if !seen.insert(feature.name).inserted { throw invalid("two columns are called '\(feature.name)'") }
        }
        if case .multiclass(let classes, _) = kind {
            guard classes.count >= 2, Set(classes).count == classes.count, classes.count <= TaskKind.classLimit else {
                throw invalid("a multiclass task has 2 to \(TaskKind.classLimit) different classes, not \(classes)")
            }
        }
        if case .binary(let threshold) = kind, !(0...1).contains(threshold) {
            throw invalid("the threshold \(threshold) is not in [0, 1]")
        }
        if let estimator, !estimator.isDefined(for: kind) {
            throw invalid("a \(kind.name) task cannot have the estimator \(estimator.rawValue)")
        }
        if resolvedEstimator.readsRows, !isOfBacktest {
            throw StoreError(
                .invalidInput,
                "the estimator \(resolvedEstimator.rawValue) needs the rows of each window, which a task counts and does not keep",
                remedy: "ask for it in a back-test: Backtest(estimator: .pape), drumlin backtest --estimator pape")
        }
        if let bucketing, !resolvedEstimator.takesBucketing {
            throw invalid("the estimator \(resolvedEstimator.rawValue) makes its own buckets, not \(bucketing)")
        }
        if shrinksTowardLabels, !resolvedEstimator.canShrink(for: kind) {
            throw invalid(
                "the estimator \(resolvedEstimator.rawValue) of a \(kind.name) task cannot shrink toward a window's labels"
            )
        }
        for (name, span) in [
            ("allowedLateness", allowedLateness), ("labelHorizon", labelHorizon), ("allowedLead", allowedLead),
        ] where span.microseconds < 0 || span > .days(36_500) {
            throw invalid("\(name) is negative or longer than a hundred years")
        }
    }

    private func invalid(_ message: String) -> StoreError {
        StoreError(.invalidInput, message, remedy: "correct the task's schema")
    }

    // MARK: Estimates

    /// The estimator that is used.
    var resolvedEstimator: Estimator {
        estimator ?? (bucketing == nil ? .standard(for: kind) : .bucketStatistics)
    }

    /// The buckets that are fitted.
    var fittedBucketing: Bucketing { bucketing ?? resolvedEstimator.bucketing(for: kind) }

    /// The same with the estimator and the buckets of `other`, where this names neither.
    func adoptingEstimator(of other: TaskSchema) -> TaskSchema {
        guard bucketing == nil, estimator == nil else { return self }
        return TaskSchema(
            kind: kind, features: features, observed: observed, bucketing: other.bucketing, estimator: other.estimator,
            shrinksTowardLabels: shrinksTowardLabels, allowedLateness: allowedLateness, labelHorizon: labelHorizon,
            allowedLead: allowedLead)
    }

    // MARK: Bytes

    /// The schema as it is kept in the store. Equal schemas have equal bytes, so that registering one again is a no-op.
    func bytes() -> [UInt8] {
        var writer = ByteWriter()
        // The first version knew bucketStatistics only, and only the third shrinks toward labels.
        let estimator = resolvedEstimator
        let version = shrinksTowardLabels ? 3 : estimator == .bucketStatistics ? 1 : 2
        writer.append(UInt8(version))
        kind.write(to: &writer)
        for list in [features, observed] {
            writer.append(varint: UInt64(list.count))
            for feature in list {
                writer.append(string: feature.name)
                writer.append(string: feature.type.description)
            }
        }
        if version > 1 { writer.append(estimator.code) }
        if estimator.takesBucketing { fittedBucketing.write(to: &writer) }
        for span in [allowedLateness, labelHorizon, allowedLead] { writer.append(zigzag: span.microseconds) }
        return writer.bytes
    }

    init(reading bytes: [UInt8]) throws(FormatError) {
        let result = unsafe bytes.withUnsafeBytes { raw in
            Result { () throws(FormatError) in
                var reader = unsafe ByteReader(raw)
                return try TaskSchema(from: &reader)
            }
        }
        self = try result.get()
    }

    private init(from reader: inout ByteReader) throws(FormatError) {
        let version = try reader.read(UInt8.self)
        guard (1...3).contains(version) else {
            throw FormatError(.unsupported, "a task's schema of version \(version)")
        }
        kind = try TaskKind(from: &reader)
        features = try Self.readFeatures(&reader)
        observed = try Self.readFeatures(&reader)
        let at = reader.offset
        let code = version == 1 ? Estimator.bucketStatistics.code : try reader.read(UInt8.self)
        guard let known = Estimator.allCases.first(where: { $0.code == code }), known.isDefined(for: kind),
            !known.readsRows
        else {
            throw FormatError(.unsupported, "the estimator \(code) of a \(kind.name) task", at: at)
        }
        estimator = known
        shrinksTowardLabels = version == 3
        guard version < 3 || known.canShrink(for: kind) else {
            throw FormatError(.invalid, "the estimator \(code) that shrinks toward labels", at: at)
        }
        bucketing = known.takesBucketing ? try Bucketing(from: &reader) : nil
        allowedLateness = TimeSpan(microseconds: try reader.readZigzag())
        labelHorizon = TimeSpan(microseconds: try reader.readZigzag())
        allowedLead = TimeSpan(microseconds: try reader.readZigzag())
    }

    private static func readFeatures(_ reader: inout ByteReader) throws(FormatError) -> [Feature] {
        var result: [Feature] = []
        for _ in 0..<(try reader.readCount(limit: Schema.maximumColumnCount, of: "features")) {
            let name = try reader.readString(limit: 255)
            let at = reader.offset
            let text = try reader.readString(limit: 64)
            guard let type = FeatureType(text) else {
                throw FormatError(.unsupported, "feature '\(name)' has the unknown type '\(text)'", at: at)
            }
            result.append(Feature(name, type))
        }
        return result
    }
}
