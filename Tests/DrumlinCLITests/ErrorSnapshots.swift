import CommandSupport
import Drumlin
import Foundation

@testable import DrumlinCLI

/// The commonest mistakes, each made on purpose in a folder of its own, with all that the command then says.
///
/// The file that they are compared with is `Tests/Fixtures/errors/drumlin.txt`; `DRUMLIN_RECORD=1 swift test --filter
/// ErrorSnapshot` writes it anew, to be read before it is committed.
struct ErrorSnapshot: Sendable {
    let title: String
    /// Makes the mistake; returns the arguments of the command that meets it.
    let arrange: @Sendable (TestFolder) throws -> [String]
    /// Lines for `drumlin log`, in place of a command.
    var events: [String] = []

    init(_ title: String, _ arrange: @escaping @Sendable (TestFolder) throws -> [String]) {
        self.title = title
        self.arrange = arrange
    }

    /// Mistakes in events that come by pipe: the answers are the messages.
    init(_ title: String, events: [String]) {
        self.init(title) { folder in
            try Self.logged(folder)
            return ["log", folder.store]
        }
        self.events = events
    }

    /// The title, the command, what it said on standard error, and its status.
    func text() throws -> String {
        let folder = try TestFolder()
        let arguments = try arrange(folder)
        guard events.isEmpty else {
            let answers = try folder.log(events).answers.joined(separator: "\n")
            let pattern = /ahead of [-0-9T:.]+Z/
            return "## \(title)\n\n$ drumlin log model.drumlin < events.jsonl\n"
                + answers.replacing(pattern, with: "ahead of NOW") + "\n"
        }
        guard let failure = DrumlinCommand.run(arguments) else { return "\(title): nothing was said" }
        let command = (["drumlin"] + arguments.map(Self.quoted)).joined(separator: " ")
        let text = "## \(title)\n\n$ \(command)\n\(failure.text)exit \(failure.status.rawValue)\n"
        // Each folder has a name of its own.
        return Self.cutting(text.replacing(folder.path + "/", with: ""))
    }

    /// Cuts what grows with the product and is not what a message is about: usage lines, and lists of more than six.
    private static func cutting(_ text: String) -> String {
        let usage = /Usage: drumlin .*/
        let list = /((?:[^ \n]+, ){4})(?:[^ \n]+, ){2,}[^ ;\n]+/
        return text.replacing(usage, with: "Usage: …").replacing(list) { $0.output.1 + "…" }
    }

    private static func quoted(_ argument: String) -> String {
        argument.contains(where: { " ><'\"".contains($0) }) ? "\"\(argument)\"" : argument
    }

    static let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures/errors/drumlin.txt")
}

extension ErrorSnapshot {
    static let all = ofTaskFiles + ofFiles + ofEvents + ofPipes + ofStores + ofQuestions

    /// A replay of the folder's files, with other texts for some of them.
    private static func replay(
        _ folder: TestFolder, specification: String = SmallTask.specification, reference: String? = nil,
        predictions: String? = nil, labels: String? = nil
    ) throws -> [String] {
        var arguments = ["replay", folder.store, "--spec", try folder.write("task.json", specification)]
        if let reference { arguments += ["--reference", try folder.write("reference.csv", reference)] }
        if let predictions { arguments += ["--predictions", try folder.write("predictions.csv", predictions)] }
        if let labels { arguments += ["--labels", try folder.write("labels.csv", labels)] }
        return arguments
    }

    /// The small task with one piece of its file replaced.
    private static func specification(_ piece: String, _ other: String) -> String {
        SmallTask.specification.replacing(piece, with: other)
    }

    /// A store that has logged a few events.
    private static func logged(_ folder: TestFolder) throws {
        let arguments = try replay(
            folder, reference: SmallTask.reference, predictions: SmallTask.predictions(0..<20),
            labels: SmallTask.labels(0..<20))
        try folder.replay(Array(arguments.dropFirst(2)))
    }

