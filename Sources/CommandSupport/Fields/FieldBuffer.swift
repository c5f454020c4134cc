import Drumlin

/// Text that is put together from many small pieces and written out in large ones: no String a value, no allocation once
/// it has grown.
@safe
package struct FieldBuffer: ~Copyable {
    private var base: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    /// Bytes in the buffer.
    package private(set) var count = 0
    /// The day of the last time that was appended, and its text.
    private var lastDay = Int64.min
    private var lastDayText: InlineArray<10, UInt8> = .init(repeating: 0)

    package init(capacity: Int = 1 << 16) {
        self.capacity = max(capacity, 64)
        unsafe base = .allocate(capacity: self.capacity)
    }

    deinit { unsafe base.deallocate() }

    /// What was appended; valid until the next change.
    package var bytes: UnsafeRawBufferPointer { unsafe UnsafeRawBufferPointer(start: base, count: count) }

    package mutating func removeAll() { count = 0 }

    @inline(__always)
    mutating func reserve(_ byteCount: Int) {
        if count &+ byteCount > capacity { grow(byteCount) }
    }

    private mutating func grow(_ byteCount: Int) {
        let larger = max(capacity * 2, count + byteCount)
        let fresh = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
        unsafe fresh.update(from: base, count: count)
        unsafe base.deallocate()
        unsafe base = fresh
        capacity = larger
    }

    // MARK: Bytes and text

    package mutating func append(byte: UInt8) {
        reserve(1)
        unsafe base[count] = byte
        count &+= 1
    }

    package mutating func append(raw source: UnsafeRawBufferPointer) {
        guard let start = source.baseAddress else { return }
        reserve(source.count)
        unsafe (base + count).update(from: start.assumingMemoryBound(to: UInt8.self), count: source.count)
        count &+= source.count
    }

    package mutating func append(_ text: String) {
        var copy = text
        copy.withUTF8 { unsafe append(raw: UnsafeRawBufferPointer($0)) }
    }

    /// Bytes as two lowercase hexadecimal digits each.
    package mutating func append(hexadecimal source: UnsafeRawBufferPointer) {
        reserve(source.count * 2)
        for index in 0..<source.count {
            let byte = unsafe source[index]
            unsafe base[count] = Self.digit(byte >> 4)
            unsafe base[count &+ 1] = Self.digit(byte & 0xF)
            count &+= 2
        }
    }

    /// The 16 bytes of a UUID as people write it.
    package mutating func append(uuid source: UnsafeRawPointer) {
        for (from, to) in [(0, 4), (4, 6), (6, 8), (8, 10), (10, 16)] {
            if from > 0 { append(byte: UInt8(ascii: "-")) }
            unsafe append(hexadecimal: UnsafeRawBufferPointer(start: source + from, count: to - from))
        }
    }

    private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 &+ value : 0x57 &+ value }

    // MARK: Numbers

    package mutating func append(integer value: Int64) {
        if value < 0 { append(byte: UInt8(ascii: "-")) }
        append(integer: value.magnitude)
    }

    package mutating func append(integer value: UInt64) {
        reserve(20)
        var length = 1
        var limit: UInt64 = 10
        while length < 20, value >= limit {
            length &+= 1
            if length < 20 { limit &*= 10 }
        }
        var rest = value
        var at = count &+ length
        repeat {
            at &-= 1
            unsafe base[at] = 0x30 &+ UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        } while at > count
        count &+= length
    }

    /// The shortest text that reads back as the same bits, which has a point or an exponent; `NaN`, `Infinity`,
    /// `-Infinity`, and for a NaN with other bits than the usual ones `NaN(0x7ff8000000000001)`.
    package mutating func append(real value: Double) {
        guard value.isFinite else {
            append(special: value.isNaN, value < 0, value.bitPattern == Double.nan.bitPattern, value.bitPattern)
            return
        }
        if appendShort(value) { return }
        append(value.description)
    }

    /// As ``append(real:)-(Double)``, in the digits that a float32 needs.
    package mutating func append(real value: Float) {
        guard value.isFinite else {
            append(special: value.isNaN, value < 0, value.bitPattern == Float.nan.bitPattern, UInt64(value.bitPattern))
            return
        }
        if appendShort(value) { return }
        append(value.description)
    }

    /// Numbers of few decimals, which most data are made of: true where `value` was one and is written.
    private mutating func appendShort(_ value: Double) -> Bool {
        let magnitude = value.magnitude
        guard magnitude < 1e9, magnitude >= 1e-3 || magnitude == 0 else { return false }
        var scale = 1.0
        var digits = 0
        var scaled = magnitude
        // Fewer than 16 digits: the quotient is the number that they spell, rounded once, so they read back as it.
        while scaled != scaled.rounded(.towardZero) || scaled / scale != magnitude {
            guard digits < 6 else { return false }
            digits &+= 1
            scale *= 10
            scaled = (magnitude * scale).rounded()
        }
        append(isNegative: value.sign == .minus, scaled, scale: scale, digits: digits)
        return true
    }

    private mutating func appendShort(_ value: Float) -> Bool {
        let magnitude = Double(value.magnitude)
        guard magnitude < 1e6, magnitude >= 1e-3 || magnitude == 0 else { return false }
        var scale = 1.0
        var digits = 0
        var scaled = magnitude.rounded()
        while Float(scaled / scale) != value.magnitude {
            guard digits < 6 else { return false }
            digits &+= 1
            scale *= 10
            scaled = (magnitude * scale).rounded()
        }
        // With at most 7 digits no other number of as few is as near.
        guard scaled < 1e7 else { return false }
        append(isNegative: value.sign == .minus, scaled, scale: scale, digits: digits)
        return true
    }

    /// `scaled / scale`, which has `digits` decimals.
    private mutating func append(isNegative: Bool, _ scaled: Double, scale: Double, digits: Int) {
        if isNegative { append(byte: UInt8(ascii: "-")) }
        let all = UInt64(scaled)
        let whole = digits == 0 ? all : all / UInt64(scale)
        append(integer: whole)
        append(byte: UInt8(ascii: "."))
        append(all &- whole &* UInt64(scale), digits: max(digits, 1))
    }

    /// The lowest `digits` decimal digits of `value`, zeros included.
    private mutating func append(_ value: UInt64, digits: Int) {
        reserve(digits)
        var rest = value
        var at = count &+ digits
        while at > count {
            at &-= 1
            unsafe base[at] = 0x30 &+ UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        count &+= digits
    }

    private mutating func append(special isNaN: Bool, _ isNegative: Bool, _ isUsual: Bool, _ bits: UInt64) {
        guard isNaN else {
            append(isNegative ? "-Infinity" : "Infinity")
            return
        }
        append(isUsual ? "NaN" : "NaN(0x" + String(bits, radix: 16) + ")")
    }

    // MARK: Times

    /// A point in time: `2020-04-08T13:05:00.000000Z`; outside the years 0000 to 9999 the microseconds since 1970.
    package mutating func append(time microseconds: Int64) {
        let dayLength: Int64 = 86_400_000_000
        var day = microseconds / dayLength
        if microseconds % dayLength < 0 { day &-= 1 }
        // 0000-01-01 and 9999-12-31.
        guard day >= -719_528, day <= 2_932_896 else {
            append(integer: microseconds)
            return
        }
        if day != lastDay { note(day) }
        reserve(27)
        for index in 0..<10 { unsafe base[count &+ index] = lastDayText[index] }
        count &+= 10
        let inDay = UInt64(microseconds &- day &* dayLength)
        let seconds = inDay / 1_000_000
        for (separator, value) in [(0x54, seconds / 3_600), (0x3A, seconds / 60 % 60), (0x3A, seconds % 60)] {
            append(byte: UInt8(separator))
            append(value, digits: 2)
        }
        append(byte: UInt8(ascii: "."))
        append(inDay % 1_000_000, digits: 6)
        append(byte: UInt8(ascii: "Z"))
    }

    private mutating func note(_ day: Int64) {
        lastDay = day
        // A time of that day, whose text begins with the date.
        let text = Array(Timestamp(microseconds: day * 86_400_000_000).description.utf8)
        for index in 0..<10 { lastDayText[index] = text[index] }
    }
}
