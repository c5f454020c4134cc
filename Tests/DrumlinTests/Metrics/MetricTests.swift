import ColumnFormat
import Testing

@testable import Drumlin

@Suite("Metrics as names")
struct MetricTests {
    @Test("read back from their names")
    func roundTrips() {
        for metric in Metric.all { #expect(Metric(metric.description) == metric) }
        #expect(Metric.all.map(\.name).contains("f1_macro"))
        #expect(Metric("rocAUC") == .rocAUC)
        #expect(Metric("auc") == nil)
    }

    @Test("an unknown name lists those that would do")
    func namesTheAlternatives() {
        let error = #expect(throws: UnknownMetric.self) { try Metric.named("acuracy", for: .regression) }
        #expect(error?.description == "\"acuracy\" is no metric of a regression task; the metrics are mae, mse, rmse")
        #expect(throws: UnknownMetric.self) { try Metric.named("mae", for: .binary()) }
        #expect(throws: Never.self) { try Metric.named("mae") }
    }

    @Test("each kind of task has its own")
    func dependOnTheKind() {
        #expect(Metric.all(for: .binary()).count == 7)
        #expect(Metric.all(for: .multiclass(classes: ["a", "b"], hasProbabilities: false)) == [.accuracy, .f1Macro])
        #expect(Metric.logLoss.isDefined(for: .multiclass(classes: ["a", "b"], hasProbabilities: true)))
        #expect(!Metric.rocAUC.isDefined(for: .regression))
    }
}

@Suite("Label delays")
struct DelayHistogramTests {
    @Test("are read back within 1.6 %, from 1 ms to 400 days")
    func hasSmallRelativeError() {
        var delay = 1_024.0
        var worst = 0.0
        while delay < 400 * 86_400e6 {
            let cell = DelayHistogram.cell(ofMicroseconds: Int64(delay))
            let seconds = DelayHistogram.seconds(ofCell: cell)
            worst = max(worst, (seconds * 1e6 - delay.rounded(.down)).magnitude / delay)
            delay *= 1.003
        }
        #expect(worst < 0.0161)
        #expect(worst > 0.01)
    }

    @Test("of labels that came before their prediction are 0; cells ascend; the end is open")
    func coversEverything() {
        #expect(DelayHistogram.cell(ofMicroseconds: .min) == 0)
        #expect(DelayHistogram.cell(ofMicroseconds: 1_023) == 0)
        #expect(DelayHistogram.cell(ofMicroseconds: 1_024) == 1)
        #expect(DelayHistogram.cell(ofMicroseconds: .max) == DelayHistogram.cellCount - 1)
        #expect(DelayHistogram.cell(ofMicroseconds: (1 << 45) - 1) == DelayHistogram.cellCount - 2)
        for cell in 1..<DelayHistogram.cellCount {
            #expect(DelayHistogram.seconds(ofCell: cell) > DelayHistogram.seconds(ofCell: cell - 1))
        }
    }

    @Test("quantiles are nearest ranks, nil without labels")
    func findsQuantiles() {
        var cells = DenseCells(count: DelayHistogram.cellCount)
        for second in 1...100 { cells.add(1, to: DelayHistogram.cell(ofMicroseconds: Int64(second) * 1_000_000)) }
        let found = DelayHistogram.quantiles([0.5, 0.95], of: cells.cells, at: 0, count: 100)
        #expect(isClose(found[0] ?? 0, 50, relative: 0.016))
        #expect(isClose(found[1] ?? 0, 95, relative: 0.016))
        #expect(DelayHistogram.quantiles([0.5], of: cells.cells, at: 0, count: 0) == [nil])
    }
}
