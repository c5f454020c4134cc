/// A metric of the confusion counts as a function: its value at some counts, and its gradient there. Outcomes are
/// numbered label × classes + predicted class.
struct CountMetric: Sendable {
    enum Shape: Sendable {
        /// x / (x + y), x and y sums over the outcomes.
        case ratio(numerator: [Double], rest: [Double])
        /// A weighted sum over the outcomes.
        case total([Double])
        case accuracy
        /// A mean over classes of a ratio of each.
        case mean(ClassRatio, isWeighted: Bool)
        case mcc
        case kappa
    }

    enum ClassRatio: Sendable { case precision, recall, f1 }

    let classes: Int
    let shape: Shape

    /// nil where the metric is none of counts.
    init?(_ metric: Metric, kind: TaskKind) {
        let classes = kind.classCount
        self.classes = classes
        func outcomes(_ weight: (_ actual: Int, _ predicted: Int) -> Double) -> [Double] {
            (0..<(classes * classes)).map { weight($0 / classes, $0 % classes) }
        }
        func ratio(of one: Int, missed: Double, wrong: Double, hit: Double = 1) -> Shape {
            .ratio(
                numerator: outcomes { $0 == one && $1 == one ? hit : 0 },
                rest: outcomes { $0 == $1 ? 0 : $0 == one ? missed : $1 == one ? wrong : 0 })
        }
        func place(of name: String) -> Int? {
            if case .multiclass(let names, _) = kind { return names.firstIndex(of: name) }
            return name == "0" ? 0 : name == "1" ? 1 : nil
        }
        var one = 1
        if case .oneClass(let name) = metric.arguments {
            guard let found = place(of: name) else { return nil }
            one = found
        }
        switch (metric.form, metric.arguments) {
        case (.accuracy, _), (.precisionMicro, _), (.recallMicro, _), (.f1Micro, _), (.recallWeighted, _):
            shape = .accuracy
        case (.precision, _), (.precisionOfClass, _): shape = ratio(of: one, missed: 0, wrong: 1)
        case (.recall, _), (.recallOfClass, _): shape = ratio(of: one, missed: 1, wrong: 0)
        case (.specificity, _): shape = ratio(of: 0, missed: 1, wrong: 0)
        case (.f1, _), (.f1OfClass, _): shape = ratio(of: one, missed: 1, wrong: 1, hit: 2)
        case (.fBeta, .numbers(let numbers)):
            let square = numbers[0] * numbers[0]
            shape = ratio(of: 1, missed: square, wrong: 1, hit: 1 + square)
        case (.balancedAccuracy, _), (.recallMacro, _): shape = .mean(.recall, isWeighted: false)
        case (.precisionMacro, _): shape = .mean(.precision, isWeighted: false)
        case (.f1Macro, _): shape = .mean(.f1, isWeighted: false)
        case (.precisionWeighted, _): shape = .mean(.precision, isWeighted: true)
        case (.f1Weighted, _): shape = .mean(.f1, isWeighted: true)
        case (.mcc, _): shape = .mcc
        case (.cohenKappa, _): shape = .kappa
        case (.confusion, .cell(let actual, let predicted)):
            guard let row = place(of: actual), let column = place(of: predicted) else { return nil }
            shape = .total(outcomes { $0 == row && $1 == column ? 1 : 0 })
        case (.businessValue, .numbers(let numbers)):
            shape = .total([numbers[3], numbers[1], numbers[2], numbers[0]])
        default: return nil
        }
    }

    /// Sums over the matrix of counts.
    private struct Margins {
        var hits: [Double]
        var labels: [Double]
        var predictions: [Double]
        var total = 0.0

        init(_ outcomes: [Double], classes: Int) {
            hits = (0..<classes).map { outcomes[$0 * classes + $0] }
            labels = [Double](repeating: 0, count: classes)
            predictions = labels
            for outcome in outcomes.indices {
                labels[outcome / classes] += outcomes[outcome]
                predictions[outcome % classes] += outcomes[outcome]
                total += outcomes[outcome]
            }
        }

        var right: Double { hits.reduce(0, +) }

        func products(_ left: [Double], _ right: [Double]) -> Double { zip(left, right).reduce(0) { $0 + $1.0 * $1.1 } }

        func isPresent(_ one: Int) -> Bool { labels[one] + predictions[one] > 0 }

        /// The ratio of a class, nil where it has no denominator.
        func ratio(_ which: ClassRatio, _ one: Int) -> Double? {
            switch which {
            case .precision: predictions[one] > 0 ? hits[one] / predictions[one] : nil
            case .recall: labels[one] > 0 ? hits[one] / labels[one] : nil
            case .f1:
                isPresent(one) ? 2 * hits[one] / (labels[one] + predictions[one]) : nil
            }
        }
    }

