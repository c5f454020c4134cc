import CommandSupport
import Drumlin
import Testing

@testable import DrumlinCLI

@Suite struct MetricsCommandTests {
    let folder: TestFolder

    init() throws {
        folder = try TestFolder()
        try folder.write("task.json", SmallTask.specification)
        try folder.write("ref.csv", SmallTask.reference)
        try folder.write("p.csv", SmallTask.predictions(0..<3_000))
        try folder.write("l.csv", SmallTask.labels(0..<2_000))
        try folder.replay(
            "--spec", "task.json", "--reference", "ref.csv", "--predictions", "p.csv", "--labels", "l.csv")
    }

    @Test func selectsWindowsAndTimes() throws {
        #expect(try folder.metricRows().count == 4)
        let days = try folder.metricRows("--window", "1d", "--task", "tips")
        #expect(
            days.map { $0["window_start"] }
                == ["2020-03-01T00:00:00Z", "2020-03-02T00:00:00Z", "2020-03-03T00:00:00Z"].map { .string($0) })
        #expect(days[0]["labeled_value"] == .number(0.8) && days[0]["num_labeled"] == .integer(1_440))
        #expect(days[2]["num_unlabeled"] == .integer(120) && days[2]["labeled_value"] == .null)
        #expect(days[2]["value"]?.doubleValue != nil && days[2]["ci_low"]?.doubleValue != nil)
        #expect(try folder.metricRows("--window", "1d", "--from", "2020-03-02", "--to", "2020-03-03").count == 1)
        let all = try folder.metricRows("--window", "cumulative")
        #expect(
            all.count == 1 && all[0]["window_start"] == .null && all[0]["window_end"] == .null
                && all[0]["window_size"] == .null)
    }

    @Test func showsSlices() throws {
        let folder = try TestFolder()
        try folder.write(
            "task.json", SmallTask.specification.replacing("\"metrics\"", with: "\"segments\": [\"zone\"], \"metrics\"")
        )
        try folder.write("p.csv", SmallTask.predictions(0..<3_000))
        try folder.replay("--spec", "task.json", "--predictions", "p.csv")
        let all = try folder.metricRows("--window", "1d")
        let names = Set(all.map { $0["segment"] })
        #expect(names.count > 1 && names.contains(.null))
        let whole = try folder.metricRows("--window", "1d", "--segment", "none")
        #expect(whole.count == 3 && whole.allSatisfy { $0["segment"] == .null })
        #expect(try folder.metricRows("--window", "1d", "--segment", "zone").count == all.count - whole.count)
        for case .string(let name)? in names {
            #expect(try folder.metricRows("--segment", name).allSatisfy { $0["segment"] == .string(name) })
            #expect(try folder.metrics().contains(name))
        }
        let unknown = folder.failure { _ = try folder.metrics("--segment", "zone=x") }
        #expect(unknown?.text.contains("no segment 'zone=x'") == true)
    }

    @Test func tellsWhatWasPublishedAtATime() throws {
        let then = try folder.metricRows("--window", "1d", "--as-of", "2020-03-02T12:00:00Z")
        #expect(then.map { $0["window_start"] } == [.string("2020-03-01T00:00:00Z")])
        #expect(try folder.metricRows("--as-of", "2020-02-01").isEmpty)
    }

    @Test func everyFormatHasTheSameRows() throws {
        let reader = try CSVReader(bytes: Array(try folder.metrics("--format", "csv").utf8), name: "out")
        var count = 0
        while try reader.nextRow() { count += 1 }
        #expect(reader.header == MetricRow.keys && count == 4)
        let table = try folder.metrics()
        #expect(table.split(separator: "\n").count == 5 && table.hasPrefix("metric"))
    }

    @Test func openMetricsAreOfTheWholeStore() throws {
        let text = try folder.metrics("--format", "openmetrics")
        #expect(text.hasPrefix("# TYPE drumlin_table_rows gauge\n") && text.hasSuffix("\n# EOF\n"))
        #expect(text.contains("\ndrumlin_predictions_total{task=\"tips\"} 3000\n"))
        #expect(text.contains("drumlin_window_predictions{task=\"tips\",window=\"1d\"} 1440\n"))
        #expect(
            DrumlinCommand.run(["metrics", folder.store, "--format", "openmetrics", "--task", "tips"])?.status
                == .wrongUse)
    }

    @Test func unknownNamesAreErrorsThatListWhatThereIs() throws {
        let metric = folder.failure { _ = try folder.metrics("--metric", "f1") }
        #expect(metric?.text.contains("registered are accuracy\n") == true && metric?.status == .wrongUse)
        let unregistered = folder.failure { _ = try folder.metrics("--window", "3h") }
        #expect(
            unregistered?.text.contains("no metric has the window 3h\n  remedy: registered are 1d, cumulative") == true)
        #expect(unregistered?.status == .wrongUse)
        let task = folder.failure { _ = try folder.metrics("--task", "x") }
        #expect(task?.status == .wrongUse && task?.text.contains("the tasks are tips") == true)
        let window = folder.failure { _ = try folder.metrics("--window", "1x") }
        #expect(window?.status == .wrongUse && window?.text.contains("trailing:SIZE") == true)
        let time = folder.failure { _ = try folder.metrics("--from", "yesterday") }
        #expect(time?.status == .wrongUse && time?.text.contains("ISO 8601") == true)
        let order = folder.failure { _ = try folder.metrics("--from", "2020-03-02", "--to", "2020-03-01") }
        #expect(order?.status == .wrongUse)
    }
}

@Suite struct CommandFailureTests {
    func end(_ arguments: String...) -> CommandFailure? { DrumlinCommand.run(arguments) }

    @Test func helpAndVersionAreAnswers() {
        let version = end("--version")
        #expect(version?.status == .fine && version?.isForStandardOutput == true && version?.text == "0.1.0\n")
        let help = end("replay", "--help")
        #expect(help?.status == .fine && help?.text.contains("EXAMPLES") == true)
        for line in help?.text.split(separator: "\n") ?? [] where !line.contains("USAGE") {
            #expect(line.count <= 80, "\(line)")
        }
    }

    @Test func wrongUseHasStatusTwo() {
        for arguments in [["replay"], ["bogus"], ["metrics", "a", "--nonsense"], ["metrics", "a", "--format", "xml"]] {
            do {
                _ = try DrumlinCommand.parse(arguments)
                Issue.record("\(arguments) were accepted")
            } catch {
                let failure = CommandFailure(error, of: DrumlinCommand.self)
                #expect(
                    failure.status == .wrongUse && failure.text.hasPrefix("error: ") && !failure.isForStandardOutput)
            }
        }
    }

    @Test func aStoreThatIsNotThereCannotBeRead() {
        let failure = end("metrics", "/nonexistent/store")
        #expect(failure?.status == .cannotRead && failure?.text.hasPrefix("error: /nonexistent/store") == true)
    }
}
