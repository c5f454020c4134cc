/// Rows that one section of a replayed frame added.
package struct JournalEntry: Sendable {
    /// The arrival of the call, in µs.
    package let arrival: Int64
    /// The number of the call's first row.
    package let sequence: UInt64
    package let firstRow: UInt64
    package let tableID: UInt32
    package let rowCount: UInt32
}
