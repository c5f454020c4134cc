import CommandSupport
import Drumlin
import Testing

@testable import DrumlinCLI

@Suite struct LoggedEventTests {
    static let binary = TaskSchema(
        kind: .binary(),
        features: [
            Feature("hour", .int16), Feature("distance", .float32), Feature("zone", .category),
            Feature("seen", .timestamp),
        ],
        observed: [Feature("tip", .float64)])
    static let multiclass = TaskSchema(
        kind: .multiclass(classes: ["cat", "dog"], hasProbabilities: true),
        features: [Feature("embedding", .vector(dimension: 2))])
    static let regression = TaskSchema(
        kind: .regression,
        features: [Feature("key", .uuid), Feature("raw", .bytes), Feature("big", .uint64), Feature("flag", .bool)])

    func event(_ text: String, _ schema: TaskSchema = binary) throws -> LoggedEvent {
        try LoggedEvent(Array(text.utf8), schema: schema)
    }

    func failure(_ text: String, _ schema: TaskSchema = binary) -> String? {
        do {
            _ = try LoggedEvent(Array(text.utf8), schema: schema)
            return nil
        } catch {
            return error.description
        }
    }

    @Test func readsABinaryPrediction() throws {
        let read = try event(
            #"{"prediction":{"id":"a","at":"2020-04-08T13:05:00Z","score":0.83,"features":{"hour":9.0,"distance":"NaN","zone":null},"observed":{"tip":2.75}}}"#
        )
        guard case .prediction("a", let at, .number(0.83), let features, ["tip": .float64(2.75)]) = read else {
            Issue.record("\(read)")
            return
        }
        #expect(at == Timestamp(microseconds: 1_586_351_100_000_000))
        #expect(features["hour"] == .int(9) && features["zone"] == .null && features["seen"] == nil)
        guard case .float32(let distance)? = features["distance"] else { return #expect(Bool(false), "no distance") }
        #expect(distance.isNaN)
    }

    @Test func understandsBothWordsForAnOutput() throws {
        #expect(
            try event(#"{"prediction":{"id":"a","at":5,"prediction":1,"class":0}}"#)
                == .prediction(
                    id: "a", at: Timestamp(microseconds: 5), prediction: .score(1, class: 0), features: [:],
                    observed: [:]))
        #expect(
            try event(#"{"prediction":{"id":"a","prediction":"dog"}}"#, Self.multiclass)
                == .prediction(
                    id: "a", at: nil, prediction: .class("dog", probabilities: nil), features: [:], observed: [:]))
        #expect(failure(#"{"prediction":{"id":"a","score":1,"prediction":1}}"#)?.contains("give either") == true)
    }

    @Test func readsProbabilitiesInEitherForm() throws {
        let expected = LoggedEvent.prediction(
            id: "a", at: nil, prediction: .class("dog", probabilities: [0.25, 0.75]),
            features: ["embedding": .vector([1, 2.5])],
            observed: [:])
        for form in [#"{"dog":0.75,"cat":0.25}"#, "[0.25,0.75]"] {
            #expect(
                try event(
                    #"{"prediction":{"id":"a","class":"dog","probabilities":\#(form),"features":{"embedding":[1,2.5]}}}"#,
                    Self.multiclass) == expected)
        }
    }

    @Test func readsEveryTypeOfFeature() throws {
        let read = try event(
            #"{"prediction":{"id":"a","prediction":-3,"features":{"key":"123e4567-e89b-12d3-a456-426614174000","raw":"0x00fF","big":18446744073709551615,"flag":true}}}"#,
            Self.regression)
        guard case .prediction(_, _, .number(-3), let features, _) = read else {
            return #expect(Bool(false), "\(read)")
        }
        #expect(
            features["raw"] == .bytes([0, 255]) && features["big"] == .uint(.max) && features["flag"] == .bool(true))
        guard case .uuid(let bytes)? = features["key"] else { return #expect(Bool(false), "no key") }
        #expect(bytes.count == 16 && bytes[0] == 0x12 && bytes[15] == 0)
    }

    @Test func readsFeedback() throws {
        #expect(
            try event(#"{"feedback":{"id":"a","at":7,"label":1}}"#)
                == .feedback(id: "a", at: Timestamp(microseconds: 7), label: .number(1), observed: [:]))
        #expect(
            try event(#"{"feedback":{"id":"a","label":true,"observed":{"tip":1}}}"#)
                == .feedback(id: "a", at: nil, label: .number(1), observed: ["tip": .float64(1)]))
        #expect(
            try event(#"{"feedback":{"id":"a","label":null}}"#)
                == .feedback(id: "a", at: nil, label: .withdrawn, observed: [:]))
        #expect(
            try event(#"{"feedback":{"id":"a","label":"cat"}}"#, Self.multiclass)
                == .feedback(id: "a", at: nil, label: .class("cat"), observed: [:]))
        #expect(
            try event(#"{"feedback":{"id":"a","label":2.5}}"#, Self.regression)
                == .feedback(id: "a", at: nil, label: .number(2.5), observed: [:]))
    }

    @Test(arguments: [
        (#"{"#, "line 1, column 2: expected a name in quotation marks"),
        (#"{}"#, "a line is {\"prediction\": {…}} or {\"feedback\": {…}}"),
        (#"{"prediction":{},"feedback":{}}"#, "a line is {\"prediction\": {…}} or {\"feedback\": {…}}"),
        (#"{"predictions":{}}"#, "predictions: there is no key \"predictions\" here"),
        (#"{"prediction":{"score":1}}"#, "prediction: the key \"id\" is missing: a string that names the prediction"),
        (#"{"prediction":{"id":7,"score":1}}"#, "prediction.id: expected a string, this is a number"),
        (#"{"prediction":{"id":"a"}}"#, "prediction: the key \"score\" is missing: the probability of class 1"),
        (#"{"prediction":{"id":"a","score":"high"}}"#, "prediction.score: expected a number, this is a string"),
        (#"{"prediction":{"id":"a","score":1,"class":2}}"#, "prediction.class: expected an integer from 0 to 1"),
        (#"{"prediction":{"id":"a","score":1,"at":"soon"}}"#, "prediction.at: this is not a time"),
        (
            #"{"prediction":{"id":"a","score":1,"features":{"hour":40000}}}"#,
            "prediction.features.hour: expected an integer of type int16"
        ),
        (
            #"{"prediction":{"id":"a","score":1,"features":{"hours":4}}}"#,
            "prediction.features.hours: the task has no such column"
        ), (#"{"prediction":{"id":"a","score":1,"features":{"zone":4}}}"#, "prediction.features.zone: expected text"),
        (
            #"{"prediction":{"id":"a","score":1,"features":{"hour":9.5}}}"#,
            "prediction.features.hour: expected an integer of type int16"
        ),
        (
            #"{"prediction":{"id":"a","score":1,"features":[]}}"#,
            "prediction.features: expected an object, this is an array"
        ),
        (
            #"{"feedback":{"id":"a"}}"#,
            "feedback: the key \"label\" is missing: what turned out to be true; null withdraws a label"
        ), (#"{"feedback":{"id":"a","label":2}}"#, "feedback.label: expected 0 or 1, or null to withdraw a label"),
        (#"{"feedback":{"id":"a","label":1,"score":1}}"#, "feedback.score: there is no key \"score\" here"),
    ])
    func badLinesSayWhatIsWrong(_ line: String, _ message: String) { #expect(failure(line) == message) }
}