    private static let ofTaskFiles = [
        ErrorSnapshot("A task file that is no JSON") {
            try replay($0, specification: specification("\"kind\": \"binary\",", "\"kind\": \"binary\""))
        },
        ErrorSnapshot("A key of the task file with a slip of the pen") {
            try replay($0, specification: specification("\"metrics\"", "\"metric\""))
        },
        ErrorSnapshot("A wrong type in the task file") {
            try replay($0, specification: specification("\"binary\",", "\"binary\", \"threshold\": \"0.5\","))
        },
        ErrorSnapshot("A type of a feature that there is not") {
            try replay($0, specification: specification("\"float32\"", "\"double\""))
        },
        ErrorSnapshot("A metric that there is not") {
            try replay($0, specification: specification("\"accuracy\"", "\"acuracy\""))
        },
        ErrorSnapshot("A metric of another kind of task") {
            try replay($0, specification: specification("\"accuracy\"", "\"rmse\""))
        },
        ErrorSnapshot("A window that is none") {
            try replay($0, specification: specification("\"1d\"", "\"1 day\""))
        },
        ErrorSnapshot("A window that cannot be") {
            try replay($0, specification: specification("\"1d\"", "\"1d/7d\""))
        },
        ErrorSnapshot("A column of the task file that the CSV file lacks") {
            try replay(
                $0, specification: specification("\"score\": \"score\"", "\"score\": \"y_pred\""),
                predictions: SmallTask.predictions(0..<2))
        },
        ErrorSnapshot("A feature that the CSV file lacks") {
            try replay(
                $0, specification: specification("\"distance\"", "\"Distance\""),
                predictions: SmallTask.predictions(0..<2))
        },
        ErrorSnapshot("A task file that does not name the column of the labels") {
            try replay(
                $0, specification: specification(", \"label\": \"label\"", ""), labels: SmallTask.labels(0..<2))
        },
    ]

    private static let ofFiles = [
        ErrorSnapshot("A file that is not there") {
            try replay($0) + ["--predictions", $0.path + "/prediction.csv"]
        },
        ErrorSnapshot("A word where a number belongs") {
            try replay(
                $0, predictions: "id,at,score,distance,zone\np0,2020-03-01,0.5,2.4,a\np1,2020-03-01,0.5,far,a\n")
        },
        ErrorSnapshot("A row with too few fields") {
            try replay($0, predictions: "id,at,score,distance,zone\np0,2020-03-01,0.5,2.4\n")
        },
        ErrorSnapshot("A time in another form") {
            try replay($0, predictions: "id,at,score,distance,zone\np0,03/01/2020 10:15,0.5,2.4,a\n")
        },
        ErrorSnapshot("A score out of range") {
            try replay($0, predictions: "id,at,score,distance,zone\np0,2020-03-01,83,2.4,a\n")
        },
        ErrorSnapshot("A file of labels without ids") {
            try replay($0, labels: "at,label\n2020-03-01,1\n")
        },
        ErrorSnapshot("A label that is neither 0 nor 1") {
            try replay($0, labels: "id,at,label\np0,2020-03-01,maybe\n")
        },
        ErrorSnapshot("A class that the task does not have") {
            let classes = """
                { "name": "pets", "kind": "multiclass", "classes": ["cat", "dog"],
                  "columns": { "id": "id", "time": "at", "prediction": "said", "label": "label" } }
                """
            return try replay($0, specification: classes, labels: "id,at,label\np0,2020-03-01,cow\n")
        },
        ErrorSnapshot("A reference row without a label") {
            try replay($0, reference: "score,label,distance,zone\n0.5,,2.4,a\n")
        },
    ]

    private static let ofEvents = [
        ErrorSnapshot("Another prediction with an id that was logged") { folder in
            try logged(folder)
            return try replay(folder, predictions: "id,at,score,distance,zone\np3,2020-03-02,0.77,2.4,a\n")
        },
        ErrorSnapshot("Other reference rows for the same version of the model") { folder in
            try logged(folder)
            return try replay(folder, reference: SmallTask.reference + "0.5,1,2.4,a\n")
        },
        ErrorSnapshot("Another type of a feature at the second start") { folder in
            try logged(folder)
            return try replay(folder, specification: specification("\"float32\"", "\"float64\""))
        },
        ErrorSnapshot("Another kind of task at the second start") { folder in
            try logged(folder)
            return try replay(
                folder,
                specification: """
                    { "name": "tips", "kind": "regression", "features": { "distance": "float32", "zone": "category" } }
                    """)
        },
        ErrorSnapshot("Other windows of a metric at the second start") { folder in
            try logged(folder)
            return try replay(folder, specification: specification("\"1d\"", "\"1h\""))
        },
    ]

