/// What is known of the values of a vector, a block or a segment without reading them.
///
/// A statistic that is absent says nothing and so never prunes.
package struct ZoneMap: Sendable, Equatable {
    package var rowCount: Int
    package var nullCount: Int
    /// Valid values that are NaN; 0 for other types than floats.
    package var nanCount: Int
    /// The smallest value that is neither null nor NaN. Text is cut to ``maximumTextByteCount`` bytes: still a lower bound.
    package var minimum: Value?
    /// The greatest such value. Text that was cut is rounded *up*: still an upper bound.
    package var maximum: Value?
    /// Whether ``minimum`` is a value of the zone, not just a bound.
    package var isMinimumExact: Bool
    package var isMaximumExact: Bool
    /// The sum of an integer column; nil for other types and where it overflows 64 bits.
    package var sum: Int64?
    /// The sum of a float column, within 2⁻⁴⁶ of the sum of the values' magnitudes; nil for other types and where it is not
    /// finite.
    package var realSum: Double?
    /// Values that are true, of a bool column.
    package var trueCount: Int

    package static let maximumTextByteCount = 32

    package init(rowCount: Int = 0) {
        self.rowCount = rowCount
        nullCount = 0
        nanCount = 0
        minimum = nil
        maximum = nil
        isMinimumExact = true
        isMaximumExact = true
        sum = nil
        realSum = nil
        trueCount = 0
    }

    /// The zone map of `slice`. One pass over its values.
    package init(of slice: ColumnSlice) {
        self.init(rowCount: slice.count)
        if let validity = unsafe slice.validityPointer {
            for i in 0..<slice.count where unsafe validity[i] == 0 { nullCount += 1 }
        }
        switch slice.type {
        case .bool: measureBools(slice)
        case .int8: measureIntegers(slice, as: Int8.self) { .int(Int64($0)) }
        case .int16: measureIntegers(slice, as: Int16.self) { .int(Int64($0)) }
        case .int32: measureIntegers(slice, as: Int32.self) { .int(Int64($0)) }
        case .int64: measureIntegers(slice, as: Int64.self) { .int($0) }
        case .uint8: measureIntegers(slice, as: UInt8.self) { .uint(UInt64($0)) }
        case .uint16: measureIntegers(slice, as: UInt16.self) { .uint(UInt64($0)) }
        case .uint32: measureIntegers(slice, as: UInt32.self) { .uint(UInt64($0)) }
        case .uint64: measureIntegers(slice, as: UInt64.self) { .uint($0) }
        case .timestamp:
            measureIntegers(slice, as: Int64.self) { .timestamp(Timestamp(microseconds: $0)) }
            sum = nil
        case .float32: measureFloats(slice, as: Float.self) { .float32($0) }
        case .float64: measureFloats(slice, as: Double.self) { .float64($0) }
        case .string, .bytes: measureText(slice)
        case .uuid, .vector: break
        }
    }

    // MARK: Measuring

    private mutating func measureBools(_ slice: ColumnSlice) {
        let values = unsafe slice.pointer(as: UInt8.self)
        for i in 0..<slice.count where unsafe !slice.isNull(i) && values[i] != 0 { trueCount += 1 }
        let valid = rowCount - nullCount
        guard valid > 0 else { return }
        minimum = .bool(trueCount == valid)
        maximum = .bool(trueCount > 0)
    }

    private mutating func measureIntegers<T: FixedWidthInteger & BitwiseCopyable>(
        _ slice: ColumnSlice, as _: T.Type, box: (T) -> Value
    ) {
        guard nullCount < rowCount else { return }
        let values = unsafe slice.pointer(as: T.self)
        var low = T.max
        var high = T.min
        var total: Int64 = 0
        var overflowed = false
        for i in 0..<slice.count {
            if nullCount > 0, slice.isNull(i) { continue }
            let value = unsafe values[i]
            low = min(low, value)
            high = max(high, value)
            guard let term = Int64(exactly: value) else {
                overflowed = true
                continue
            }
            let (partial, carry) = total.addingReportingOverflow(term)
            total = partial
            overflowed = overflowed || carry
        }
        minimum = box(low)
        maximum = box(high)
        sum = overflowed ? nil : total
    }

    private mutating func measureFloats<T: BinaryFloatingPoint & BitwiseCopyable>(
        _ slice: ColumnSlice, as _: T.Type, box: (T) -> Value
    ) {
        let values = unsafe slice.pointer(as: T.self)
        var low = T.infinity
        var high = -T.infinity
        var seen = false
        for i in 0..<slice.count {
            if nullCount > 0, slice.isNull(i) { continue }
            let value = unsafe values[i]
            if value.isNaN {
                nanCount += 1
                continue
            }
            seen = true
            low = min(low, value)
            high = max(high, value)
        }
        guard seen else { return }
        if nanCount == 0 { realSum = unsafe Self.sum(values, count: slice.count) }
        // −0.0 equals 0.0, but a bound must also be one for those who compare bits.
        minimum = box(low == 0 ? -T.zero : low)
        maximum = box(high == 0 ? T.zero : high)
    }

    /// Nil where it is not finite. Null rows hold 0.
    private static func sum<T: BinaryFloatingPoint & BitwiseCopyable>(
        _ values: UnsafePointer<T>, count: Int
    ) -> Double? {
        var total = 0.0
        var lost = 0.0
        for start in stride(from: 0, to: count, by: SegmentFormat.vectorRowCount) {
            let end = min(start + SegmentFormat.vectorRowCount, count)
            var low = SIMD8<Double>(repeating: 0)
            var high = SIMD8<Double>(repeating: 0)
            var i = start
            while i &+ 16 <= end {
                for lane in 0..<8 {
                    unsafe low[lane] += Double(values[i &+ lane])
                    unsafe high[lane] += Double(values[i &+ lane &+ 8])
                }
                i &+= 16
            }
            var part = (low + high).sum()
            while i < end {
                unsafe part += Double(values[i])
                i &+= 1
            }
            // What the addition of a vector's sum rounds away is kept (A. Neumaier, 1974).
            let next = total + part
            lost += total.magnitude >= part.magnitude ? (total - next) + part : (part - next) + total
            total = next
        }
        let sum = total + lost
        return sum.isFinite ? sum : nil
    }

    private mutating func measureText(_ slice: ColumnSlice) {
        var low: UnsafeRawBufferPointer?
        var high: UnsafeRawBufferPointer?
        for i in 0..<slice.count where !slice.isNull(i) {
            let value = unsafe slice.variableBytes(at: i)
            if unsafe low.map({ unsafe ByteOrder.isLess(value, $0) }) ?? true { unsafe low = value }
            if unsafe high.map({ unsafe ByteOrder.isLess($0, value) }) ?? true { unsafe high = value }
        }
        guard let low = unsafe low, let high = unsafe high else { return }
        let cut = Self.maximumTextByteCount
        isMinimumExact = low.count <= cut
        minimum = unsafe .bytes(Array(low.prefix(cut)))
        if high.count <= cut {
            maximum = unsafe .bytes(Array(high))
        } else {
            isMaximumExact = false
            maximum = unsafe Self.roundedUp(Array(high.prefix(cut))).map { .bytes($0) }
        }
    }

    /// The smallest short byte string that is greater than every string with this prefix; nil where there is none.
    private static func roundedUp(_ prefix: [UInt8]) -> [UInt8]? {
        var bytes = prefix
        while let last = bytes.last {
            if last < 0xFF {
                bytes[bytes.count - 1] = last + 1
                return bytes
            }
            bytes.removeLast()
        }
        return nil
    }
}
