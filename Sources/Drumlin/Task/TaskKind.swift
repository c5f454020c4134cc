package import ColumnFormat

/// What a task's model predicts, and so which metrics, labels and buckets it can have.
public enum TaskKind: Sendable, Hashable {
    /// A score in [0, 1]: the probability of class 1. The class is the one given, or 1 where the score is at or above
    /// `threshold`.
    case binary(threshold: Double = 0.5)
    /// One class of several, with the probability of each where the model has them.
    case multiclass(classes: [String], hasProbabilities: Bool)
    /// A number.
    case regression
}

extension TaskKind {
    /// The number of classes; 1 for regression, where every prediction is of the same kind.
    package var classCount: Int {
        switch self {
        case .binary: 2
        case .multiclass(let classes, _): classes.count
        case .regression: 1
        }
    }

    /// The word for the kind in files and on the command line.
    package var name: String {
        switch self {
        case .binary: "binary"
        case .multiclass: "multiclass"
        case .regression: "regression"
        }
    }

    /// The most classes a task may have: the confusion matrix has a cell for each pair.
    package static let classLimit = 256

    package func write(to writer: inout ByteWriter) {
        switch self {
        case .binary(let threshold):
            writer.append(UInt8(0))
            writer.append(threshold)
        case .multiclass(let classes, let hasProbabilities):
            writer.append(UInt8(1))
            writer.append(UInt8(hasProbabilities ? 1 : 0))
            writer.append(varint: UInt64(classes.count))
            for name in classes { writer.append(string: name) }
        case .regression:
            writer.append(UInt8(2))
        }
    }

    package init(from reader: inout ByteReader) throws(FormatError) {
        let start = reader.offset
        switch try reader.read(UInt8.self) {
        case 0:
            self = .binary(threshold: try reader.readDouble())
        case 1:
            let hasProbabilities = try reader.read(UInt8.self) != 0
            let count = try reader.readCount(limit: Self.classLimit, of: "classes")
            var classes: [String] = []
            for _ in 0..<count { classes.append(try reader.readString(limit: 65_536)) }
            self = .multiclass(classes: classes, hasProbabilities: hasProbabilities)
        case 2:
            self = .regression
        case let code:
            throw FormatError(.invalid, "no kind of task has the code \(code)", at: start)
        }
    }
}
