import CommandSupport
import Drumlin

/// A CSV file of events, one row a time: the part that predictions and labels have in common.
final class EventFile {
    let reader: CSVReader
    /// The time of the current row in µs.
    private(set) var at: Int64 = 0
    /// Whether there is a current row.
    private(set) var hasRow = false
    /// Rows read, those that were refused included.
    private(set) var rowCount = 0
    /// Rows that are earlier than one before them, and the line of the first.
    private(set) var disorderCount = 0
    private(set) var firstDisorderLine = 0

    let idColumn: Int
    private let timeColumn: Int
    private var latest = Int64.min
    private let refusals: RefusalLog

    /// - Parameter what: the file's part in the replay, for messages: `the predictions file`.
    init(
        path: String, what: String, specification: TaskSpecification, refusals: RefusalLog
    ) throws {
        reader = try CSVReader(path: path)
        idColumn = try reader.column(try specification.column("id", specification.columns.id, for: what))
        timeColumn = try reader.column(try specification.column("time", specification.columns.time, for: what))
        self.refusals = refusals
    }

    /// The share of the file that has been read; nil for a pipe.
    var share: Double? { reader.byteCount.map { $0 == 0 ? 1 : Double(reader.bytesRead) / Double($0) } }

    /// Moves to the next row that has a time; those that cannot be read are refused.
    func advance() throws(CommandError) {
        while true {
            do throws(CSVError) {
                hasRow = try reader.nextRow()
                guard hasRow else { return }
                rowCount += 1
                guard let time = try reader.timestamp(timeColumn) else {
                    throw reader.fieldError(timeColumn, "the time is missing")
                }
                at = time
                noteOrder()
                return
            } catch {
                hasRow = false
                guard error.isRowError else { throw error.commandError }
                if error.code != .value { rowCount += 1 }
                try refusals.refuse(error.commandError)
            }
        }
    }

    /// Refuses the current row.
    func refuse(_ error: CSVError) throws(CommandError) { try refusals.refuse(error.commandError) }

    /// Refuses the current row for what the store says of it; an error that is not about the row ends the replay.
    func refuse(_ error: StoreError) throws(CommandError) {
        guard error.isAboutTheEvent else { throw error.commandError }
        try refusals.refuse(reader.rowError(error).commandError)
    }

    private func noteOrder() {
        if at < latest {
            disorderCount += 1
            if disorderCount == 1 { firstDisorderLine = reader.lineNumber }
        } else {
            latest = at
        }
    }
}

extension CSVReader {
    /// What the library says of the current row, with its place.
    func rowError(_ error: StoreError) -> CSVError {
        CSVError(.value, file: name, line: lineNumber, error.message, remedy: error.remedy)
    }
}
