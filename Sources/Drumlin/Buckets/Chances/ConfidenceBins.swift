internal import ColumnFormat

/// Cells of the confidence, the probability that the model gives to the class that it predicts. The confidence above which as
/// many reference rows lie as are right begins a cell.
struct ConfidenceBins: Sendable, Equatable {
    static let quantileCount = 500
    /// Each cell has a slot for each predicted class.
    static let slotLimit = 32_768

    let isBinary: Bool
    let bins: ScoreBins

    init(fitting columns: ReferenceColumns) {
        isBinary = columns.kind.isBinary
        let isBinary = isBinary
        let rows = (0..<columns.rowCount).filter { columns.hasLabel($0) && columns.scores[$0].isFinite }
        let values = rows.map {
            Self.confidence(score: columns.scores[$0], predictedClass: columns.classes[$0], isBinary: isBinary)
        }
        let right = rows.count { columns.labels[$0] == Double(columns.classes[$0]) }
        let threshold = right > 0 ? values.sorted(by: >)[right - 1] : .infinity
        let count = max(2, min(Self.quantileCount, Self.slotLimit / columns.kind.classCount))
        bins = .quantiles(of: values, isPositive: nil, count: count, including: [threshold])
    }

    private static func confidence(score: Double, predictedClass: Int, isBinary: Bool) -> Double {
        isBinary && predictedClass == 0 ? 1 - score : score
    }

    func confidence(score: Double, predictedClass: Int) -> Double {
        Self.confidence(score: score, predictedClass: predictedClass, isBinary: isBinary)
    }

    func bin(score: Double, predictedClass: Int) -> Int {
        bins.index(of: confidence(score: score, predictedClass: predictedClass))
    }

    func write(to writer: inout ByteWriter) {
        writer.append(UInt8(isBinary ? 1 : 0))
        bins.write(to: &writer)
    }

    init(from reader: inout ByteReader) throws(FormatError) {
        isBinary = try reader.read(UInt8.self) == 1
        bins = try ScoreBins(from: &reader)
    }
}
