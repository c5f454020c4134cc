package import Drumlin

/// A point in time as weekday, hour and minute.
package struct CalendarTime: Equatable {
    /// Monday is 0.
    package var weekday: Int
    package var hour: Int
    package var minute: Int

    package init(_ time: Timestamp) {
        let minutes = time.microseconds.flooredDivision(by: 60_000_000)
        let days = minutes.flooredDivision(by: 1_440)
        weekday = Int((days + 3) - (days + 3).flooredDivision(by: 7) * 7)  // day 0, 1970-01-01, was a Thursday
        hour = Int(minutes - days * 1_440) / 60
        minute = Int(minutes - days * 1_440) % 60
    }
}

extension Timestamp {
    /// `2020-03-01`
    package var date: String { String(description.prefix(10)) }

    /// `2020-03`
    package var month: String { String(description.prefix(7)) }

    /// The start of its day.
    package var midnight: Timestamp {
        let day = microseconds.flooredDivision(by: 86_400_000_000)
        return Timestamp(microseconds: day * 86_400_000_000)
    }

    /// The start of its week: Monday, midnight.
    package var monday: Timestamp { midnight.advanced(byDays: -CalendarTime(self).weekday) }

    /// The same time of day so many days later, or earlier.
    package func advanced(byDays days: Int) -> Timestamp {
        Timestamp(microseconds: microseconds + Int64(days) * 86_400_000_000)
    }
}

extension Int64 {
    /// The quotient rounded toward negative infinity; `divisor` is positive.
    package func flooredDivision(by divisor: Int64) -> Int64 {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }
}
