#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A point in time: microseconds since the Unix epoch, UTC, without leap seconds.
public struct Timestamp: Sendable, Hashable, Comparable {
    /// Microseconds since 1970-01-01T00:00:00Z; negative before it.
    public var microseconds: Int64

    /// A point in time from microseconds since the Unix epoch.
    @inlinable
    public init(microseconds: Int64) { self.microseconds = microseconds }

    /// The wall clock of this machine.
    public static var now: Timestamp {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000)
    }

    /// The order of time.
    @inlinable
    public static func < (left: Timestamp, right: Timestamp) -> Bool { left.microseconds < right.microseconds }
}

/// A length of time in microseconds. An integer literal counts seconds: `let hour: TimeSpan = 3600`.
public struct TimeSpan: Sendable, Hashable, Comparable, ExpressibleByIntegerLiteral {
    /// The length in microseconds.
    public var microseconds: Int64

    /// A length of time in microseconds.
    @inlinable
    public init(microseconds: Int64) { self.microseconds = microseconds }

    /// A length of time in seconds.
    public init(integerLiteral seconds: Int64) {
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
        self.microseconds = overflow ? (seconds < 0 ? .min : .max) : product
    }

    /// A number of seconds.
    public static func seconds(_ count: Int64) -> TimeSpan { TimeSpan(integerLiteral: count) }
    /// A number of minutes.
    public static func minutes(_ count: Int64) -> TimeSpan { scaled(count, bySeconds: 60) }
    /// A number of hours.
    public static func hours(_ count: Int64) -> TimeSpan { scaled(count, bySeconds: 3_600) }
    /// A number of days of 24 hours.
    public static func days(_ count: Int64) -> TimeSpan { scaled(count, bySeconds: 86_400) }

    private static func scaled(_ count: Int64, bySeconds seconds: Int64) -> TimeSpan {
        let (product, overflow) = count.multipliedReportingOverflow(by: seconds)
        return TimeSpan(integerLiteral: overflow ? (count < 0 ? .min : .max) : product)
    }

    /// The order of time.
    @inlinable
    public static func < (left: TimeSpan, right: TimeSpan) -> Bool { left.microseconds < right.microseconds }
}

extension Timestamp: CustomStringConvertible {
    /// ISO 8601 in UTC, with a fraction only where there is one: `2020-04-08T13:05:00Z`.
    public var description: String {
        let secondMicroseconds: Int64 = 1_000_000
        let dayMicroseconds: Int64 = 86_400 * secondMicroseconds
        let day = microseconds.flooredQuotient(by: dayMicroseconds)
        let inDay = microseconds &- day &* dayMicroseconds
        let (year, month, dayOfMonth) = CivilDate.fromDays(day)
        let seconds = inDay / secondMicroseconds
        let fraction = inDay % secondMicroseconds
        var text = "\(padded(year, 4))-\(padded(month, 2))-\(padded(dayOfMonth, 2))T"
        text += "\(padded(seconds / 3_600, 2)):\(padded(seconds / 60 % 60, 2)):\(padded(seconds % 60, 2))"
        if fraction != 0 { text += ".\(padded(fraction, 6))" }
        return text + "Z"
    }

    private func padded(_ value: Int64, _ width: Int) -> String {
        let digits = String(value.magnitude)
        let zeros = String(repeating: "0", count: max(0, width - digits.count))
        return (value < 0 ? "-" : "") + zeros + digits
    }
}

extension Int64 {
    /// The quotient rounded toward negative infinity; `divisor` is positive.
    @inlinable
    package func flooredQuotient(by divisor: Int64) -> Int64 {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }
}

/// Days since the Unix epoch ↔ the proleptic Gregorian calendar, by the era method (H. Hinnant, "chrono-compatible
/// low-level date algorithms").
package enum CivilDate {
    package static func fromDays(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = shifted.flooredQuotient(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    package static func toDays(year: Int64, month: Int64, day: Int64) -> Int64 {
        let fromMarch = month <= 2 ? year - 1 : year
        let era = fromMarch.flooredQuotient(by: 400)
        let yearOfEra = fromMarch - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}
