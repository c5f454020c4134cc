internal import ColumnFormat
internal import ColumnStore
internal import ColumnViews

/// How the predictions of each window are shared out among the buckets of the newest reference, beside the reference rows.
struct ReportBuckets: Sendable {
    let name: String
    let labels: [String]
    let reference: [Double]
    /// Of each window how many rows each bucket has.
    private(set) var counts: [[Int64]] = []

    /// More than these are shown as one.
    private static let limit = 40

    /// Which of the buckets that are shown a stored bucket is part of.
    private let places: Places

    private struct Places: Sendable {
        let map: @Sendable (Int) -> Int
        let labels: [String]
        let counts: [Double]
    }

    /// Nil where all rows are in one bucket.
    init?(_ epoch: Epoch) {
        guard let all = Self.places(epoch) else { return nil }
        name =
            switch epoch.buckets.form {
            case .chances: "P(label = 1), estimated"
            case .classes, .confidence: "the probability of the predicted class"
            default: epoch.buckets.bucketing.description
            }
        if all.counts.count > Self.limit {
            let order = all.counts.indices.sorted { (-all.counts[$0], $0) < (-all.counts[$1], $1) }
            let kept = order.prefix(Self.limit - 1).sorted()
            let positions = Dictionary(uniqueKeysWithValues: kept.enumerated().map { ($1, $0) })
            let map = all.map
            let other = kept.count
            let rest = all.counts.reduce(0, +) - kept.reduce(0) { $0 + all.counts[$1] }
            places = Places(
                map: { positions[map($0)] ?? other },
                labels: kept.map { all.labels[$0] } + ["\(all.counts.count - other) others"],
                counts: kept.map { all.counts[$0] } + [rest])
        } else {
            places = all
        }
        labels = places.labels
        reference = places.counts
    }

    private static func places(_ epoch: Epoch) -> Places? {
        let counts = epoch.statistics.bucketCounts.map(Double.init)
        let classCount = epoch.statistics.classCount
        switch epoch.buckets.form {
        case .single: return nil
        case .chances(let model):
            let levels = model.levels
            var bounds = Array(repeating: (low: 1.0, high: 0.0), count: levels.groupCount)
            for (level, group) in levels.groups.enumerated() {
                let chance = Double(levels.chances[level]) / LevelTable.unit
                bounds[Int(group)] = (min(bounds[Int(group)].low, chance), max(bounds[Int(group)].high, chance))
            }
            let sums = (0..<levels.groupCount).map { group in
                (0..<classCount).reduce(0) { $0 + counts[group * classCount + $1] }
            }
            return Places(
                map: { Int(levels.groups[min($0, levels.groups.count - 1)]) },
                labels: bounds.map { "\(percent($0.low)) to \(percent($0.high)) %" }, counts: sums)
        case .scoreCells(let bins): return cells(bins, counts, classCount)
        case .classes(let model): return cells(model.bins, counts, classCount)
        case .confidence(let confidence): return cells(confidence.bins, counts, 1)
        case .category(let categories):
            let values = categories.texts + categories.numbers.map(number)
            return Places(map: { $0 }, labels: ["missing", "not in the reference"] + values, counts: counts)
        case .leaves(let pair):
            let width = pair.second.leafCount
            return Places(
                map: { $0 / width }, labels: (1...pair.first.leafCount).map { "leaf \($0)" },
                counts: Array(counts.prefix(pair.first.leafCount)))
        case .mixture:
            return Places(map: { $0 }, labels: counts.indices.map { "component \($0 + 1)" }, counts: counts)
        case .grid: return Places(map: { $0 }, labels: counts.indices.map { "cell \($0 + 1)" }, counts: counts)
        case .custom: return Places(map: { $0 }, labels: counts.indices.map { "bucket \($0)" }, counts: counts)
        }
    }

    /// Cells of the score, whatever class was predicted.
    private static func cells(_ bins: ScoreBins, _ counts: [Double], _ classCount: Int) -> Places {
        let sums = (0..<bins.count).map { cell in
            (0..<classCount).reduce(0) { $0 + counts[cell * classCount + $1] }
        }
        let labels = (0..<bins.count).map { cell in
            cell == 0
                ? "below \(number(bins.upperEdge(cell)))"
                : cell == bins.count - 1
                    ? "\(number(bins.lowerEdge(cell))) and more"
                    : "\(number(bins.lowerEdge(cell))) to \(number(bins.upperEdge(cell)))"
        }
        let last = bins.count - 1
        return Places(map: { min($0 / classCount, last) }, labels: bins.count > 1 ? labels : ["all"], counts: sums)
    }

    private static func percent(_ chance: Double) -> String { number((chance * 1_000).rounded() / 10) }
    private static func number(_ value: Double) -> String { ReportWriter.literal(value, digits: 4) ?? "\(value)" }

    /// Counts the predictions of some windows. O(rows).
    mutating func count(
        _ snapshot: TableSnapshot, epoch: Int, grid: WindowGrid, windows: Range<Int64>
    ) throws(StoreError) {
        counts = Array(repeating: Array(repeating: 0, count: labels.count), count: windows.count)
        let scan = try snapshot.scan(
            columns: ["_at", "_bucket", "_epoch"],
            where: .and([
                .greaterOrEqual("_at", .timestamp(Timestamp(microseconds: grid.start(windows.lowerBound)))),
                .less("_at", .timestamp(Timestamp(microseconds: grid.start(windows.upperBound)))),
            ]))
        while let batch = try scan.next() {
            let (times, buckets, epochs) = (batch.slice("_at"), batch.slice("_bucket"), batch.slice("_epoch"))
            for row in 0..<batch.rowCount where !buckets.isNull(row) && !epochs.isNull(row) {
                guard Int(epochs.double(at: row)) == epoch else { continue }
                let window = grid.lastOrdinal(containing: times.int64(at: row))
                let place = places.map(Int(buckets.double(at: row)))
                guard windows.contains(window), place < labels.count else { continue }
                counts[Int(window - windows.lowerBound)][place] += 1
            }
        }
    }

    func write(to writer: inout ReportWriter) {
        writer.object { writer in
            writer.member("name", name)
            writer.member("labels", labels)
            writer.member("reference", reference)
            writer.member("counts") { $0.array(counts) { $0.value(integers: $1) } }
            writer.member(
                "distance",
                counts.map { counts in
                    let window = counts.map(Double.init)
                    guard window.contains(where: { $0 > 0 }), reference.contains(where: { $0 > 0 }) else { return nil }
                    return Distance.populationStability(reference, window)
                }, digits: 4)
        }
    }
}
