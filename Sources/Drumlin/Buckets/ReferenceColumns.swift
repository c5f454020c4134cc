/// The rows that buckets and their statistics are fitted on, in columns of equal length.
///
/// The order of the rows matters in one place: the back-test takes five contiguous blocks of them, so they should be in
/// the order of time.
package struct ReferenceColumns: Sendable {
    package enum Values: Sendable {
        /// NaN is missing.
        case numbers([Double])
        /// nil is missing.
        case texts([String?])
    }

    package struct Feature: Sendable {
        package var name: String
        package var values: Values

        package init(name: String, values: Values) {
            self.name = name
            self.values = values
        }
    }

    package var kind: TaskKind
    /// Binary: the score. Regression: the value. Multiclass: the probability of the predicted class, NaN where there is
    /// none.
    package var scores: [Double]
    /// The predicted class of each row; 0 for regression.
    package var classes: [Int]
    /// The class or the value.
    package var labels: [Double]
    package var features: [Feature]
    /// Multiclass: row by row, the probability of each class; empty where the model gives none.
    package var probabilities: [Double]
    /// Where each row was among those that were fitted on; empty where none has been erased since.
    var positions: [Int] = []

    package init(
        kind: TaskKind, scores: [Double], classes: [Int], labels: [Double], features: [Feature] = [],
        probabilities: [Double] = []
    ) {
        precondition(scores.count == labels.count && classes.count == labels.count, "columns of different lengths")
        precondition(
            probabilities.isEmpty || probabilities.count == labels.count * kind.classCount,
            "a probability for each row and class")
        self.kind = kind
        self.scores = scores
        self.classes = classes
        self.labels = labels
        self.features = features
        self.probabilities = probabilities
    }

    package var rowCount: Int { labels.count }

    /// The number of a row among those that were fitted on.
    func position(of row: Int) -> Int { positions.isEmpty ? row : positions[row] }

    /// The features of one row, as buckets read those of a live one.
    package func row(_ index: Int) -> Row { Row(columns: self, index: index) }

    package struct Row: FeatureSource {
        let columns: ReferenceColumns
        let index: Int

        package func number(at feature: Int) -> Double {
            guard columns.features.indices.contains(feature),
                case .numbers(let values) = columns.features[feature].values
            else { return .nan }
            return values[index]
        }

        package func text(at feature: Int) -> String? {
            guard columns.features.indices.contains(feature),
                case .texts(let values) = columns.features[feature].values
            else { return nil }
            return values[index]
        }
    }

    /// The same rows, those but `rows` without a label.
    func masked(to rows: [Int]) -> ReferenceColumns {
        var masked = self
        masked.labels = [Double](repeating: kind.isRegression ? .nan : -1, count: rowCount)
        for row in rows { masked.labels[row] = labels[row] }
        return masked
    }

    /// The probability that a row's prediction gave its label; NaN where there are none.
    func labelProbability(_ row: Int) -> Double {
        guard !probabilities.isEmpty else { return .nan }
        let label = labels[row]
        guard label >= 0, label < Double(kind.classCount) else { return .nan }
        return probabilities[row * kind.classCount + Int(label)]
    }

    /// Whether a row's label is one that the statistics can use.
    func hasLabel(_ row: Int) -> Bool {
        if kind.isRegression { return labels[row].isFinite && scores[row].isFinite }
        return labels[row] >= 0 && labels[row] < Double(kind.classCount)
    }
}
