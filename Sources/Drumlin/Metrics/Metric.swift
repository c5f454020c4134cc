/// A measure of how good predictions are, by the name it has in files and on the command line.
///
/// Each is a function of sums over the rows (`monitoring.md` §3), so that the same definition serves rows with labels,
/// rows whose labels are estimated, and a blend of both. Where a metric is undefined (precision without a positive
/// prediction) its value is nil, never 0.
///
///     Metric("f1")          // .f1
///     Metric("fbeta:0.5")   // .fBeta(0.5)
///     Metric.f1.name        // "f1"
///     Metric.rocAUC.isDefined(for: .regression)   // false
public struct Metric: Hashable, Sendable {
    /// Position in `Form.all`; what is stored.
    let code: UInt8
    /// What stands behind the colon of the name.
    let arguments: Arguments

    enum Arguments: Hashable, Sendable {
        case none
        case numbers([Double])
        case oneClass(String)
        case cell(actual: String, predicted: String)
    }

    init(_ form: Form, _ arguments: Arguments = .none) {
        code = form.rawValue
        self.arguments = arguments
    }

    var form: Form { Form(rawValue: code) ?? .accuracy }
}

// MARK: The metrics

extension Metric {
    /// The share of predictions whose class is the label.
    public static let accuracy = Metric(.accuracy)
    /// The share of labels 1 among the predictions of class 1.
    public static let precision = Metric(.precision)
    /// The share of predictions of class 1 among the labels 1.
    public static let recall = Metric(.recall)
    /// The share of predictions of class 0 among the labels 0.
    public static let specificity = Metric(.specificity)
    /// The harmonic mean of precision and recall, 2TP / (2TP + FP + FN).
    public static let f1 = Metric(.f1)
    /// (1 + β²)TP / ((1 + β²)TP + β²FN + FP): recall counts β times as much as precision. `fbeta:0.5`.
    public static func fBeta(_ beta: Double) -> Metric { Metric(.fBeta, .numbers([beta])) }
    /// The mean over the classes of each class's recall.
    public static let balancedAccuracy = Metric(.balancedAccuracy)
    /// Matthews' correlation of labels and predicted classes, in [−1, 1].
    public static let mcc = Metric(.mcc)
    /// Cohen's κ: the agreement of labels and predicted classes beyond that by chance.
    public static let cohenKappa = Metric(.cohenKappa)
    /// The mean of −ln p(label), in nats, with p clipped to [2⁻⁵², 1 − 2⁻⁵²].
    public static let logLoss = Metric(.logLoss)
    /// The mean of (score − label)².
    public static let brier = Metric(.brier)
    /// The area under the ROC curve: the chance that a row labeled 1 has a higher score than one labeled 0, ties half.
    public static let rocAUC = Metric(.rocAUC)
    /// The mean, over the rows labeled 1 from the best score down, of the precision down to the row; rows of one score go
    /// together.
    public static let averagePrecision = Metric(.averagePrecision)
    /// The mean distance of labels and scores: over ten equal intervals of the score, |Σ label − Σ score|, summed and divided
    /// by the number of rows. For rows without a label it is estimated by `cbpe` and `calibratedResiduals` only, as what it
    /// will be, which chance makes larger than what the model is off.
    public static let expectedCalibrationError = Metric(.expectedCalibrationError)
    /// The number of rows with a label and a predicted class, one cell of the confusion matrix:
    /// `confusion:actual=1,predicted=0`. The classes of a binary task are 0 and 1.
    public static func confusion(actual: String, predicted: String) -> Metric {
        Metric(.confusion, .cell(actual: actual, predicted: predicted))
    }
    /// The sum over rows of what each outcome is worth, in the unit of the values: `business_value:1,-5,0,0`.
    public static func businessValue(
        truePositive: Double, falsePositive: Double, falseNegative: Double, trueNegative: Double
    ) -> Metric {
        Metric(.businessValue, .numbers([truePositive, falsePositive, falseNegative, trueNegative]))
    }

