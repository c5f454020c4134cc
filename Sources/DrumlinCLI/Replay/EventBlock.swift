import CommandSupport

/// Some rows of a file of events, decoded, with room for ``capacity`` of them.
final class EventBlock<Payload> {
    static var capacity: Int { 2_048 }

    var count = 0
    var ids: [String]
    /// Times in µs.
    var times: [Int64]
    /// The line of each row, for messages.
    var lines: [Int]
    /// Rows that could not be decoded, by their position; what else the block has of them means nothing.
    var failures: [Int: CSVError] = [:]
    /// Why the file could not be read further than the last row.
    var end: CSVError?
    /// What was read of the file, up to the end of the block.
    var bytesRead = 0
    var payload: Payload

    init(_ payload: Payload) {
        self.payload = payload
        ids = Array(repeating: "", count: Self.capacity)
        times = Array(repeating: 0, count: Self.capacity)
        lines = Array(repeating: 0, count: Self.capacity)
    }
}
