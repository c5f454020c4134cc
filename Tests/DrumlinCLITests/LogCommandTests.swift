import CommandSupport
import Drumlin
import Foundation
import Testing

@testable import DrumlinCLI

@Suite struct LogCommandTests {
    let folder: TestFolder

    init() throws {
        folder = try TestFolder()
        try folder.write("task.json", SmallTask.specification)
        try folder.replay("--spec", "task.json")
    }

    static let prediction =
        #"{"prediction":{"id":"a","at":"2020-03-01T00:00:00Z","score":0.9,"features":{"distance":2.5,"zone":"x"},"observed":{"tip":1}}}"#

    @Test(arguments: ["buffered", "written", "durable"])
    func answersInOrderAndGoesOnAfterBadLines(_ durability: String) throws {
        let (answers, summary) = try folder.log(
            [
                Self.prediction, "", "nonsense", #"{"feedback":{"id":"a","at":"2020-03-02T00:00:00Z","label":1}}"#,
                Self.prediction,
                #"{"prediction":{"id":"a","at":"2020-03-01T00:00:00Z","score":0.1}}"#,
                #"{"prediction":{"id":"b","at":1,"score":1.5}}"#,
                #"{"feedback":{"id":"é\"","at":"2020-03-02T00:00:00Z","label":null}}"#,
            ], "--durability", durability)
        #expect(summary == .init(accepted: 4, refused: 3))
        #expect(answers.count == 7)
        #expect(answers[0] == #"{"ok":true,"id":"a"}"#)
        let syntax = "line 1, column 1: expected a value; correct the JSON there, or what stands before it"
        #expect(answers[1] == #"{"ok":false,"error":"\#(syntax)","line":3}"#)
        #expect(answers[2] == #"{"ok":true,"id":"a"}"# && answers[3] == #"{"ok":true,"id":"a"}"#)
        #expect(answers[4].hasPrefix(#"{"ok":false,"id":"a","error":""#) && answers[4].hasSuffix(#","line":6}"#))
        #expect(answers[5].hasPrefix(#"{"ok":false,"id":"b","error":""#) && answers[5].contains("1.5"))
        #expect(answers[6] == #"{"ok":true,"id":"é\""}"#)
        for answer in answers { _ = try JSONParser.parse(answer) }
        let status = try Store.openReadOnly(folder.store).task("tips").status
        #expect(status.predictions == 1)
    }

    @Test func manyLinesAreAnsweredOneByOne() throws {
        let lines = (0..<3_000).map { #"{"prediction":{"id":"p\#($0)","at":\#($0),"score":0.5}}"# }
        let (answers, summary) = try folder.log(lines, "--durability", "durable", "--event-time")
        #expect(summary.accepted == 3_000)
        #expect(answers == (0..<3_000).map { #"{"ok":true,"id":"p\#($0)"}"# })
        #expect(try Store.openReadOnly(folder.store).task("tips").status.predictions == 3_000)
    }

    @Test func theStoreAndTheTaskMustBeThere() throws {
        let empty = try TestFolder()
        let missing = empty.failure { _ = try empty.log([Self.prediction]) }
        #expect(missing?.status == .cannotRead && missing?.text.contains("there is no store") == true)
        #expect(!FileManager.default.fileExists(atPath: empty.store))
        let unknown = folder.failure { _ = try folder.log([], "--task", "other") }
        #expect(unknown?.status == .wrongUse)
        #expect(unknown?.text.contains("there is no task \"other\"\n  remedy: the tasks are tips") == true)
    }

    @Test func wordsThatAreNoDurabilityAreWrongUse() throws {
        let failure = folder.failure { _ = try folder.log([], "--durability", "maybe") }
        #expect(failure?.status == .wrongUse && failure?.text.contains("buffered, written, durable") == true)
    }
}