    /// nil where the metric is undefined.
    func value(_ outcomes: [Double]) -> Double? {
        switch shape {
        case .ratio(let numerator, let rest):
            let (x, y) = (Self.sum(numerator, outcomes), Self.sum(rest, outcomes))
            return x + y > 0 ? x / (x + y) : nil
        case .total(let weights): return Self.sum(weights, outcomes)
        default: break
        }
        let margins = Margins(outcomes, classes: classes)
        let total = margins.total
        guard total > 0 else { return nil }
        switch shape {
        case .mean(let which, let isWeighted):
            var (sum, weight) = (0.0, 0.0)
            for one in 0..<classes where isWeighted ? margins.labels[one] > 0 : margins.isPresent(one) {
                guard let ratio = margins.ratio(which, one) else { return nil }
                sum += ratio * (isWeighted ? margins.labels[one] : 1)
                weight += isWeighted ? margins.labels[one] : 1
            }
            return weight > 0 ? sum / weight : nil
        case .mcc:
            let predictions = total * total - margins.products(margins.predictions, margins.predictions)
            let labels = total * total - margins.products(margins.labels, margins.labels)
            // Each is 2 · Σ over pairs of classes, which rounding may leave a hair off 0.
            guard predictions > 1e-12 * total * total, labels > 1e-12 * total * total else { return nil }
            let agreement = margins.right * total - margins.products(margins.labels, margins.predictions)
            return agreement / (predictions * labels).squareRoot()
        case .kappa:
            let chance = margins.products(margins.labels, margins.predictions) / (total * total)
            guard 1 - chance > 1e-12 else { return nil }
            return (margins.right / total - chance) / (1 - chance)
        default: return margins.right / total
        }
    }

    /// The partial derivatives by the outcomes, where the metric is defined.
    func gradient(_ outcomes: [Double]) -> [Double] {
        switch shape {
        case .ratio(let numerator, let rest):
            let (x, y) = (Self.sum(numerator, outcomes), Self.sum(rest, outcomes))
            return outcomes.indices.map { (numerator[$0] * y - rest[$0] * x) / ((x + y) * (x + y)) }
        case .total(let weights): return weights
        default: break
        }
        let margins = Margins(outcomes, classes: classes)
        let value = self.value(outcomes) ?? 0
        return outcomes.indices.map { outcome in
            partial(outcome / classes, outcome % classes, margins, value)
        }
    }

    private func partial(_ actual: Int, _ predicted: Int, _ margins: Margins, _ value: Double) -> Double {
        let total = margins.total
        let isRight = actual == predicted ? 1.0 : 0
        switch shape {
        case .mean(let which, let isWeighted):
            var sum = 0.0
            for one in Set([actual, predicted]) {
                let weight = isWeighted ? margins.labels[one] : 1
                guard weight > 0, margins.isPresent(one), let ratio = margins.ratio(which, one) else { continue }
                let (isLabel, isPrediction) = (actual == one ? 1.0 : 0, predicted == one ? 1.0 : 0)
                let change =
                    switch which {
                    case .precision: isPrediction * (isLabel - ratio) / margins.predictions[one]
                    case .recall: isLabel * (isPrediction - ratio) / margins.labels[one]
                    case .f1:
                        (2 * isLabel * isPrediction - ratio * (isLabel + isPrediction))
                            / (margins.labels[one] + margins.predictions[one])
                    }
                sum += weight * change
            }
            if isWeighted { return (sum + (margins.ratio(which, actual) ?? 0) - value) / total }
            return sum / (0..<classes).reduce(0.0) { $0 + (margins.isPresent($1) ? 1 : 0) }
        case .mcc:
            let predictions = total * total - margins.products(margins.predictions, margins.predictions)
            let labels = total * total - margins.products(margins.labels, margins.labels)
            let change = isRight * total + margins.right - margins.labels[predicted] - margins.predictions[actual]
            return change / (predictions * labels).squareRoot()
                - value
                * ((total - margins.predictions[predicted]) / predictions + (total - margins.labels[actual]) / labels)
        case .kappa:
            let chance = margins.products(margins.labels, margins.predictions) / (total * total)
            let share = margins.right / total
            let ofChance =
                (margins.labels[predicted] + margins.predictions[actual]) / (total * total) - 2 * chance / total
            return ((isRight - share) / total - ofChance) / (1 - chance)
                + (share - chance) / ((1 - chance) * (1 - chance)) * ofChance
        default: return (isRight - margins.right / total) / total
        }
    }

    private static func sum(_ weights: [Double], _ outcomes: [Double]) -> Double {
        var sum = 0.0
        for outcome in outcomes.indices { sum += weights[outcome] * outcomes[outcome] }
        return sum
    }
}
