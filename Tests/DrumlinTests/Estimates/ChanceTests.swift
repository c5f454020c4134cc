import ColumnFormat
import ColumnViews
import Testing

@testable import Drumlin

/// Estimates from each row's own chance (`cbpe`, `calibratedResiduals`) and from pairs of leaves (`lossTree`), against
/// sums over the rows.
@Suite("Estimates row by row")
struct ChanceTests {
    private static func binary(_ count: Int, seed: UInt64, shift: Double = 0) -> SyntheticTask {
        var generator = SeededGenerator(seed: seed)
        return SyntheticTask.binary(count: count, shift: shift, generator: &generator)
    }

    /// The chance of each row by its bucket.
    private static func chances(_ epoch: SyntheticEpoch, _ task: SyntheticTask) throws -> [Double] {
        let table = try #require(epoch.buckets.chances)
        return task.labels.indices.map { table[Int(epoch.facts(task, $0).bucket)] }
    }

    @Test("are sums of the rows' chances", arguments: [0, 16])
    func areSums(trees: Int) throws {
        let epoch = try SyntheticEpoch(Self.binary(3_000, seed: 1), bucketing: .chances(trees: trees))
        let live = Self.binary(900, seed: 2, shift: 0.4)
        let chances = try Self.chances(epoch, live)
        let evaluator = epoch.evaluator(live) { $0 % 3 == 0 }
        // In what follows a labeled row has its label for a chance.
        let known = live.labels.indices.map { $0 % 3 == 0 ? live.labels[$0] : chances[$0] }
        var (right, tp, fp, fn) = (0.0, 0.0, 0.0, 0.0)
        for row in known.indices {
            right += live.classes[row] == 1 ? known[row] : 1 - known[row]
            tp += live.classes[row] == 1 ? known[row] : 0
            fp += live.classes[row] == 1 ? 1 - known[row] : 0
            fn += live.classes[row] == 0 ? known[row] : 0
        }
        let accuracy = evaluator.evaluate(.accuracy)
        #expect(isClose(accuracy.value ?? 0, right / 900, relative: 1e-8))
        #expect(isClose(evaluator.evaluate(.f1).value ?? 0, 2 * tp / (2 * tp + fp + fn), relative: 1e-8))
        #expect(isClose(evaluator.evaluate(.precision).value ?? 0, tp / (tp + fp), relative: 1e-8))
        #expect(isClose(evaluator.evaluate(.recall).value ?? 0, tp / (tp + fn), relative: 1e-8))
        var (wins, ones, zeros) = (0.0, 0.0, 0.0)
        for row in known.indices {
            ones += known[row]
            zeros += 1 - known[row]
            for other in known.indices where other != row {
                let share = live.scores[row] > live.scores[other] ? 1 : live.scores[row] == live.scores[other] ? 0.5 : 0
                wins += known[row] * (1 - known[other]) * share
            }
        }
        let area = evaluator.evaluate(.rocAUC)
        // A row is compared with itself in its bin, which makes less than one in the number of rows.
        #expect(((area.value ?? 0) - wins / (ones * zeros)).magnitude < area.binningError + 1e-3)
        for estimate in [accuracy, area, evaluator.evaluate(.f1), evaluator.evaluate(.brier)] {
            let value = try #require(estimate.value)
            #expect(try #require(estimate.ciLow) < value && value < (try #require(estimate.ciHigh)))
        }
    }

    @Test("of brier and logLoss take each row's own score and chance")
    func takeOwnScores() throws {
        let reference = Self.binary(4_000, seed: 3)
        let epoch = try SyntheticEpoch(reference, bucketing: .chances(trees: 16))
        let live = Self.binary(500, seed: 4)
        let chances = try Self.chances(epoch, live)
        let evaluator = epoch.evaluator(live) { _ in false }
        var (brier, logLoss) = (0.0, 0.0)
        for row in chances.indices {
            let (score, chance) = (live.scores[row], chances[row])
            brier += score * score + chance * (1 - 2 * score)
            logLoss +=
                chance * CellLayout.loss(score, label: 1) + (1 - chance) * CellLayout.loss(score, label: 0)
        }
        // The mean residual of a group adds what the reference had beyond the chances: little.
        #expect(isClose(evaluator.evaluate(.brier).value ?? 0, brier / 500, relative: 0.02))
        #expect(isClose(evaluator.evaluate(.logLoss).value ?? 0, logLoss / 500, relative: 0.02))
    }

