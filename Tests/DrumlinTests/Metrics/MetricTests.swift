import ColumnFormat
import Testing

@testable import Drumlin

@Suite("Metrics as names")
struct MetricTests {
    @Test("read back from their names")
    func roundTrips() throws {
        let own: [Metric] = [
            .fBeta(0.5), .fBeta(2),
            .businessValue(truePositive: 1, falsePositive: -5, falseNegative: 0, trueNegative: 0.25),
            .precision(class: "A"), .recall(class: "a, b"), .f1(class: "x=y:z"), .absoluteErrorQuantile(0.95),
            .confusion(actual: "1", predicted: "0"), .confusion(actual: "a,predicted=b", predicted: "c"),
        ]
        for metric in Metric.all + own {
            #expect(Metric(metric.description) == metric)
            var writer = ByteWriter()
            metric.write(to: &writer)
            let read = try unsafe writer.bytes.withUnsafeBytes { bytes in
                var reader = unsafe ByteReader(bytes)
                return try Metric(from: &reader)
            }
            #expect(read == metric)
        }
        #expect(Metric.fBeta(0.5).name == "fbeta:0.5" && Metric("fbeta:2.0")?.name == "fbeta:2")
        #expect(own[2].name == "business_value:1,-5,0,0.25")
        for name in [
            "fbeta", "fbeta:", "fbeta:x", "fbeta:1,2", "f1:", "f1:class=", "business_value:1,2,3", "f1:0.5", "mae:1",
        ] {
            #expect(Metric(name) == nil, "\(name)")
        }
        #expect(
            !Metric.fBeta(-1).isDefined(for: .binary()) && !Metric.absoluteErrorQuantile(1).isDefined(for: .regression))
        #expect(Metric.all.map(\.name).contains("f1_macro"))
        #expect(Metric("rocAUC") == .rocAUC)
        #expect(Metric("auc") == nil)
    }

    @Test("an unknown name lists those that would do")
    func namesTheAlternatives() {
        let error = #expect(throws: UnknownMetric.self) { try Metric.named("acuracy", for: .regression) }
        #expect(
            error?.description
                == "\"acuracy\" is no metric of a regression task; the metrics are mae, mse, rmse, "
                + "msle, rmsle, mape, meanError, r2, abs_error_quantile:SHARE")
        #expect(throws: UnknownMetric.self) { try Metric.named("mae", for: .binary()) }
        #expect(throws: Never.self) { try Metric.named("mae") }
    }

    @Test("each kind of task has its own")
    func dependOnTheKind() {
        #expect(Metric.all(for: .binary()).count == 13)
        let multiclass = TaskKind.multiclass(classes: ["a", "b"], hasProbabilities: false)
        #expect(Metric.all(for: multiclass).contains(.f1Macro) && !Metric.all(for: multiclass).contains(.logLoss))
        #expect(Metric.f1(class: "a").isDefined(for: multiclass) && !Metric.f1(class: "c").isDefined(for: multiclass))
        #expect(Metric.confusionMatrix(for: multiclass).map(\.name).last == "confusion:actual=b,predicted=b")
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
