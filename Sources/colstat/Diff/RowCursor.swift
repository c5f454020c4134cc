import ColumnFormat
import ColumnStore
import Drumlin

/// Goes through the rows of a scan one by one.
final class RowCursor {
    private let scan: Scan
    private var batch: Batch?
    private var numbers: [UInt64] = []
    private var place = -1

    init(_ scan: Scan) { self.scan = scan }

    /// Goes to the next row; false at the end.
    func advance() throws(StoreError) -> Bool {
        place += 1
        while place >= batch?.rowCount ?? 0 {
            guard let next = try scan.next() else { return false }
            batch = next
            numbers = Array(next.rowNumbers)
            place = 0
        }
        return true
    }

    /// The number of the row.
    var number: UInt64 { numbers[place] }

    func value(_ column: String) -> Value { batch?[place, column] ?? .null }
}
