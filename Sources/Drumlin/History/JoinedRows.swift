internal import ColumnFormat
internal import ColumnStore

/// The stored predictions of a task, each with the label that counts for it, for what is computed from rows: windows that
/// are made anew, back-tests, windows of a number of rows.
///
/// As of one moment, and read without a lock. The labels are read once for every 4 million predictions, and 17 bytes are
/// held for each of those meanwhile. For use by one thread.
final class JoinedRows {
    private let kind: TaskKind
    private let predictions: TableSnapshot
    private let labels: TableSnapshot
    private let early: [EarlyLabel]
    private let columns: [String]
    /// The greatest time of the labels read so far.
    private(set) var latestLabel = Int64.min

    static let partRows: UInt64 = 4 << 20

    /// - Parameter features: further columns of the predictions that a batch is to have.
    init(
        kind: TaskKind, predictions: TableSnapshot, labels: TableSnapshot, early: [EarlyLabel], features: [String] = []
    ) {
        self.kind = kind
        self.predictions = predictions
        self.labels = labels
        self.early = early
        columns = FactColumns.names(kind) + features
    }

    /// Calls `body` with the predictions in `rows` that meet `condition`, batch by batch in the order of rows, until it says
    /// false.
    func forEachBatch(
        of rows: Range<UInt64>, where condition: Predicate? = nil, _ body: (JoinedBatch) throws(StoreError) -> Bool
    ) throws(StoreError) {
        var first = rows.lowerBound
        while first < rows.upperBound {
            let part = first..<min(first + Self.partRows, rows.upperBound)
            guard try forEachBatch(ofPart: part, where: condition, body) else { return }
            first = part.upperBound
        }
    }

    private func forEachBatch(
        ofPart rows: Range<UInt64>, where condition: Predicate?, _ body: (JoinedBatch) throws(StoreError) -> Bool
    ) throws(StoreError) -> Bool {
        let joined = try joinedLabels(of: rows)
        let scan = try predictions.scan(columns: columns, where: condition, from: rows.lowerBound)
        while let batch = try scan.next() {
            let numbers = batch.rowNumbers
            let count = numbers.firstIndex { $0 >= rows.upperBound } ?? numbers.count
            guard count > 0 else { break }
            let joinedBatch = JoinedBatch(
                facts: FactColumns(batch, kind), batch: batch, count: count, rowNumbers: numbers,
                firstRow: rows.lowerBound, labels: joined)
            guard try body(joinedBatch) else { return false }
            if count < numbers.count { break }
        }
        return true
    }

    private func joinedLabels(of rows: Range<UInt64>) throws(StoreError) -> JoinedLabels {
        let result = JoinedLabels(count: Int(rows.upperBound - rows.lowerBound))
        guard labels.rowCount > 0 else { return result }
        // Early labels lie between the others: both are taken in the order of their rows.
        let waiting = early.filter { rows.contains($0.predictionRow) }
        var next = 0
        func takeEarly(before row: UInt64) {
            while next < waiting.count, waiting[next].labelRow < row {
                let label = waiting[next]
                result.take(Int(label.predictionRow - rows.lowerBound), at: label.at, value: label.value)
                next += 1
            }
        }
        let scan = try labels.scan(
            columns: ["_row", "_at", "_label"],
            where: .between("_row", .uint(rows.lowerBound), .uint(rows.upperBound - 1)))
        while let batch = try scan.next() {
            let (targets, times, values) = (batch.slice("_row"), batch.slice("_at"), batch.slice("_label"))
            let numbers = next < waiting.count ? batch.rowNumbers : []
            for place in 0..<batch.rowCount {
                if next < waiting.count { takeEarly(before: numbers[place]) }
                let target = UInt64(bitPattern: targets.int64(at: place))
                let at = times.int64(at: place)
                latestLabel = max(latestLabel, at)
                result.take(
                    Int(target - rows.lowerBound), at: at,
                    value: values.isNull(place) ? nil : values.double(at: place))
            }
        }
        takeEarly(before: .max)
        return result
    }
}

/// The labels of a run of predictions, by place; the one with the greatest time, of equal ones the latest row.
final class JoinedLabels {
    private var times: [Int64]
    private var values: [Double]
    private var hasLabel: [Bool]

    init(count: Int) {
        times = Array(repeating: .min, count: count)
        values = Array(repeating: .nan, count: count)
        hasLabel = Array(repeating: false, count: count)
    }

    /// Takes a label if it counts more than those before; labels come in the order of their rows.
    func take(_ place: Int, at: Int64, value: Double?) {
        guard at >= times[place] else { return }
        times[place] = at
        values[place] = value ?? .nan
        hasLabel[place] = value != nil
    }

    func label(at place: Int) -> (value: Double, at: Int64)? {
        hasLabel[place] ? (values[place], times[place]) : nil
    }
}

/// Some predictions with their labels.
struct JoinedBatch {
    let facts: FactColumns
    let batch: Batch
    let count: Int
    let rowNumbers: [UInt64]
    fileprivate let firstRow: UInt64
    fileprivate let labels: JoinedLabels

    fileprivate init(
        facts: FactColumns, batch: Batch, count: Int, rowNumbers: [UInt64], firstRow: UInt64, labels: JoinedLabels
    ) {
        self.facts = facts
        self.batch = batch
        self.count = count
        self.rowNumbers = rowNumbers
        self.firstRow = firstRow
        self.labels = labels
    }

    /// The label that counts for a row, and its time; nil where there is none, or it was withdrawn.
    func label(at place: Int) -> (value: Double, at: Int64)? { labels.label(at: Int(rowNumbers[place] - firstRow)) }
}

extension CellLayout {
    /// Counts a prediction with its label.
    @inline(__always)
    func addLabeled<Sink: CellSink & ~Copyable>(
        _ joined: JoinedBatch, _ place: Int, _ facts: PredictionFacts, predictedAt: Int64,
        label: (value: Double, at: Int64), to sink: inout Sink
    ) {
        let probability = joined.facts.probability(ofClass: Int(exactly: label.value) ?? -1, at: place)
        let (delay, overflow) = label.at.subtractingReportingOverflow(predictedAt)
        addLabeled(
            facts, label: label.value, labelProbability: probability,
            delayMicroseconds: overflow ? (label.at < predictedAt ? .min : .max) : delay, sign: 1, to: &sink)
    }
}