    /// The plain mean over classes of each class's precision, over the classes that were predicted or are labels.
    public static let precisionMacro = Metric(.precisionMacro)
    /// The same of recall.
    public static let recallMacro = Metric(.recallMacro)
    /// The same of F1.
    public static let f1Macro = Metric(.f1Macro)
    /// Precision over the rows of all classes together, which is accuracy, as recall and F1 are.
    public static let precisionMicro = Metric(.precisionMicro)
    /// See ``precisionMicro``.
    public static let recallMicro = Metric(.recallMicro)
    /// See ``precisionMicro``.
    public static let f1Micro = Metric(.f1Micro)
    /// The mean over classes of each class's precision, weighted by its labels.
    public static let precisionWeighted = Metric(.precisionWeighted)
    /// The same of recall, which is accuracy.
    public static let recallWeighted = Metric(.recallWeighted)
    /// The same of F1.
    public static let f1Weighted = Metric(.f1Weighted)
    /// The precision of one class against all others: `precision:class=A`.
    public static func precision(class name: String) -> Metric { Metric(.precisionOfClass, .oneClass(name)) }
    /// The recall of one class against all others: `recall:class=A`.
    public static func recall(class name: String) -> Metric { Metric(.recallOfClass, .oneClass(name)) }
    /// The F1 of one class against all others: `f1:class=A`.
    public static func f1(class name: String) -> Metric { Metric(.f1OfClass, .oneClass(name)) }

    /// The mean absolute error, in the unit of the label.
    public static let mae = Metric(.mae)
    /// The mean squared error, in the unit of the label squared.
    public static let mse = Metric(.mse)
    /// The root of the mean squared error, in the unit of the label.
    public static let rmse = Metric(.rmse)
    /// The mean of (ln(1 + label) − ln(1 + prediction))²; nil where one of them is −1 or less.
    public static let msle = Metric(.msle)
    /// The root of ``msle``.
    public static let rmsle = Metric(.rmsle)
    /// The mean of |error| / |label|, as a share; a label of 0 counts as 2⁻⁵².
    public static let mape = Metric(.mape)
    /// The mean of label − prediction, in the unit of the label: above 0 where predictions are too low.
    public static let meanError = Metric(.meanError)
    /// 1 − Σ error² / Σ (label − mean label)²; nil for fewer than two rows and for labels that are all alike.
    public static let r2 = Metric(.r2)
    /// The absolute error that this share of the rows do not exceed, in the unit of the label and within 1.6 %:
    /// `abs_error_quantile:0.9`.
    public static func absoluteErrorQuantile(_ share: Double) -> Metric {
        Metric(.absoluteErrorQuantile, .numbers([share]))
    }
}

// MARK: Kinds of tasks

extension Metric {
    /// The metrics without arguments that a task of any kind has, in the order of their codes.
    public static let all: [Metric] = Form.allCases.filter { $0.argumentForm == nil }.map { Metric($0) }

    /// Whether tasks of this kind have the metric.
    public func isDefined(for kind: TaskKind) -> Bool {
        guard hasValidArguments else { return false }
        switch kind {
        case .binary:
            guard form.isBinary else { return false }
            if case .cell(let actual, let predicted) = arguments {
                return ["0", "1"].contains(actual) && ["0", "1"].contains(predicted)
            }
            return true
        case .multiclass(let classes, let hasProbabilities):
            guard form.isMulticlass else { return false }
            switch arguments {
            case .oneClass(let name): return classes.contains(name)
            case .cell(let actual, let predicted): return classes.contains(actual) && classes.contains(predicted)
            default: return form != .logLoss || hasProbabilities
            }
        case .regression: return form.isRegression
        }
    }

    /// The metrics without arguments that tasks of a kind have.
    public static func all(for kind: TaskKind) -> [Metric] { all.filter { $0.isDefined(for: kind) } }

    /// The cells of the confusion matrix of a task, label by label; none for regression.
    public static func confusionMatrix(for kind: TaskKind) -> [Metric] {
        let classes: [String] =
            switch kind {
            case .binary: ["0", "1"]
            case .multiclass(let classes, _): classes
            case .regression: []
            }
        return classes.flatMap { actual in classes.map { confusion(actual: actual, predicted: $0) } }
    }

    private var hasValidArguments: Bool {
        guard case .numbers(let numbers) = arguments else { return true }
        switch form {
        case .fBeta: return numbers[0] > 0 && numbers[0] <= 1e6
        case .absoluteErrorQuantile: return numbers[0] > 0 && numbers[0] < 1
        default: return numbers.allSatisfy(\.isFinite)
        }
    }

    /// The metric whose φ serves this one, where the arguments are a user's.
    var widened: Metric {
        switch form {
        case .fBeta: .f1
        case .businessValue, .confusion: .accuracy
        case .precisionOfClass: .precisionMacro
        case .recallOfClass: .recallMacro
        case .f1OfClass: .f1Macro
        case .absoluteErrorQuantile: .mae
        default: self
        }
    }
}
