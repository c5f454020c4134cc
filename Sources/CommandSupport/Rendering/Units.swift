/// Quantities as people read them.
package enum Units {
    /// Bytes in powers of a thousand with three significant digits: `999 B`, `12.3 MB`.
    package static func bytes(_ count: Int) -> String {
        var value = Double(count)
        if value.magnitude < 1_000 { return "\(count) B" }
        for unit in ["kB", "MB", "GB", "TB", "PB"] {
            value /= 1_000
            // 999.96 would be shown as 1000.
            if value.magnitude < 999.5 || unit == "PB" { return threeDigits(value) + " " + unit }
        }
        return "\(count) B"
    }

    /// An integer with a comma between thousands: `1,234,567`.
    package static func count(_ value: some FixedWidthInteger) -> String {
        let digits = Array(String(value.magnitude).utf8)
        var text = value < 0 ? "-" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text += "," }
            text.unicodeScalars.append(Unicode.Scalar(digit))
        }
        return text
    }

    /// A number of seconds with the units that fit: `850 ns`, `12.3 ms`, `4.52 s`, `2 min 3 s`, `3 h 5 min`, `2 d 4 h`.
    package static func duration(seconds: Double) -> String {
        guard seconds.isFinite else { return "–" }
        if seconds < 0 { return "-" + duration(seconds: -seconds) }
        if seconds < 59.95 {
            if seconds == 0 { return "0 s" }
            if seconds < 0.9995e-6 { return threeDigits(seconds * 1e9) + " ns" }
            if seconds < 0.9995e-3 { return threeDigits(seconds * 1e6) + " µs" }
            if seconds < 0.9995 { return threeDigits(seconds * 1e3) + " ms" }
            return threeDigits(seconds) + " s"
        }
        guard seconds < 1e15 else { return fixed(seconds / 86_400, digits: 0) + " d" }
        let whole = Int(seconds.rounded())
        if whole < 3_600 { return pair(whole / 60, "min", whole % 60, "s") }
        let minutes = Int((seconds / 60).rounded())
        if minutes < 1_440 { return pair(minutes / 60, "h", minutes % 60, "min") }
        let hours = Int((seconds / 3_600).rounded())
        return pair(hours / 24, "d", hours % 24, "h")
    }

    /// A share as a percentage: 0.8731 is `87.3 %`.
    package static func percent(_ share: Double, digits: Int = 1) -> String {
        share.isFinite ? fixed(share * 100, digits: digits) + " %" : "–"
    }

    /// `value` with `digits` digits after the point, rounded half away from zero; numbers too great for that, and those
    /// that would show as zero, in scientific notation.
    package static func number(_ value: Double, digits: Int = 4) -> String {
        guard value.isFinite else { return value.isNaN ? "NaN" : (value < 0 ? "-∞" : "∞") }
        let magnitude = value.magnitude
        if magnitude >= 1e9 || (magnitude != 0 && magnitude < 0.5 * power(-digits)) { return scientific(value) }
        return fixed(value, digits: digits)
    }

    /// `value` with exactly `digits` digits after the point (0 to 9); magnitudes from 1e9 on as Swift prints them.
    package static func fixed(_ value: Double, digits: Int) -> String {
        precondition((0...9).contains(digits), "\(digits) digits after the point")
        guard value.isFinite, value.magnitude < 1e9 else { return value.description }
        let scaled = (value.magnitude * power(digits)).rounded()
        let text = String(UInt64(scaled))
        let padded = String(repeating: "0", count: max(0, digits + 1 - text.count)) + text
        let sign = value < 0 && scaled != 0 ? "-" : ""
        guard digits > 0 else { return sign + padded }
        return sign + padded.dropLast(digits) + "." + padded.suffix(digits)
    }

    // MARK: Parts

    private static func threeDigits(_ value: Double) -> String {
        let magnitude = value.magnitude
        return fixed(value, digits: magnitude < 9.995 ? 2 : magnitude < 99.95 ? 1 : 0)
    }

    private static func scientific(_ value: Double) -> String {
        var exponent = 0
        var mantissa = value
        while mantissa.magnitude >= 10 { (mantissa, exponent) = (mantissa / 10, exponent + 1) }
        while mantissa.magnitude < 1 { (mantissa, exponent) = (mantissa * 10, exponent - 1) }
        if mantissa.magnitude >= 9.9995 { (mantissa, exponent) = (mantissa / 10, exponent + 1) }
        return fixed(mantissa, digits: 3) + "e\(exponent)"
    }

    private static func pair(_ first: Int, _ firstUnit: String, _ second: Int, _ secondUnit: String) -> String {
        second == 0 ? "\(first) \(firstUnit)" : "\(first) \(firstUnit) \(second) \(secondUnit)"
    }

    private static func power(_ exponent: Int) -> Double {
        exponent < 0 ? 1 / DecimalText.exactPowers[-exponent] : DecimalText.exactPowers[exponent]
    }
}
