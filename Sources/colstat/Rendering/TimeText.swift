import CommandSupport
import Drumlin

/// Points in time as tables of people show them.
enum TimeText {
    enum Precision {
        case day, minute, second
    }

    /// `2020-04-08`, `2020-04-08 13:05`, `2020-04-08 13:05:00`; nothing for nil.
    static func of(_ time: Timestamp?, _ precision: Precision) -> String {
        guard let time else { return "" }
        let text = time.description
        guard let separator = text.firstIndex(of: "T") else { return text }
        let clock = text[text.index(after: separator)...].dropLast()
        switch precision {
        case .day: return String(text[..<separator])
        case .minute: return text[..<separator] + " " + clock.prefix(5)
        case .second: return text[..<separator] + " " + clock.prefix(8)
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
        return Units.fixed(ratio, digits: ratio < 99.95 ? 1 : 0)
    }
}
