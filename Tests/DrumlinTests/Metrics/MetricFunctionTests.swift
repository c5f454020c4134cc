import Testing

@testable import Drumlin

@Suite("Metrics as functions of sums")
struct MetricFunctionTests {
    private static let multiclass = TaskKind.multiclass(classes: ["a", "b", "c"], hasProbabilities: false)

    @Test("gradients of counts are their differences", arguments: [TaskKind.binary(), multiclass])
    func haveGradients(kind: TaskKind) throws {
        var generator = SeededGenerator(seed: 1)
        let own: [Metric] =
            kind.isBinary
            ? [.fBeta(0.5), .businessValue(truePositive: 1, falsePositive: -5, falseNegative: -2, trueNegative: 0)]
            : [.precision(class: "b"), .recall(class: "a"), .f1(class: "c"), .confusion(actual: "a", predicted: "c")]
        for metric in Metric.all(for: kind) + own where metric.form.isOfCounts {
            let function = try #require(CountMetric(metric, kind: kind))
            for _ in 0..<20 {
                let counts = (0..<(kind.classCount * kind.classCount)).map { _ in 5 + 90 * generator.uniform() }
                let gradient = function.gradient(counts)
                for outcome in counts.indices {
                    var (above, below) = (counts, counts)
                    above[outcome] += 1e-4
                    below[outcome] -= 1e-4
                    let slope = ((function.value(above) ?? .nan) - (function.value(below) ?? .nan)) / 2e-4
                    #expect(
                        (slope - gradient[outcome]).magnitude < 1e-6 * (1 + slope.magnitude), "\(metric) \(outcome)")
                }
            }
        }
    }

    @Test("average precision of cells is the mean over all orders of their rows")
    func averagesOrders() throws {
        var generator = SeededGenerator(seed: 2)
        for round in 0..<5 {
            let cells = (0..<4).map { cell in
                let rows = 1 + generator.index(below: 6)
                return PrecisionCurve.Cell(
                    rows: Double(rows), positives: Double(generator.index(below: rows + 1)), variance: 0,
                    isTied: (cell + round) % 3 == 0)
            }
            guard cells.contains(where: { $0.positives > 0 }) else { continue }
            let curve = PrecisionCurve(cells)
            var sum = 0.0
            let draws = 4_000
            for _ in 0..<draws {
                var (rows, hits, area, total) = (0.0, 0.0, 0.0, 0.0)
                for cell in cells {
                    total += cell.positives
                    if cell.isTied {
                        rows += cell.rows
                        hits += cell.positives
                        area += cell.positives * hits / rows
                        continue
                    }
                    var labels = (0..<Int(cell.rows)).map { Double($0) < cell.positives }
                    labels.shuffle(using: &generator)
                    for isPositive in labels {
                        rows += 1
                        if isPositive {
                            hits += 1
                            area += hits / rows
                        }
                    }
                }
                let value = area / total
                sum += value
                #expect((value - (curve.value ?? .nan)).magnitude <= curve.binningError + 1e-12)
            }
            #expect((sum / Double(draws) - (curve.value ?? .nan)).magnitude < 0.01)
        }
        #expect(PrecisionCurve([]).value == nil)
        // Euler's constant, and a value from a table.
        #expect((PrecisionCurve.digamma(1) + 0.577_215_664_901_532_9).magnitude < 1e-12)
        #expect((PrecisionCurve.digamma(10) - 2.251_752_589_066_721_1).magnitude < 1e-12)
    }

    @Test("average precision's gradient is its differences")
    func hasAGradient() {
        var generator = SeededGenerator(seed: 3)
        let cells = (0..<12).map { place in
            let rows = 5 + 40 * generator.uniform()
            return PrecisionCurve.Cell(
                rows: rows, positives: rows * (0.1 + 0.8 * generator.uniform()), variance: 1, isTied: place % 4 == 1)
        }
        let curve = PrecisionCurve(cells, withGradient: true)
        for place in cells.indices {
            var (above, below) = (cells, cells)
            above[place].positives += 1e-4
            below[place].positives -= 1e-4
            let slope = ((PrecisionCurve(above).value ?? 0) - (PrecisionCurve(below).value ?? 0)) / 2e-4
            #expect((slope - curve.gradient[place]).magnitude < 1e-6)
        }
    }

    @Test("errors are read back within 1.6 %, from 2⁻⁶⁴ to 2⁶⁴")
    func readsErrorsBack() {
        var magnitude = 0x1p-64
        while magnitude < 0x1p64 {
            let value = ErrorHistogram.value(ofCell: ErrorHistogram.cell(of: magnitude))
            #expect((value - magnitude).magnitude <= magnitude / 64)
            magnitude *= 1.037
        }
        #expect(ErrorHistogram.cell(of: 0) == 0 && ErrorHistogram.value(ofCell: 0) == 0)
        for odd in [Double.infinity, .nan, 0x1p64] {
            #expect(ErrorHistogram.cell(of: odd) == ErrorHistogram.cellCount - 1)
        }
        #expect(ErrorHistogram.cell(of: 0x1p64.nextDown) == ErrorHistogram.cellCount - 2)
    }

    @Test("estimates of errors are sums over the rows' buckets")
    func sumsErrors() throws {
        var generator = SeededGenerator(seed: 4)
        let reference = SyntheticTask.regression(count: 2_000, generator: &generator)
        let live = SyntheticTask.regression(count: 300, shift: 0.1, generator: &generator)
        let epoch = try SyntheticEpoch(reference, bucketing: .scoreQuantiles(10))
        let evaluator = epoch.evaluator(live) { $0 % 3 == 0 }
        let assigned = epoch.buckets.assign(reference.reference)
        func mean(_ bucket: Int, _ statistic: (Double, Double) -> Double) -> Double {
            let rows = assigned.indices.filter { assigned[$0] == bucket }
            return rows.reduce(0) { $0 + statistic(reference.labels[$1], reference.scores[$1]) } / Double(rows.count)
        }
        func total(_ statistic: (_ label: Double, _ value: Double) -> Double) -> Double {
            live.labels.indices.reduce(0) { sum, row in
                row % 3 == 0
                    ? sum + statistic(live.labels[row], live.scores[row])
                    : sum + mean(Int(epoch.facts(live, row).bucket), statistic)
            }
        }
        let meanError = total { $0 - $1 } / 300
        #expect(isClose(evaluator.evaluate(.meanError).value ?? 0, meanError, relative: 1e-9))
        #expect(isClose(evaluator.evaluate(.mape).value ?? 0, total { ($0 - $1).magnitude / $0 } / 300, relative: 1e-9))
        let msle = total { CellLayout.logError(label: $0, value: $1) } / 300
        #expect(isClose(evaluator.evaluate(.rmsle).value ?? 0, msle.squareRoot(), relative: 1e-9))
        // Labels of rows without one: their own value plus the bucket's errors.
        let errors = total { ($0 - $1) * ($0 - $1) }
        var (labels, squares) = (0.0, 0.0)
        for row in live.labels.indices {
            let (value, bucket) = (live.scores[row], Int(epoch.facts(live, row).bucket))
            if row % 3 == 0 {
                labels += live.labels[row]
                squares += live.labels[row] * live.labels[row]
            } else {
                labels += value + mean(bucket) { $0 - $1 }
                squares += value * value + mean(bucket) { 2 * $1 * ($0 - $1) + ($0 - $1) * ($0 - $1) }
            }
        }
        let r2 = 1 - errors / (squares - labels * labels / 300)
        #expect(isClose(evaluator.evaluate(.r2).value ?? 0, r2, relative: 1e-9))
        let truth = epoch.evaluator(live) { _ in true }
        for metric in [Metric.meanError, .mape, .rmsle, .r2] {
            let (estimate, known) = (evaluator.evaluate(metric), truth.evaluate(metric).value ?? .nan)
            #expect((estimate.ciLow ?? .nan) < known && known < (estimate.ciHigh ?? .nan), "\(metric)")
        }
    }
}