    @Test("of the calibration error are what it will be, labels drawn from the chances")
    func anticipateCalibration() throws {
        let epoch = try SyntheticEpoch(Self.binary(4_000, seed: 13), bucketing: .chances(trees: 0))
        let live = Self.binary(800, seed: 14)
        let chances = try Self.chances(epoch, live)
        var generator = SeededGenerator(seed: 15)
        var mean = 0.0
        for _ in 0..<200 {
            var distances = [Double](repeating: 0, count: 10)
            for row in chances.indices {
                let label = row % 4 == 0 ? live.labels[row] : generator.uniform() < chances[row] ? 1.0 : 0
                distances[CellLayout.tenth(of: live.scores[row])] += label - live.scores[row]
            }
            mean += distances.reduce(0) { $0 + $1.magnitude } / 800 / 200
        }
        let estimate = epoch.evaluator(live) { $0 % 4 == 0 }.evaluate(.expectedCalibrationError)
        #expect(isClose(estimate.value ?? 0, mean, relative: 0.04), "\(estimate.value ?? 0) \(mean)")
        let truth = epoch.evaluator(live) { _ in true }.evaluate(.expectedCalibrationError).value ?? .nan
        #expect((estimate.ciLow ?? .nan) < truth && truth < (estimate.ciHigh ?? .nan))
        // Without chances of the rows there is no estimate, and no value that would leave them out.
        let plain = try SyntheticEpoch(Self.binary(1_000, seed: 16))
        #expect(plain.evaluator(live) { $0 % 4 == 0 }.evaluate(.expectedCalibrationError).value == nil)
    }

    @Test("of errors are the mean of the leaves of two trees")
    func averageTwoTrees() throws {
        var generator = SeededGenerator(seed: 6)
        let reference = SyntheticTask.regression(count: 3_000, generator: &generator)
        let live = SyntheticTask.regression(count: 400, shift: 0.2, generator: &generator)
        let epoch = try SyntheticEpoch(reference, bucketing: .lossTree(leaves: 20, seed: 9))
        guard case .leaves(let pair) = epoch.buckets.form else {
            Issue.record("no trees")
            return
        }
        #expect(pair.first.leafCount > 5 && pair.second.leafCount > 5)
        // Each half's rows by the leaf of the other half's tree.
        var sums = [Double](repeating: 0, count: pair.first.leafCount + pair.second.leafCount)
        var counts = sums
        let assigned = epoch.buckets.assign(reference.reference)
        for row in reference.labels.indices {
            let (a, b) = assigned[row].quotientAndRemainder(dividingBy: pair.second.leafCount)
            let place = LeafPair.isInFirstHalf(row: row, seed: 9) ? pair.first.leafCount + b : a
            sums[place] += (reference.labels[row] - reference.scores[row]).magnitude
            counts[place] += 1
        }
        var expected = 0.0
        for row in live.labels.indices {
            let bucket = Int(epoch.facts(live, row).bucket)
            let (a, b) = bucket.quotientAndRemainder(dividingBy: pair.second.leafCount)
            let second = pair.first.leafCount + b
            expected += sums[a] / counts[a] / 2 + sums[second] / counts[second] / 2
        }
        let estimate = epoch.evaluator(live) { _ in false }.evaluate(.mae)
        #expect(isClose(estimate.value ?? 0, expected / 400, relative: 1e-9))
        let truth = zip(live.labels, live.scores).reduce(0) { $0 + ($1.0 - $1.1).magnitude } / 400
        #expect((estimate.ciLow ?? .nan) < truth && truth < (estimate.ciHigh ?? .nan))
    }

    @Test("know what the score does not: a feature that says where the model errs")
    func useFeatures() throws {
        func rows(_ count: Int, seed: UInt64, share: Double) -> SyntheticTask {
            var task = Self.binary(count, seed: seed)
            var generator = SeededGenerator(seed: seed + 1)
            for row in task.labels.indices {
                // Where the feature is 1, the model is right far less often than its score says.
                task.features[row] = generator.uniform() < share ? 1 : 0
                let chance = task.features[row] == 1 ? 0.5 : task.scores[row]
                task.labels[row] = generator.uniform() < chance ? 1 : 0
            }
            return task
        }
        let reference = rows(6_000, seed: 20, share: 0.3)
        let live = rows(3_000, seed: 30, share: 0.8)
        let truth = zip(live.labels, live.classes).reduce(0.0) { $0 + ($1.0 == Double($1.1) ? 1 : 0) } / 3_000
        func distance(_ trees: Int) throws -> Double {
            let epoch = try SyntheticEpoch(reference, bucketing: .chances(trees: trees))
            return ((epoch.evaluator(live) { _ in false }.evaluate(.accuracy).value ?? 0) - truth).magnitude
        }
        let (with, without) = (try distance(16), try distance(0))
        #expect(with < without / 2 && without > 0.05, "\(with) \(without)")
    }

