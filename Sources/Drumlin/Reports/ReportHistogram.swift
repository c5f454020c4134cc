/// Where the values of a column lie: bars that are the same for the reference and every window.
enum ReportHistogram: Sendable {
    /// A bar for each of a few values.
    case values([Double])
    /// Bars of one width; what lies beyond the ends is in the first and the last.
    case ranges(start: Double, width: Double, count: Int)
    /// A bar for each of the most frequent texts, and one for all others.
    case texts([String])

    private static let valueLimit = 25

    /// Bars that suit the values of a summary of numbers; nil where there are none.
    init?(_ summary: ColumnSummary) {
        guard summary.form == .number, let low = summary.quantile(0.005), let high = summary.quantile(0.995),
            low.isFinite, high.isFinite
        else { return nil }
        let cells = summary.cells.filter { !ValueCell.isInfinite($0.key) }
        if cells.count <= Self.valueLimit, cells.allSatisfy(\.isConstant) {
            self = .values(cells.map { ReportHistogram.plain($0.mean) })
            return
        }
        guard high > low else {
            self = .values([ReportHistogram.plain(low)])
            return
        }
        let width = Self.niceWidth((high - low) / 20)
        let start = (low / width).rounded(.down) * width
        let count = Int(min(60, max(1, ((high - start) / width).rounded(.down) + 1)))
        guard width > 0, start.isFinite, start + width > start else { return nil }
        self = .ranges(start: start, width: width, count: count)
    }

    /// Without what the summary's arithmetic added.
    private static func plain(_ value: Double) -> Double {
        ReportWriter.literal(value, digits: 10).flatMap { Double($0) } ?? value
    }

    /// 1, 2, 2.5 or 5 times a power of ten, at least `width`.
    private static func niceWidth(_ width: Double) -> Double {
        var unit = 1.0
        while unit * 10 <= width, unit < 1e300 { unit *= 10 }
        while unit > width, unit > 1e-300 { unit /= 10 }
        return unit * ([1, 2, 2.5, 5].first { unit * $0 >= width } ?? 10)
    }

    var count: Int {
        switch self {
        case .values(let values): values.count + 1
        case .ranges(_, _, let count): count
        case .texts(let texts): texts.count + 1
        }
    }

    /// How many values of a summary of numbers are in each bar. The last of ``values(_:)`` is for all others.
    func counts(_ summary: ColumnSummary) -> [Int64] {
        var result = Array(repeating: Int64(0), count: count)
        for cell in summary.cells {
            switch self {
            case .texts: return result
            case .values(let values):
                let mean = cell.mean
                let tolerance = max(ValueCell.width(cell.key) / 65_536, mean.magnitude * 1e-9)
                let place = values.firstIndex { ($0 - mean).magnitude <= tolerance } ?? values.count
                result[place] += cell.count
            case .ranges(let start, let width, let count):
                let place = ((cell.mean - start) / width).rounded(.down)
                result[place > 0 ? Int(min(place, Double(count - 1))) : 0] += cell.count
            }
        }
        return result
    }

    func write(to writer: inout ReportWriter) {
        writer.object { writer in
            switch self {
            case .values(let values): writer.member("values", values, digits: 10)
            case .texts(let texts): writer.member("texts", texts)
            case .ranges(let start, let width, let count):
                writer.member("from", start)
                writer.member("width", width)
                writer.member("count", count)
            }
        }
    }
}
