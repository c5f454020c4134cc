import CommandSupport
import Drumlin
import Foundation
import Testing

@testable import DrumlinCLI

@Suite struct ReplayCommandTests {
    let folder: TestFolder

    init() throws {
        folder = try TestFolder()
        try folder.write("task.json", SmallTask.specification)
        try folder.write("ref.csv", SmallTask.reference)
        try folder.write("p.csv", SmallTask.predictions(0..<300))
        try folder.write("l.csv", SmallTask.labels(0..<300))
    }

    /// The cumulative accuracy: value, labeled, unlabeled.
    func cumulative() throws -> (value: Double?, labeled: JSONValue?, unlabeled: JSONValue?) {
        let row = try #require(try folder.metricRows("--metric", "accuracy", "--window", "cumulative").first)
        return (row["value"]?.doubleValue, row["num_labeled"], row["num_unlabeled"])
    }

    @Test func logsEverythingAndCountsIt() throws {
        let summary = try folder.replay(
            "--spec", "task.json", "--reference", "ref.csv", "--predictions", "p.csv", "--labels", "l.csv")
        #expect(summary.reference?.count == 400 && summary.reference?.modelVersion == "1")
        #expect(
            summary.predictions == .init(accepted: 300, known: 0) && summary.labels == .init(accepted: 300, known: 0))
        #expect(summary.pending == 0 && summary.refusedCount == 0 && summary.byteCount > 0 && summary.disorders.isEmpty)
        let (value, labeled, unlabeled) = try cumulative()
        #expect(value == 0.8 && labeled == .integer(300) && unlabeled == .integer(0))
        let text = summary.text(.none)
        #expect(
            text.hasPrefix(
                "tips in \(folder.store)\n  reference    400 rows as model version 1\n  predictions  300 logged\n"))
        #expect(text.contains("\n  labels       300 logged, 0 pending\n"))
        let store = try Store.openReadOnly(folder.store)
        #expect(try store.task("tips").status.predictions == 300)
    }

    @Test func saysWhatTheFilesTake() throws {
        let summary = try folder.replay("--spec", "task.json", "--predictions", "p.csv", "--labels", "l.csv")
        let url = URL(fileURLWithPath: folder.store)
        let files = try #require(FileManager.default.enumerator(at: url, includingPropertiesForKeys: [.fileSizeKey]))
        let sizes = try files.compactMap {
            try ($0 as? URL)?.resourceValues(forKeys: [.isRegularFileKey, .fileSizeKey])
        }
        let all = sizes.filter { $0.isRegularFile == true }.reduce(0) { $0 + ($1.fileSize ?? 0) }
        #expect(all > 1_000 && summary.byteCount == all)
    }

    @Test func theSummaryIsAnObjectToo() throws {
        let summary = try folder.replay(
            "--spec", "task.json", "--reference", "ref.csv", "--predictions", "p.csv", "--labels", "l.csv", "--json")
        guard case .object(let object) = try JSONParser.parse(summary.json) else {
            Issue.record("no object: \(summary.json)")
            return
        }
        #expect(object["task"] == .string("tips") && object["bytes"] == .integer(Int64(summary.byteCount)))
        #expect(object["pending"] == .integer(0) && object["not_in_order"] == .array([]))
        #expect(summary.json.contains(#""reference":{"rows":400,"model_version":"1","refused":0}"#))
        #expect(summary.json.contains(#""predictions":{"logged":300,"there_already":0,"refused":0}"#))
        let later = try folder.replay("--spec", "task.json", "--labels", "l.csv").json
        #expect(later.contains(#""reference":null"#) && later.contains(#""logged":0,"there_already":300"#))
    }

    @Test func predictionsAndLabelsMayBeOneFile() throws {
        try folder.write(
            "one.json",
            SmallTask.specification.replacing(#""label": "label""#, with: #""label": "label", "labelTime": "known""#))
        func rows(_ text: String) -> [[String]] {
            text.split(separator: "\n").map {
                $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            }
        }
        let labels = rows(SmallTask.labels(0..<300)).dropFirst()
        // The labels of every third have not come.
        let lines = rows(SmallTask.predictions(0..<300)).enumerated().map { line, fields in
            if line == 0 { return (fields + ["known", "label"]).joined(separator: ",") }
            let label = labels.first { $0[0] == fields[0] }
            return (fields + (line % 3 == 0 ? ["", ""] : [label?[1] ?? "", label?[2] ?? ""])).joined(separator: ",")
        }
        try folder.write("one.csv", lines.joined(separator: "\n") + "\n")
        let summary = try folder.replay("--spec", "one.json", "--predictions", "one.csv", "--labels", "one.csv")
        #expect(summary.predictions == .init(accepted: 300, known: 0))
        #expect(summary.labels == .init(accepted: 200, known: 0) && summary.withdrawals == 0)
        let (_, labeled, unlabeled) = try cumulative()
        #expect(labeled == .integer(200) && unlabeled == .integer(100))
        // With a label there has to be a time, and the other way round an empty label withdraws one.
        try folder.write("bad.csv", "id,known,label\np1,,1\n")
        #expect(throws: CommandError.self) { try folder.replay("--spec", "one.json", "--labels", "bad.csv") }
    }

    @Test func runAgainItChangesNothing() throws {
        let arguments = [
            "--spec", "task.json", "--reference", "ref.csv", "--predictions", "p.csv", "--labels", "l.csv",
        ]
        func run() throws -> ReplaySummary {
            try folder.replay(
                arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5], arguments[6],
                arguments[7])
        }
        _ = try run()
        let before = try folder.metrics("--format", "csv")
        let again = try run()
        #expect(
            again.predictions == .init(accepted: 300, known: 300) && again.labels == .init(accepted: 300, known: 300))
        #expect(again.corrections == 0 && again.refusedCount == 0)
        #expect(try folder.metrics("--format", "csv") == before)
        #expect(again.text(.none).contains("  predictions  0 logged, 300 there already\n"))
    }

    @Test func aReplayThatStoppedHalfWayIsContinued() throws {
        try folder.write("half.csv", SmallTask.predictions(0..<170))
        try folder.replay("--spec", "task.json", "--predictions", "half.csv")
        let rest = try folder.replay("--spec", "task.json", "--predictions", "p.csv", "--labels", "l.csv")
        #expect(rest.predictions == .init(accepted: 300, known: 170))
        #expect(try cumulative().value == 0.8)
    }

    @Test func labelsMayComeFirst() throws {
        let first = try folder.replay("--spec", "task.json", "--labels", "l.csv")
        #expect(first.labels.accepted == 300 && first.pending == 300)
        #expect(first.text(.none).contains("300 logged, 300 pending"))
        let second = try folder.replay("--spec", "task.json", "--predictions", "p.csv")
        #expect(second.pending == 0)
        let (value, labeled, _) = try cumulative()
        #expect(value == 0.8 && labeled == .integer(300))
    }

    @Test func onlyTheSpecificationCreatesTheTask() throws {
        try folder.replay("--spec", "task.json")
        #expect(try folder.metrics("--format", "json") == "[]\n")
        let store = try Store.openReadOnly(folder.store)
        #expect(store.taskNames == ["tips"])
    }

    @Test func theOrderOfEventsIsThatOfTheirTimes() throws {
        // The label of p0 comes before the prediction p200: replayed in the order of times nothing is ever pending.
        let summary = try folder.replay(
            "--spec", "task.json", "--predictions", "p.csv", "--labels", "l.csv", "--durability", "written")
        #expect(summary.labels.accepted == 300)
        let rows = try folder.metricRows("--window", "1d", "--from", "2020-03-01", "--to", "2020-03-02")
        #expect(rows.count == 1 && rows[0]["window_start"] == .string("2020-03-01T00:00:00Z"))
        #expect(rows[0]["label_delay_p50"]?.doubleValue.map { abs($0 - 3_600) < 360 } == true)
    }

    @Test func rowsOutOfOrderAreLoggedAndNoted() throws {
        try folder.write(
            "p.csv",
            "id,at,score,distance,zone\na,2020-03-01 02:00,1,1,x\nb,2020-03-01 01:00,1,1,x\nc,2020-03-01 01:30,1,1,x\n")
        let summary = try folder.replay("--spec", "task.json", "--predictions", "p.csv")
        #expect(summary.predictions.accepted == 3)
        #expect(summary.disorders.map(\.count) == [2] && summary.disorders[0].firstLine == 3)
        #expect(
            summary.text(.none).contains(
                "is not in the order of its times: 2 rows are earlier than one before them, the first in line 3"))
    }

    static let badRows = """
        id,at,score,distance,zone,tip
        a,2020-03-01 00:00,0.9,1,x,1
        b,2020-03-01 00:01,1.2,1,x,1
        c,2020-03-01 00:02,NaN,1,x,1
        d,2020-03-01 00:03,0.5,one,x,1
        e,someday,0.5,1,x,1
        f,2020-03-01 00:05,0.5,1,x
        ,2020-03-01 00:06,0.5,1,x,1
        g,,0.5,1,x,1
        a,2020-03-01 00:08,0.1,1,x,1
        h,2262-04-11 00:00,0.5,1,x,1
        i,2020-03-01 00:10,,1,x,1
        j,2020-03-01 00:11,0.4,,,

        """

    @Test func badRowsAreSkippedAndTold() throws {
        try folder.write("p.csv", Self.badRows)
        let summary = try folder.replay("--spec", "task.json", "--predictions", "p.csv", "--on-error", "skip")
        // The year 2262 is a time like any other where the clock is that of the events.
        #expect(summary.predictions.accepted + summary.refused.predictions == 12)
        #expect(summary.refused.predictions >= 9)
        let lines = folder.messages.split(separator: "\n")
        #expect(lines.first?.hasSuffix("p.csv:3, column \"score\": \"1.2\" is not a score in 0 to 1") == true)
        #expect(folder.messages.contains("p.csv:5, column \"distance\": \"one\" is not a number"))
        #expect(folder.messages.contains("p.csv:6, column \"at\": \"someday\" is not a time"))
        #expect(folder.messages.contains("p.csv:7: a row of 5 fields, expected 6 as in the header"))
        #expect(folder.messages.contains("p.csv:8, column \"id\": the id is missing"))
        #expect(folder.messages.contains("p.csv:9, column \"at\": the time is missing"))
        #expect(folder.messages.contains("p.csv:10: "))
        #expect(summary.text(.none).contains("refused"))
        let store = try Store.openReadOnly(folder.store)
        #expect(try store.task("tips").status.predictions == summary.predictions.accepted)
    }

    @Test func aBadRowStopsAndLeavesWhatWasLogged() throws {
        try folder.write("p.csv", Self.badRows)
        let failure = folder.failure { try folder.replay("--spec", "task.json", "--predictions", "p.csv") }
        #expect(failure?.status == .refused)
        #expect(failure?.text.contains("p.csv:3, column \"score\": \"1.2\" is not a score in 0 to 1") == true)
        let store = try Store.openReadOnly(folder.store)
        #expect(try store.task("tips").status.predictions == 1)
    }

    @Test func filesAreCheckedBeforeTheStoreIsTouched() throws {
        try folder.write("bad.csv", "id,time,score\n")
        let missing = folder.failure { try folder.replay("--spec", "task.json", "--predictions", "bad.csv") }
        #expect(missing?.status == .wrongUse)
        #expect(missing?.text.contains("there is no column \"at\"; the columns are: id, time, score") == true)
        let absent = folder.failure { try folder.replay("--spec", "task.json", "--labels", "nowhere.csv") }
        #expect(absent?.status == .cannotRead)
        try folder.write("binary.csv", "PAR1\0\0\0\0")
        let binary = folder.failure { try folder.replay("--spec", "task.json", "--reference", "binary.csv") }
        #expect(binary?.status == .cannotRead && binary?.text.contains("this is a Parquet file") == true)
        try folder.write("broken.json", "{\"name\": \"a\",}")
        let broken = folder.failure { try folder.replay("--spec", "broken.json") }
        #expect(broken?.status == .wrongUse && broken?.text.contains("broken.json:1:14: ") == true)
        #expect(!FileManager.default.fileExists(atPath: folder.store))
    }

    @Test func storesThatCannotBeOpenedAreErrors() throws {
        try folder.write("model.drumlin", "a file")
        #expect(folder.failure { try folder.replay("--spec", "task.json") }?.status == .cannotRead)
        #expect(folder.failure { _ = try folder.metrics() }?.status == .cannotRead)
        #expect(try String(contentsOfFile: folder.store, encoding: .utf8) == "a file")
    }

    @Test func anotherReferenceOrSchemaIsRefused() throws {
        try folder.replay("--spec", "task.json", "--reference", "ref.csv")
        try folder.write("ref2.csv", SmallTask.reference + "0.5,1,1,z1\n")
        let reference = folder.failure { try folder.replay("--spec", "task.json", "--reference", "ref2.csv") }
        #expect(reference?.status == .refused && reference?.text.contains("model version '1'") == true)
        try folder.replay("--spec", "task.json", "--reference", "ref2.csv", "--model-version", "2")
        try folder.write("task2.json", SmallTask.specification.replacing("float32", with: "float64"))
        #expect(folder.failure { try folder.replay("--spec", "task2.json") }?.status == .refused)
    }

    @Test func replaysMulticlassAndRegression() throws {
        try folder.write(
            "multi.json",
            """
            {"name":"animals","kind":"multiclass","classes":["cat","dog"],"probabilities":{"dog":"pd","cat":"pc"},
             "columns":{"id":"id","time":"at","prediction":"y","label":"truth"},"features":{"n":"int8","big":"uint64","key":"uuid"},
             "metrics":[{"name":"accuracy","windows":["cumulative"]}]}
            """)
        try folder.write(
            "mp.csv",
            "id,at,y,pc,pd,n,big,key\na,1,cat,0.7,0.3,-128,18446744073709551615,123e4567-e89b-12d3-a456-426614174000\nb,2,dog,0.1,0.9,,,\n"
        )
        try folder.write("ml.csv", "id,at,truth\na,3,cat\nb,4,cat\n")
        try folder.replay("--spec", "multi.json", "--predictions", "mp.csv", "--labels", "ml.csv")
        try folder.write("bad.csv", "id,at,y,pc,pd,n,big,key\nc,5,cow,0.7,0.3,1,1,\n")
        let cow = folder.failure { try folder.replay("--spec", "multi.json", "--predictions", "bad.csv") }
        #expect(cow?.text.contains("column \"y\": \"cow\" is not a class\n  remedy: the classes are cat, dog") == true)
        try folder.write("bad.csv", "id,at,y,pc,pd,n,big,key\nc,5,cat,0.7,0.3,128,1,\n")
        let range = folder.failure { try folder.replay("--spec", "multi.json", "--predictions", "bad.csv") }
        #expect(range?.text.contains("column \"n\": \"128\" is not an integer of type int8") == true)
        try folder.write(
            "regression.json",
            """
            {"name":"prices","kind":"regression","columns":{"id":"id","time":"at","prediction":"y","label":"truth"},
             "metrics":[{"name":"mae","windows":["cumulative"]}]}
            """)
        try folder.write("rp.csv", "id,at,y\na,1,10\nb,2,-2.5\n")
        try folder.write("rl.csv", "id,at,truth\na,3,11\nb,4,\n")
        let summary = try folder.replay("--spec", "regression.json", "--predictions", "rp.csv", "--labels", "rl.csv")
        #expect(summary.labels.accepted == 2)
        let rows = try folder.metricRows()
        #expect(rows.map { $0["task"] } == [.string("animals"), .string("prices")])
        #expect(rows[0]["labeled_value"] == .number(0.5) && rows[1]["labeled_value"] == .number(1))
    }
}