    @Test("take rows back exactly, in any order", arguments: [0, 1])
    func takeRowsBack(kind: Int) throws {
        var generator = SeededGenerator(seed: 8)
        let task =
            kind == 0 ? Self.binary(1_000, seed: 5) : SyntheticTask.regression(count: 1_000, generator: &generator)
        let epoch = try SyntheticEpoch(task, bucketing: kind == 0 ? .chances(trees: 16) : .lossTree(leaves: 8))
        var forward = DenseCells(count: epoch.layout.cellCount)
        for row in 0..<200 { epoch.layout.addUnlabeled(epoch.facts(task, row), sign: 1, to: &forward) }
        var shuffled = DenseCells(count: epoch.layout.cellCount)
        for row in (0..<400).shuffled(using: &generator) {
            epoch.layout.addUnlabeled(epoch.facts(task, row), sign: 1, to: &shuffled)
        }
        for row in (200..<400).shuffled(using: &generator) {
            epoch.layout.addUnlabeled(epoch.facts(task, row), sign: -1, to: &shuffled)
        }
        #expect(forward.cells == shuffled.cells)
    }
}

/// Accuracy from confidences alone (`atc`, `doc`), against the rows.
@Suite("Estimates from confidences")
struct ConfidenceTests {
    private static func confidence(_ task: SyntheticTask, _ row: Int) -> Double {
        task.kind.isBinary && task.classes[row] == 0 ? 1 - task.scores[row] : task.scores[row]
    }

    private static func accuracy(_ task: SyntheticTask) -> Double {
        let right = task.labels.indices.count { task.labels[$0] == Double(task.classes[$0]) }
        return Double(right) / Double(task.labels.count)
    }

    private static func tasks(_ isBinary: Bool) -> (reference: SyntheticTask, live: SyntheticTask) {
        var generator = SeededGenerator(seed: 41)
        if isBinary {
            return (
                .binary(count: 4_000, generator: &generator), .binary(count: 1_500, shift: 0.8, generator: &generator)
            )
        }
        return (
            .multiclass(count: 4_000, generator: &generator),
            .multiclass(count: 1_500, shift: -0.5, generator: &generator)
        )
    }

    @Test("are a share above a threshold, and a shift of the mean", arguments: [true, false])
    func values(isBinary: Bool) throws {
        let (reference, live) = Self.tasks(isBinary)
        let epoch = try SyntheticEpoch(reference, bucketing: .confidence)
        let known = reference.labels.indices.map { Self.confidence(reference, $0) }
        let now = live.labels.indices.map { Self.confidence(live, $0) }
        let accuracy = Self.accuracy(reference)
        let threshold = known.sorted(by: >)[Int((accuracy * 4_000).rounded()) - 1]
        let above = Double(now.count { $0 >= threshold }) / 1_500
        let evaluator = epoch.evaluator(live) { _ in false }
        let atc = evaluator.evaluate(.accuracy, estimator: .atc)
        #expect(isClose(atc.value ?? .nan, above, relative: 1e-12) && atc.method == "atc" && atc.ciLow == nil)
        let expected = accuracy + now.reduce(0, +) / 1_500 - known.reduce(0, +) / 4_000
        let doc = evaluator.evaluate(.accuracy, estimator: .doc)
        // Each of 500 cells stands for its mean on the reference.
        #expect(((doc.value ?? .nan) - expected).magnitude < 5e-4, "\(doc.value ?? .nan) \(expected)")
        // On the reference itself both are its accuracy, and labels that are known count as they are.
        for estimator in [Estimator.atc, .doc] {
            let own = epoch.evaluator(reference) { _ in false }.evaluate(.accuracy, estimator: estimator)
            #expect(isClose(own.value ?? .nan, accuracy, relative: 1e-9))
            let half = epoch.evaluator(live) { $0 % 2 == 0 }.evaluate(.accuracy, estimator: estimator)
            let blend = ((half.labeledValue ?? .nan) + (half.unlabeledValue ?? .nan)) / 2
            #expect(isClose(half.value ?? .nan, blend, relative: 1e-12))
            // Of nothing but accuracy.
            let other = evaluator.evaluate(isBinary ? .f1 : .f1Macro, estimator: estimator)
            #expect(other.value == nil && other.method == estimator.rawValue)
        }
        var writer = ByteWriter()
        epoch.statistics.write(to: &writer)
        epoch.buckets.write(to: &writer)
        let (statistics, buckets) = try unsafe writer.bytes.withUnsafeBytes { raw in
            var reader = unsafe ByteReader(raw)
            return (try ReferenceStatistics(from: &reader), try FittedBuckets(from: &reader))
        }
        var again = ByteWriter()
        statistics.write(to: &again)
        buckets.write(to: &again)
        // What is undefined in a bucket is NaN, which does not equal itself.
        #expect(again.bytes == writer.bytes && buckets == epoch.buckets)
    }
}
