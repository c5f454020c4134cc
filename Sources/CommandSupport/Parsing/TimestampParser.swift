/// Points in time from text, without making a String.
///
/// Accepted: ISO 8601 dates `2020-04-08`, with a time after `T` or a blank (`13:05`, `13:05:00`, a fraction of any
/// length) and a zone (`Z`, `+02:00`, `+0200`, `+02`; none means UTC); or an integer: microseconds since the Unix epoch.
/// Digits of the fraction beyond the microsecond are cut off.
package enum TimestampParser {
    /// Microseconds since the Unix epoch, UTC; nil where `bytes` spell no time. Years are 0000 to 9999.
    package static func microseconds(_ bytes: UnsafeRawBufferPointer) -> Int64? {
        let count = bytes.count
        guard count >= 10, unsafe bytes[4] == 0x2D, unsafe bytes[7] == 0x2D else {
            return unsafe NumberParser.int64(bytes)
        }
        guard let century = unsafe twoDigits(bytes, 0), let yearOfCentury = unsafe twoDigits(bytes, 2),
            let month = unsafe twoDigits(bytes, 5), let day = unsafe twoDigits(bytes, 8)
        else { return nil }
        let year = century * 100 + yearOfCentury
        guard month >= 1, month <= 12, day >= 1, day <= daysInMonth(month, year: year) else { return nil }
        let midnight = daysSinceEpoch(year: year, month: month, day: day) * 86_400_000_000
        if count == 10 { return midnight }
        let separator = unsafe bytes[10]
        guard separator == 0x54 || separator == 0x20 || separator == 0x74 else { return nil }
        guard let time = unsafe timeOfDay(bytes) else { return nil }
        return midnight + time
    }

    // MARK: Parts

    /// Microseconds since midnight UTC of what stands from the eleventh byte on, its zone taken off.
    private static func timeOfDay(_ bytes: UnsafeRawBufferPointer) -> Int64? {
        let count = bytes.count
        guard count >= 16, unsafe bytes[13] == 0x3A, let hour = unsafe twoDigits(bytes, 11), hour < 24,
            let minute = unsafe twoDigits(bytes, 14), minute < 60
        else { return nil }
        var time = (hour * 60 + minute) * 60_000_000
        var at = 16
        if at < count, unsafe bytes[at] == 0x3A {
            guard at + 3 <= count, let second = unsafe twoDigits(bytes, at + 1), second < 60 else { return nil }
            time += second * 1_000_000
            at += 3
            if at < count, unsafe bytes[at] == 0x2E {
                var scale: Int64 = 100_000
                let first = at + 1
                at = first
                while at < count {
                    let digit = unsafe bytes[at] &- 0x30
                    guard digit < 10 else { break }
                    time += Int64(digit) * scale
                    scale /= 10
                    at += 1
                }
                guard at > first else { return nil }
            }
        }
        guard let zone = unsafe zoneOffset(bytes, at) else { return nil }
        return time - zone
    }

    /// Microseconds east of Greenwich of the zone that stands from `at` to the end; 0 where nothing stands there.
    private static func zoneOffset(_ bytes: UnsafeRawBufferPointer, _ at: Int) -> Int64? {
        let rest = bytes.count - at
        if rest == 0 { return 0 }
        let sign = unsafe bytes[at]
        if rest == 1 { return sign == 0x5A || sign == 0x7A ? 0 : nil }
        guard sign == 0x2B || sign == 0x2D, rest >= 3, let hours = unsafe twoDigits(bytes, at + 1), hours < 24 else {
            return nil
        }
        var minutes: Int64 = 0
        switch rest {
        case 3: break
        case 5:
            guard let value = unsafe twoDigits(bytes, at + 3) else { return nil }
            minutes = value
        case 6:
            guard unsafe bytes[at + 3] == 0x3A, let value = unsafe twoDigits(bytes, at + 4) else { return nil }
            minutes = value
        default: return nil
        }
        guard minutes < 60 else { return nil }
        let offset = (hours * 60 + minutes) * 60_000_000
        return sign == 0x2D ? -offset : offset
    }

    @inline(__always)
    private static func twoDigits(_ bytes: UnsafeRawBufferPointer, _ at: Int) -> Int64? {
        let tens = unsafe bytes[at] &- 0x30
        let ones = unsafe bytes[at + 1] &- 0x30
        guard tens < 10, ones < 10 else { return nil }
        return Int64(tens) * 10 + Int64(ones)
    }

    private static func daysInMonth(_ month: Int64, year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days since 1970-01-01 of a date of the Gregorian calendar, `year` ≥ 0; years begin in March, so that the leap
    /// day is the last.
    private static func daysSinceEpoch(year: Int64, month: Int64, day: Int64) -> Int64 {
        // 400 years are added so that January and February of the year 0 stay positive.
        let fromMarch = year + 400 - (month <= 2 ? 1 : 0)
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return fromMarch * 365 + fromMarch / 4 - fromMarch / 100 + fromMarch / 400 + dayOfYear - 719_468 - 146_097
    }
}
