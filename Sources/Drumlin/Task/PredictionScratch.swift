internal import ColumnFormat
internal import ColumnStore

/// Predictions that were checked and encoded outside of any lock, on their way into the store; reused.
///
/// Rows lie one behind the other as the log takes them. What the log does not need to know of a row – its id and time, and
/// what it adds to the cells – is kept beside them.
final class PredictionScratch {
    struct Item {
        var rows: Range<Int>
        var id: Range<Int>
        var at: Int64
        var facts: PredictionFacts
        /// Of the epochs that it was encoded for: see `TaskShared.EpochContext`.
        var generation: Int
        /// Set under the lock where the same prediction is in the store already.
        var isKnown = false
    }

    var writer = RowWriter()
    var items: [Item] = []

    func removeAll() {
        writer.removeAll()
        items.removeAll(keepingCapacity: true)
    }

    /// Adds the row that `write` writes; one that it gives up leaves nothing behind.
    @inline(__always)
    func append(_ write: (inout RowWriter) throws(StoreError) -> Item) throws(StoreError) {
        items.append(try Self.append(to: &writer, write))
    }

    @inline(__always)
    private static func append(
        to writer: inout RowWriter, _ write: (inout RowWriter) throws(StoreError) -> Item
    ) throws(StoreError) -> Item {
        let (mark, rowCount) = (writer.count, writer.rowCount)
        do {
            var item = try write(&writer)
            item.rows = mark..<writer.count
            return item
        } catch {
            writer.truncate(to: mark, rowCount: rowCount)
            throw error
        }
    }

    /// Takes back all but the first `count` rows.
    func truncate(to count: Int) {
        guard count < items.count else { return }
        writer.truncate(to: items[count].rows.lowerBound, rowCount: count)
        items.removeSubrange(count...)
    }

    func rows(_ range: Range<Int>) -> UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(rebasing: writer.bytes[range])
    }

    func id(of item: Item) -> UnsafeRawBufferPointer { unsafe rows(item.id) }
}

/// The output of a model, checked against the kind of its task.
struct ModelOutput {
    /// The score, the value, or the probability of the predicted class (NaN where there is none).
    var score: Double
    var predictedClass: Int32
    var probabilities: [Double]?
}

extension TaskKind {
    /// Checks what a caller gave as a prediction. Throws `.invalidInput` with the value and what would do.
    func output(of prediction: PredictionValue) throws(StoreError) -> ModelOutput {
        switch (self, prediction) {
        case (.binary(let threshold), .number(let score)):
            try Self.checkScore(score)
            return ModelOutput(score: score, predictedClass: score >= threshold ? 1 : 0)
        case (.binary, .score(let score, let predicted)):
            try Self.checkScore(score)
            guard predicted == 0 || predicted == 1 else {
                throw invalid("the class \(predicted) is not one of a binary task", "give 0 or 1")
            }
            return ModelOutput(score: score, predictedClass: Int32(predicted))
        case (.regression, .number(let value)):
            guard value.isFinite else { throw invalid("the value \(value) is not finite", "give a number") }
            return ModelOutput(score: value, predictedClass: 0)
        case (.multiclass(let classes, let hasProbabilities), .class(let name, let probabilities)):
            guard let index = classes.firstIndex(of: name) else {
                throw invalid("there is no class '\(name)'", "the classes are \(classes.joined(separator: ", "))")
            }
            guard let probabilities else { return ModelOutput(score: .nan, predictedClass: Int32(index)) }
            guard hasProbabilities, probabilities.count == classes.count else {
                throw invalid(
                    "\(probabilities.count) probabilities for \(hasProbabilities ? classes.count : 0) declared",
                    "give one for each class, in the order of the classes")
            }
            // Narrowed as they are stored, so that a recomputation from the store gives the same numbers.
            let narrowed = probabilities.map { Double(Float($0)) }
            for probability in narrowed where !(probability >= 0 && probability <= 1) {
                throw invalid("the probability \(probability) is not in [0, 1]", "give probabilities")
            }
            return ModelOutput(score: narrowed[index], predictedClass: Int32(index), probabilities: narrowed)
        case (.binary, _): throw invalid("a binary task takes a score, not \(prediction)", "give a number in [0, 1]")
        case (.regression, _): throw invalid("a regression takes a number, not \(prediction)", "give a number")
        case (.multiclass, _):
            throw invalid("a multiclass task takes the name of a class, not \(prediction)", "give a class")
        }
    }

    /// The label as a class index or a value; nil withdraws. Throws `.invalidInput` with the value and what would do.
    func label(of value: LabelValue) throws(StoreError) -> Double? {
        switch (self, value) {
        case (_, .withdrawn): return nil
        case (.binary, .number(let label)):
            guard label == 0 || label == 1 else {
                throw invalid("the label \(label) is neither 0 nor 1", "give 0 or 1")
            }
            return label
        case (.multiclass(let classes, _), .class(let name)):
            guard let index = classes.firstIndex(of: name) else {
                throw invalid(
                    "the label '\(name)' is no class", "the classes are \(classes.joined(separator: ", "))")
            }
            return Double(index)
        case (.regression, .number(let label)):
            guard label.isFinite else { throw invalid("the label \(label) is not finite", "give a number, or null") }
            return label
        case (.binary, _): throw invalid("a binary task takes the label 0 or 1, not \(value)", "give 0 or 1")
        case (.multiclass, _): throw invalid("a multiclass task takes a class, not \(value)", "give a class's name")
        case (.regression, _): throw invalid("a regression takes a number, not \(value)", "give a number")
        }
    }

    static func checkScore(_ score: Double) throws(StoreError) {
        guard score >= 0, score <= 1 else {
            throw StoreError(.invalidInput, "the score \(score) is not in [0, 1]", remedy: "give a probability")
        }
    }

    private func invalid(_ message: String, _ remedy: String) -> StoreError {
        StoreError(.invalidInput, message, remedy: remedy)
    }
}
