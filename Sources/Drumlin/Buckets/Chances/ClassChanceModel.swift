internal import ColumnFormat

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// P(label is class i) of a row with several classes: each of its probabilities, calibrated by an ascending map of its own
/// on the reference, and all together made to sum to one.
///
/// A row's bucket is the cell of its predicted class's probability × that class, as for score quantiles. The chances
/// themselves are not in the bucket: they follow from the probabilities that the store keeps of each row.
struct ClassChanceModel: Sendable, Equatable {
    static let quantileCount = 20
    /// Each bucket has a cell for each class.
    static let cellLimit = 32_768

    let bins: ScoreBins
    /// A map for each class.
    let maps: [IsotonicMap]

    init(fitting columns: ReferenceColumns, bins: ScoreBins) {
        self.bins = bins
        let classes = columns.kind.classCount
        let rows = (0..<columns.rowCount).filter { row in
            columns.hasLabel(row) && !columns.probabilities.isEmpty
                && (0..<classes).allSatisfy { columns.probabilities[row * classes + $0].isFinite }
        }
        maps = (0..<classes).map { one in
            IsotonicMap(
                fitting: rows.map { columns.probabilities[$0 * classes + one] },
                isPositive: rows.map { columns.labels[$0] == Double(one) })
        }
    }

    /// How many cells of the score there are at most for so many classes.
    static func quantileCount(classCount: Int) -> Int {
        max(1, min(quantileCount, cellLimit / max(1, classCount * classCount)))
    }

    func write(to writer: inout ByteWriter) {
        bins.write(to: &writer)
        writer.append(varint: UInt64(maps.count))
        for map in maps { map.write(to: &writer) }
    }

    init(from reader: inout ByteReader, classCount: Int) throws(FormatError) {
        bins = try ScoreBins(from: &reader)
        let start = reader.offset
        let count = try reader.readCount(limit: TaskKind.classLimit, of: "classes")
        guard count == classCount else {
            throw FormatError(.invalid, "calibrations of \(count) classes of \(classCount)", at: start)
        }
        var maps: [IsotonicMap] = []
        for _ in 0..<count { maps.append(try IsotonicMap(from: &reader)) }
        self.maps = maps
    }
}

/// The chances of one row, in memory that is used again for the next.
struct ClassChances: Sendable {
    /// P(label is class i), in units of 2⁻³²; they sum to one exactly.
    private(set) var values: [Int64] = []
    /// −Σ P(i) ln p_i, with the model's own probabilities.
    private(set) var loss = 0.0
    private var calibrated: [Double] = []

    /// Sets the chances of a row from its probabilities; false where it has none.
    mutating func set(_ model: ClassChanceModel, probability: (_ ofClass: Int) -> Double) -> Bool {
        let count = model.maps.count
        if values.count != count {
            values = [Int64](repeating: 0, count: count)
            calibrated = [Double](repeating: 0, count: count)
        }
        var (sum, greatest) = (0.0, 0)
        for one in 0..<count {
            let given = probability(one)
            guard given.isFinite else { return false }
            calibrated[one] = logistic(model.maps[one].logit(at: given))
            sum += calibrated[one]
            if calibrated[one] > calibrated[greatest] { greatest = one }
        }
        guard sum > 0 else { return false }
        var rest = Int64(LevelTable.unit)
        loss = 0
        for one in 0..<count {
            let chance = calibrated[one] / sum
            values[one] = Int64((chance * LevelTable.unit).rounded())
            rest -= values[one]
            loss += chance * CellLayout.loss(probability(one), label: 1)
        }
        // What rounding left over: a few units at most.
        values[greatest] += rest
        return true
    }
}