    private static let ofPipes = [
        ErrorSnapshot(
            "Events by pipe: from the future, without an id, with a feature that there is not, with a wrong type",
            events: [
                #"{"prediction": {"id": "a", "at": "2999-01-01", "score": 0.5, "features": {}}}"#,
                #"{"prediction": {"at": "2020-03-02", "score": 0.5, "features": {}}}"#,
                #"{"prediction": {"id": "b", "at": "2020-03-02", "score": 0.5, "features": {"miles": 3}}}"#,
                #"{"prediction": {"id": "c", "at": "2020-03-02", "score": 0.5, "features": {"distance": "far"}}}"#,
                #"{"prediction": {"id": "d", "at": "2020-03-02", "score": 1.5, "features": {}}}"#,
                #"{"feedback": {"id": "d", "at": "2020-03-02", "label": 7}}"#,
            ])
    ]

    private static let ofStores = [
        ErrorSnapshot("A store that is not there") { ["metrics", $0.path + "/modell.drumlin"] },
        ErrorSnapshot("A folder that is no store") { folder in
            try FileManager.default.createDirectory(
                atPath: folder.path + "/photographs", withIntermediateDirectories: false)
            return ["metrics", folder.path + "/photographs"]
        },
        ErrorSnapshot("A file in place of a store") { folder in
            ["metrics", try folder.write("predictions.csv", SmallTask.predictions(0..<2))]
        },
        ErrorSnapshot("A store in a place where nothing can be made") { folder in
            let file = try folder.write("data", "")
            return [
                "replay", file + "/model.drumlin", "--spec", try folder.write("task.json", SmallTask.specification),
            ]
        },
        ErrorSnapshot("A store that another process writes") { folder in
            try logged(folder)
            folder.heldStore = try Store.open(folder.store)
            return try replay(folder)
        },
        ErrorSnapshot("A damaged segment") { folder in
            try logged(folder)
            try flipByte(ofSegmentIn: folder.store + "/tips/predictions")
            return ["export", folder.store, "predictions", "-o", folder.path + "/rows.csv"]
        },
        ErrorSnapshot("A store without a task") { folder in
            try Store.open(folder.store).close()
            return ["metrics", folder.store]
        },
    ]

    /// Turns one bit in the middle of the first segment.
    private static func flipByte(ofSegmentIn folder: String) throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".seg") }.sorted()
        let url = URL(fileURLWithPath: folder + "/" + names[0])
        var bytes = try Data(contentsOf: url)
        bytes[bytes.startIndex + 100] ^= 1
        try bytes.write(to: url)
    }

    private static let ofQuestions = [
        ErrorSnapshot("A metric that is not registered") { folder in
            try logged(folder)
            return ["metrics", folder.store, "--metric", "f1"]
        },
        ErrorSnapshot("A window that is not registered") { folder in
            try logged(folder)
            return ["metrics", folder.store, "--window", "7d"]
        },
        ErrorSnapshot("A window that is none, asked for") { ["metrics", $0.store, "--window", "week"] },
        ErrorSnapshot("A time that is none") { ["metrics", $0.store, "--from", "yesterday"] },
        ErrorSnapshot("A task that the store does not have") { folder in
            try logged(folder)
            return ["metrics", folder.store, "--task", "tip"]
        },
        ErrorSnapshot("A table that the store does not have") { folder in
            try logged(folder)
            return ["export", folder.store, "prediction"]
        },
        ErrorSnapshot("A column that the table does not have") { folder in
            try logged(folder)
            return ["export", folder.store, "predictions", "--columns", "_id,score"]
        },
        ErrorSnapshot("A condition that is none") { folder in
            try logged(folder)
            return ["export", folder.store, "predictions", "--where", "_score => 0.5"]
        },
        ErrorSnapshot("An option that there is not") { ["metrics", $0.store, "--metrics", "f1"] },
        ErrorSnapshot("A command that there is not") { ["metric", $0.store] },
    ]
}
