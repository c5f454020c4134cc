public import ColumnFormat

/// What a store knows of its models: how good they are over time, what was unlike it should be, how far features and buckets
/// have moved, and what all of it takes on disk.
///
///     try page.write(store.report().html)
///
/// It is of one moment each for the metrics, the alerts and the rows of a task; a report of a store that is being written may
/// have a few more rows in one than in the other.
public struct StoreReport: Sendable {
    /// The path of the store.
    public let path: String
    /// When the report was made, by the clock of this machine.
    public let madeAt: Timestamp
    let storage: ReportStorage
    let tasks: [TaskReport]

    /// All of it as one JSON object, which is safe to stand inside of a `<script>` of a page.
    public var json: String {
        var writer = ReportWriter()
        writer.object { writer in
            writer.member("version", 1)
            writer.member("path", path)
            writer.member("made_at", madeAt.microseconds.seconds)
            writer.member("storage") { storage.write(to: &$0) }
            writer.member("tasks") { $0.array(tasks) { $1.write(to: &$0) } }
        }
        return writer.text
    }
}

extension Int64 {
    /// Microseconds in whole seconds, which is what a page shows.
    var seconds: Int64 { flooredQuotient(by: 1_000_000) }
}
