/// What is known of one closed window.
struct WindowRecord: Sendable {
    let ordinal: Int64
    /// Predictions.
    var rowCount: Int64
    /// Those columns that were judged so far.
    var columns: [String: ColumnSummary]
}
