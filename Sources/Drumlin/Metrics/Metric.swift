package import ColumnFormat

/// A measure of how good predictions are, by the name it has in files and on the command line.
///
/// Each is a function of sums over the rows (`monitoring.md` §3), so that the same definition serves rows with labels,
/// rows whose labels are estimated, and a blend of both. Where a metric is undefined (precision without a positive
/// prediction) its value is nil, never 0.
///
///     Metric("f1")          // .f1
///     Metric.f1.name        // "f1"
///     Metric.rocAUC.isDefined(for: .regression)   // false
public struct Metric: Hashable, Sendable {
    /// Position in `all`; what is stored.
    let code: UInt8

    /// The name, as in results and specifications.
    public var name: String { Self.names[Int(code)] }

    /// The share of predictions whose class is the label.
    public static let accuracy = Metric(code: 0)
    /// The share of labels 1 among the predictions of class 1.
    public static let precision = Metric(code: 1)
    /// The share of predictions of class 1 among the labels 1.
    public static let recall = Metric(code: 2)
    /// The harmonic mean of precision and recall, 2TP / (2TP + FP + FN).
    public static let f1 = Metric(code: 3)
    /// The mean of −ln p(label), in nats, with p clipped to [2⁻⁵², 1 − 2⁻⁵²].
    public static let logLoss = Metric(code: 4)
    /// The mean of (score − label)².
    public static let brier = Metric(code: 5)
    /// The area under the ROC curve: the chance that a row labeled 1 has a higher score than one labeled 0, ties half.
    public static let rocAUC = Metric(code: 6)
    /// The plain mean over classes of each class's F1, over the classes that were predicted or are labels.
    public static let f1Macro = Metric(code: 7)
    /// The mean absolute error, in the unit of the label.
    public static let mae = Metric(code: 8)
    /// The mean squared error, in the unit of the label squared.
    public static let mse = Metric(code: 9)
    /// The root of the mean squared error, in the unit of the label.
    public static let rmse = Metric(code: 10)

    /// Every metric, in the order of their codes.
    public static let all: [Metric] = names.indices.map { Metric(code: UInt8($0)) }

    private static let names = [
        "accuracy", "precision", "recall", "f1", "logLoss", "brier", "rocAUC", "f1_macro", "mae", "mse", "rmse",
    ]

    /// Whether tasks of this kind have the metric.
    public func isDefined(for kind: TaskKind) -> Bool {
        switch kind {
        case .binary:
            return [.accuracy, .precision, .recall, .f1, .logLoss, .brier, .rocAUC].contains(self)
        case .multiclass(_, let hasProbabilities):
            return self == .accuracy || self == .f1Macro || (self == .logLoss && hasProbabilities)
        case .regression:
            return [.mae, .mse, .rmse].contains(self)
        }
    }

    /// The metrics that tasks of a kind have.
    public static func all(for kind: TaskKind) -> [Metric] { all.filter { $0.isDefined(for: kind) } }
}

extension Metric: LosslessStringConvertible, CustomStringConvertible {
    /// The metric of that name, nil where there is none.
    public init?(_ description: String) {
        guard let index = Self.names.firstIndex(of: description) else { return nil }
        self.init(code: UInt8(index))
    }

    /// The name.
    public var description: String { name }
}

/// A name that is no metric's, or not one of the metrics that this kind of task has.
package struct UnknownMetric: Error, Equatable, CustomStringConvertible, Sendable {
    package let name: String
    package let valid: [String]
    package let kindName: String?

    package var description: String {
        let scope = kindName.map { " of a \($0) task" } ?? ""
        return "\"\(name)\" is no metric\(scope); the metrics are \(valid.joined(separator: ", "))"
    }
}

extension Metric {
    /// The metric of that name, for tasks of `kind` where one is given.
    ///
    /// - Throws: `UnknownMetric`, whose description lists the names that would do.
    package static func named(_ name: String, for kind: TaskKind? = nil) throws(UnknownMetric) -> Metric {
        let valid = kind.map { Metric.all(for: $0) } ?? Metric.all
        guard let metric = Metric(name), valid.contains(metric) else {
            throw UnknownMetric(name: name, valid: valid.map(\.name), kindName: kind?.name)
        }
        return metric
    }

    package func write(to writer: inout ByteWriter) { writer.append(code) }

    package init(from reader: inout ByteReader) throws(FormatError) {
        let start = reader.offset
        let code = try reader.read(UInt8.self)
        guard Int(code) < Self.names.count else {
            throw FormatError(.invalid, "no metric has the code \(code)", at: start)
        }
        self.init(code: code)
    }
}
