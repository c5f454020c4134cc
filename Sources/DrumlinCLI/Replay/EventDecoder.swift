import CommandSupport
import Dispatch
import Drumlin

/// The columns of a file that every event has.
struct EventKey {
    let id: Int
    let time: Int
    /// Where this is empty together with the time, nothing has happened yet, and the row is passed over; nil if there is no
    /// such column.
    let value: Int?

    /// Where a prediction has them.
    ///
    /// - Parameter what: the file's part in the replay, for messages: `the predictions file`.
    init(predictionOf specification: TaskSpecification, in reader: CSVReader, what: String) throws {
        id = try reader.column(try specification.column("id", specification.columns.id, for: what))
        time = try reader.column(try specification.column("time", specification.columns.time, for: what))
        value = nil
    }

    /// Where a label has them.
    ///
    /// - Parameters:
    ///   - label: the column of the label.
    ///   - what: as above.
    init(labelOf specification: TaskSpecification, _ label: Int, in reader: CSVReader, what: String) throws {
        let columns = specification.columns
        id = try reader.column(try specification.column("id", columns.id, for: what))
        time = try reader.column(try specification.column("time", columns.labelTime ?? columns.time, for: what))
        value = columns.labelTime == nil ? nil : label
    }

    /// Whether the row says that nothing has happened yet.
    func isAbsent(_ reader: CSVReader) -> Bool {
        guard let value else { return false }
        return reader.isNull(time) && reader.isNull(value)
    }
}

/// Decodes a CSV file of events on a thread of its own, ahead of the replay that logs them.
///
/// The thread has the reader to itself once ``start()`` was called; only blocks, each in one pair of hands at a time, go
/// across.
final class EventDecoder<Payload>: @unchecked Sendable {
    /// The size of the file in bytes; nil for a pipe.
    let byteCount: Int?
    /// The file as messages name it.
    let name: String
    let queue = BlockQueue<EventBlock<Payload>>(capacity: 4)

    private let reader: CSVReader
    private let key: EventKey
    private let makePayload: () -> Payload
    private let decode: (CSVReader, inout Payload, Int) throws(CSVError) -> Void

    /// - Parameters:
    ///   - key: where ids and times are.
    ///   - makePayload: an empty payload for a block.
    ///   - decode: puts the reader's row at a position of the payload.
    init(
        _ reader: CSVReader, key: EventKey, makePayload: @escaping () -> Payload,
        decode: @escaping (CSVReader, inout Payload, Int) throws(CSVError) -> Void
    ) {
        self.reader = reader
        name = reader.name
        byteCount = reader.byteCount
        self.key = key
        self.makePayload = makePayload
        self.decode = decode
    }

    /// Begins to decode. To be called once.
    func start() {
        DispatchQueue(label: "drumlin-csv").async { [self] in
            while let block = nextBlock() {
                let isLast = block.end != nil
                guard queue.put(block), !isLast else { break }
            }
            queue.end()
        }
    }

    /// The next rows; nil at the end of the file.
    private func nextBlock() -> sending EventBlock<Payload>? {
        let block = EventBlock(makePayload())
        while block.count < EventBlock<Payload>.capacity {
            do throws(CSVError) {
                guard try reader.nextRow() else { break }
                if key.isAbsent(reader) { continue }
                block.lines[block.count] = reader.lineNumber
                try decodeRow(into: block)
            } catch {
                guard error.isRowError else {
                    block.end = error
                    break
                }
                block.failures[block.count] = error
            }
            block.count += 1
        }
        block.bytesRead = reader.bytesRead
        return block.count == 0 && block.end == nil ? nil : block
    }

    private func decodeRow(into block: EventBlock<Payload>) throws(CSVError) {
        guard let time = try reader.timestamp(key.time) else {
            throw reader.fieldError(key.time, "the time is missing")
        }
        block.times[block.count] = time
        guard let id = reader.string(key.id) else { throw reader.fieldError(key.id, "the id is missing") }
        block.ids[block.count] = id
        try decode(reader, &block.payload, block.count)
    }
}
