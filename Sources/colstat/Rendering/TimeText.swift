import CommandSupport
import Drumlin

/// Points in time as tables of people show them.
enum TimeText {
    enum Precision {
        case day, minute
    }

    /// `2020-04-08`, `2020-04-08 13:05`; nothing for nil.
    static func of(_ time: Timestamp?, _ precision: Precision) -> String {
        guard let time else { return "" }
        let text = time.description
        guard let separator = text.firstIndex(of: "T") else { return text }
        switch precision {
        case .day: return String(text[..<separator])
        case .minute: return text[..<separator] + " " + text[text.index(after: separator)...].prefix(5)
        }
    }

    /// Days where every range is long, minutes where one is not.
    static func precision(for ranges: [ClosedRange<Timestamp>]) -> Precision {
        let isLong = ranges.allSatisfy {
            let (span, overflow) = $0.upperBound.microseconds.subtractingReportingOverflow($0.lowerBound.microseconds)
            return overflow || span >= TimeSpan.days(3).microseconds
        }
        return isLong ? .day : .minute
    }
}

/// A quotient of two numbers of bytes: `5.2`; nothing where there is none.
enum RatioText {
    static func of(_ raw: Int, _ encoded: Int) -> String {
        guard raw > 0, encoded > 0 else { return "" }
        let ratio = Double(raw) / Double(encoded)
        return ratio < 99.95 ? Units.fixed(ratio, digits: 1) : Units.count(Int(ratio.rounded()))
    }
}
