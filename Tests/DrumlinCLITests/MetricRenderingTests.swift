import CommandSupport
import Testing

@testable import Drumlin
@testable import DrumlinCLI

@Suite struct MetricRenderingTests {
    static let day: Int64 = 86_400_000_000

    static let rows: [MetricRow] = [
        MetricRow(
            task: "tips", metric: "accuracy", modelVersion: "1", segment: nil, window: "1d",
            start: Timestamp(microseconds: 18_293 * day), end: Timestamp(microseconds: 18_294 * day), size: 86_400,
            status: "closed",
            revision: 2, computedAt: Timestamp(microseconds: 18_295 * day + 500_000), value: 0.87654, labeledValue: 0.9,
            unlabeledValue: 0.85,
            ciLow: 0.861, ciHigh: 0.89, method: "bucketStatistics", labeledCount: 1_200, unlabeledCount: 800,
            labelDelayP50: 120_960,
            labelDelayP95: 500_000, effectiveSampleSize: 12_345.5, unsupportedMass: 0.012, boundLow: 0.85,
            boundHigh: 0.9, coverageFrom: nil,
            error: nil),
        MetricRow(
            task: "tips", metric: "my \"own\", one", modelVersion: nil, segment: nil, window: "cumulative", start: nil,
            end: nil, size: nil,
            status: "open", revision: 0, computedAt: nil, value: nil, labeledValue: nil, unlabeledValue: .nan,
            ciLow: nil, ciHigh: nil,
            method: nil, labeledCount: 0, unlabeledCount: 5, labelDelayP50: nil, labelDelayP95: nil,
            effectiveSampleSize: nil,
            unsupportedMass: nil, boundLow: nil, boundHigh: nil, coverageFrom: nil, error: "division by zero"),
    ]

    @Test func jsonHasAllKeysInTheirOrder() throws {
        let text = MetricRendering.text(Self.rows, .json, for: .none)
        #expect(
            text == """
                [
                {"task":"tips","metric":"accuracy","model_version":"1","segment":null,"window":"1d","window_start":"2020-02-01T00:00:00Z","window_end":"2020-02-02T00:00:00Z","window_size":86400,"status":"closed","revision":2,"computed_at":"2020-02-03T00:00:00.500000Z","value":0.87654,"labeled_value":0.9,"unlabeled_value":0.85,"ci_low":0.861,"ci_high":0.89,"method":"bucketStatistics","num_labeled":1200,"num_unlabeled":800,"label_delay_p50":120960.0,"label_delay_p95":500000.0,"effective_sample_size":12345.5,"unsupported_mass":0.012,"bound_low":0.85,"bound_high":0.9,"coverage_from":null,"error":null},
                {"task":"tips","metric":"my \\"own\\", one","model_version":null,"segment":null,"window":"cumulative","window_start":null,"window_end":null,"window_size":null,"status":"open","revision":0,"computed_at":null,"value":null,"labeled_value":null,"unlabeled_value":null,"ci_low":null,"ci_high":null,"method":null,"num_labeled":0,"num_unlabeled":5,"label_delay_p50":null,"label_delay_p95":null,"effective_sample_size":null,"unsupported_mass":null,"bound_low":null,"bound_high":null,"coverage_from":null,"error":"division by zero"}
                ]

                """)
        guard case .array(let rows) = try JSONParser.parse(text), case .object(let first) = rows[0] else {
            return #expect(Bool(false), "no array of objects")
        }
        #expect(first.members.map(\.name) == MetricRow.keys)
    }

    @Test func csvHasTheSameKeysAndEmptyFieldsForWhatIsMissing() throws {
        let text = MetricRendering.text(Self.rows, .csv, for: .none)
        let reader = try CSVReader(bytes: Array(text.utf8), name: "metrics.csv")
        #expect(reader.header == MetricRow.keys)
        #expect(try reader.nextRow())
        #expect(
            try reader.string(5) == "2020-02-01T00:00:00Z" && reader.float64(11) == 0.87654 && reader.int64(17) == 1_200
        )
        #expect(try reader.nextRow())
        #expect(
            reader.string(1) == "my \"own\", one" && reader.isNull(5) && reader.isNull(7) && reader.isNull(11)
                && reader.isNull(13))
        #expect(try !reader.nextRow())
    }

    @Test func noRowsAreAnEmptyArrayAHeaderOrAWord() {
        #expect(MetricRendering.text([], .json, for: .none) == "[]\n")
        #expect(MetricRendering.text([], .csv, for: .none) == MetricRow.keys.joined(separator: ",") + "\n")
        #expect(MetricRendering.text([], .table, for: .none) == "no rows\n")
    }

    @Test func theTableShowsWhatThereIs() {
        #expect(
            MetricRendering.text(Self.rows, .table, for: .none) == """
                metric         model  window      start (UTC)  status   value     95 % interval  labeled  estimated          labels  median delay  unsupported  method            error
                accuracy       1      1d          2020-02-01   closed  0.8765  0.8610 to 0.8900   0.9000     0.8500  1,200 of 2,000      1 d 10 h        1.2 %  bucketStatistics
                my "own", one         cumulative               open                                             NaN          0 of 5                                               division by zero

                """)
    }

    @Test func momentsLeaveOutWhatIsZero() {
        #expect(MetricRendering.moment(Timestamp(microseconds: 18_293 * Self.day)) == "2020-02-01")
        #expect(
            MetricRendering.moment(Timestamp(microseconds: 18_293 * Self.day + 3_600_000_000)) == "2020-02-01 01:00")
        #expect(
            MetricRendering.moment(Timestamp(microseconds: 18_293 * Self.day + 1_500_000))
                == "2020-02-01 00:00:01.500000")
    }
}
