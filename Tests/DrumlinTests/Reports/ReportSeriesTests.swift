import ColumnFormat
import Testing

@testable import Drumlin

@Suite struct ReportSeriesTests {
    private func row(_ start: Int64, _ value: Double?, labeled: Int = 10) -> MetricRow {
        MetricRow(
            task: "t", metric: "accuracy", window: "1h", start: Timestamp(microseconds: start * 3_600_000_000),
            end: nil, size: 3_600, status: "final", revision: 1, value: value, labeledValue: value,
            labeledCount: labeled, unlabeledCount: 0)
    }

    private func series(_ values: [Double?]) -> ReportSeries {
        ReportSeries(
            metric: "accuracy", window: "1h", segment: nil,
            points: values.enumerated().map { .init(now: row(Int64($0.offset), $0.element)) })
    }

    @Test func whatIsLeftOutIsNoExtreme() {
        var generator = SeededGenerator(seed: 5)
        for count in [1, 5, 99, 100, 101, 1_234, 5_000] {
            var values: [Double?] = (0..<count).map { _ in Double(generator.next() % 1_000) / 1_000 }
            values[count / 3] = 7
            values[count / 2] = nil
            values[count * 2 / 3] = -7
            var thinned = series(values)
            thinned.thin(to: 100)
            let kept = thinned.points.compactMap(\.now.value)
            #expect(thinned.points.count <= max(100, 4) && thinned.windowCount == count)
            #expect(kept.max() == values.compactMap(\.self).max() && kept.min() == values.compactMap(\.self).min())
            let starts = thinned.points.compactMap { $0.now.start?.microseconds }
            #expect(starts == starts.sorted() && Set(starts).count == starts.count)
            #expect(thinned.points.last?.now.start == row(Int64(count - 1), 0).start)
            if count <= 100 { #expect(thinned.points.count == count) }
        }
    }

    @Test func valuesStandBesideEachOther() {
        var one = series([0.5, nil])
        one.add(.init(now: row(2, 0.75), then: row(2, 0.25)))
        var writer = ReportWriter()
        one.write(to: &writer)
        #expect(writer.text.contains(#""start":[0,3600,7200],"value":[0.5,null,0.75]"#))
        #expect(writer.text.contains(#""then_value":[null,null,0.25]"#) && writer.text.contains(#""count":3"#))
        var none = ReportWriter()
        series([0.5]).write(to: &none)
        #expect(!none.text.contains("then_"))
    }
}
