internal import CDrumlinShims
import ColumnFormat

/// Puts times into periods.
enum PeriodKernel {
    /// Writes the period of each time as a value of `shape`. `room` is for as many numbers as there are times.
    static func place(
        _ times: UnsafePointer<Int64>, _ count: Int, in period: Relation.Period, as shape: FixedShape,
        room: UnsafeMutablePointer<Double>, to destination: UnsafeMutableRawPointer
    ) {
        var extremes: (Int64, Int64) = (.max, .min)
        unsafe drumlin_extremes_i64(times, nil, UInt32(count), &extremes)
        let low = extremes.0.addingReportingOverflow(period.offset)
        let high = extremes.1.addingReportingOverflow(period.offset)
        if !low.overflow, !high.overflow {
            let first = low.partialValue.flooredQuotient(by: period.unit)
            if first == high.partialValue.flooredQuotient(by: period.unit) {
                return unsafe shape.fill(shape.word(of: value(first, in: period)), 0..<count, in: destination)
            }
            if isShort(period, from: first, times: extremes.0...extremes.1) {
                // May wrap, as the distances to it do again.
                let start = first &* period.unit &- period.offset
                let unit = Double(period.unit)
                let number = Double(period.modulus > 0 ? first.flooredRemainder(by: period.modulus) : first)
                unsafe drumlin_periods(
                    times, UInt32(count), UInt64(bitPattern: start), unit, number, Double(period.modulus),
                    Double(period.base), room)
                return unsafe IntegerStoring.store(whole: room, count, as: shape, to: destination)
            }
        }
        for row in 0..<count {
            let word = unsafe shape.word(of: value(of: times[row], in: period))
            unsafe shape.store(word, at: row, in: destination)
        }
    }

    /// Whether all that ``drumlin_periods`` computes with is as small as it wants.
    private static func isShort(_ period: Relation.Period, from first: Int64, times: ClosedRange<Int64>) -> Bool {
        let limit: Int64 = 1 << 47
        let (span, overflow) = times.upperBound.subtractingReportingOverflow(times.lowerBound)
        return !overflow && span < limit && period.unit < limit && period.modulus < limit
            && period.base.magnitude < limit && (period.modulus > 0 || first.magnitude < limit)
    }

    /// One time's period.
    static func value(of time: Int64, in period: Relation.Period) -> Int64 {
        value((time &+ period.offset).flooredQuotient(by: period.unit), in: period)
    }

    @inline(__always)
    private static func value(_ quotient: Int64, in period: Relation.Period) -> Int64 {
        guard period.modulus > 0 else { return quotient &+ period.base }
        return quotient.flooredRemainder(by: period.modulus) &+ period.base
    }
}

extension Int64 {
    @inline(__always)
    fileprivate func flooredRemainder(by divisor: Int64) -> Int64 {
        let remainder = self % divisor
        return remainder < 0 ? remainder &+ divisor : remainder
    }
}

extension FixedShape {
    /// The bits of an integer as a value: cut to the width, or the float that is nearest.
    fileprivate func word(of integer: Int64) -> UInt64 {
        guard kind == .float else { return UInt64(bitPattern: integer) }
        let number = Double(integer)
        return byteWidth == 4 ? UInt64(Float(number).bitPattern) : number.bitPattern
    }

    /// Writes the low bits of `word` as each of some values.
    @inline(__always)
    fileprivate func fill(_ word: UInt64, _ rows: Range<Int>, in base: UnsafeMutableRawPointer) {
        let start = unsafe base + rows.lowerBound &* byteWidth
        switch byteWidth {
        case 1:
            unsafe start.assumingMemoryBound(to: UInt8.self)
                .update(repeating: UInt8(truncatingIfNeeded: word), count: rows.count)
        case 2:
            unsafe start.assumingMemoryBound(to: UInt16.self)
                .update(repeating: UInt16(truncatingIfNeeded: word), count: rows.count)
        case 4:
            unsafe start.assumingMemoryBound(to: UInt32.self)
                .update(repeating: UInt32(truncatingIfNeeded: word), count: rows.count)
        default: unsafe start.assumingMemoryBound(to: UInt64.self).update(repeating: word, count: rows.count)
        }
    }
}
