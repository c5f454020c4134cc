package import ColumnFormat

/// How many events of each kind a task has seen. The first two follow from the rows; of the others a restart knows what
/// the last checkpoint says and what the logs repeat, and none where the state is computed from the rows alone.
package struct TaskCounters: Sendable, Equatable {
    /// Predictions stored.
    package var predictions = 0
    /// Rows of feedback stored, corrections and withdrawals among them.
    package var labels = 0
    /// Identical events that came again and changed nothing.
    package var duplicates = 0
    /// Feedback for a prediction that had some before.
    package var corrections = 0
    /// Feedback that takes a label back.
    package var withdrawals = 0
    /// Feedback for predictions that a retention has dropped.
    package var expired = 0

    package init() {}

    package func write(to writer: inout ByteWriter) {
        for count in [predictions, labels, duplicates, corrections, withdrawals] {
            writer.append(varint: UInt64(count))
        }
    }

    package init(from reader: inout ByteReader) throws(FormatError) {
        predictions = try reader.readCount(limit: 1 << 60, of: "predictions")
        labels = try reader.readCount(limit: 1 << 60, of: "labels")
        duplicates = try reader.readCount(limit: 1 << 60, of: "duplicates")
        corrections = try reader.readCount(limit: 1 << 60, of: "corrections")
        withdrawals = try reader.readCount(limit: 1 << 60, of: "withdrawals")
    }
}

/// A task at a glance.
public struct TaskStatus: Sendable, Hashable {
    /// Predictions stored.
    public var predictions: Int
    /// Rows of feedback stored, corrections and withdrawals among them.
    public var labels: Int
    /// Ids with feedback whose prediction has not come yet.
    public var pendingLabels: Int
    /// Identical events that came again and changed nothing.
    public var duplicates: Int
    /// Feedback for a prediction that had some before.
    public var corrections: Int
    /// Feedback that took a label back.
    public var withdrawals: Int
    /// Feedback for predictions that a retention has dropped: it was not stored, or went with them.
    public var expiredLabels: Int
    /// Predictions that were dropped, and are not stored, because memory was full (`BackPressure.dropAndCount`). This and
    /// the four that follow are counted since the task was made, and not across a crash.
    public var droppedPredictions = 0
    /// Pieces of feedback that were dropped likewise.
    public var droppedFeedback = 0
    /// Predictions that were stored after the watermark had passed their time.
    public var latePredictions = 0
    /// Predictions that were refused because they were later than `StoreLimits.lateness` allows.
    public var refusedPredictions = 0
    /// Pieces of feedback that were refused because `StoreLimits.pendingLabels` ids wait for their prediction.
    public var refusedFeedback = 0
    /// Predictions that a constraint refused: see ``Constraint/refusing()``.
    public var violatingPredictions = 0
    /// Pieces of feedback that a constraint refused.
    public var violatingFeedback = 0
    /// Model versions with a reference set, oldest first.
    public var modelVersions: [String]
    /// The task's clock: the greatest arrival time seen; nil before the first event.
    public var clock: Timestamp?
    /// The width of the panes in which state is kept: the granularity of `value(of:over:)`.
    public var paneWidth: TimeSpan
    /// Bytes of memory that the windows' state takes.
    public var viewByteCount: Int
}
