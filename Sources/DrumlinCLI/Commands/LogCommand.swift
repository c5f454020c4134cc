import ArgumentParser
import CommandSupport
import Drumlin

struct LogCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log",
        abstract: "Logs events that come as JSON lines on standard input, and answers each on standard output.",
        discussion: """
            This embeds Drumlin by a pipe, from any language. The task must exist: create it from a specification with \
            drumlin replay STORE --spec task.json, or from Swift.

            Each line is one event:
              {"prediction": {"id": "a1", "at": "2020-04-08T13:05:00Z",
                              "score": 0.83, "features": {"trip_distance": 2.4}}}
              {"feedback": {"id": "a1", "at": "2020-04-10T09:00:00Z", "label": 1}}
            (here the first is broken to fit; on standard input it is one line)

            In a prediction:
              id             a string of 1 to 1,024 bytes, unique in the task
              at             ISO 8601, or microseconds since 1970; left out: now
              score          binary: the probability of class 1
              class          binary: 0 or 1; left out: 1 if score >= threshold
                             multiclass: the name of the class
              probabilities  multiclass: an object or array, a number a class
              prediction     regression: the value; else another word for score
                             (binary) or class (multiclass)
              features       an object; what is left out, or null, is missing;
                             a float may be "NaN", "Infinity" or "-Infinity"
              observed       an object of observed columns
            In a feedback:
              id, at         as above
              label          0 or 1, a class, or a number; null withdraws a label
              observed       an object of observed columns

            Answers come in the order of the lines, once the events are as durable as \
            --durability asks:
              {"ok":true,"id":"a1"}
              {"ok":false,"error":"prediction.score: expected a number","line":2}

            A bad line does not stop the stream. Exit status 1 if anything was refused.

            EXAMPLES
              producer | drumlin log model.drumlin --durability durable
              echo '{"feedback": {"id": "a1", "label": 1}}' | drumlin log model.drumlin
              drumlin log model.drumlin --event-time < events.jsonl | grep '"ok":false'
            """)

    @Argument(help: "The store, a directory.")
    var store: String

    @Option(name: .long, help: "The task; may be left out where the store has one.")
    var task: String?

    @Option(
        help: "What an answer promises: buffered (in memory), written (survives the process) or durable (power loss).",
        transform: CommandArgument.durability)
    var durability: Durability = .written

    @Flag(name: .long, help: "Take the task's clock from the events' own times, not from the wall: for the past.")
    var eventTime = false

    func run() throws {
        let summary = try execute(LineReader(path: "-"), write: StandardOutput.write)
        if summary.refused > 0 { throw ExitStatusError(status: .refused) }
    }

    func execute(
        _ lines: LineReader, write: @escaping (String) throws(CommandError) -> Void
    ) throws -> EventStream.Summary {
        var options = StoreOptions()
        // One sync for a group of lines, not for each.
        options.durability = durability == .durable ? .buffered : durability
        options.arrival = eventTime ? .eventTime : .wall
        let opened = try Store.openingExisting(store, options)
        do {
            let task = try opened.onlyTask(named: task)
            let stream = EventStream(store: opened, task: task, syncsGroups: durability == .durable, write: write)
            let summary = try stream.run(lines)
            try opened.close()
            return summary
        } catch {
            // What was acknowledged must not wait for recovery; the first error is the one to tell.
            try? opened.close()
            throw error
        }
    }
}
