internal import CDrumlinShims
import ColumnFormat

/// Puts times into periods.
enum PeriodKernel {
    /// Writes the period of each time as a value of `shape`. Times mostly come in order, so that a row is likely to lie in the
    /// period of the one before, and so many rows at once.
    static func place(
        _ times: UnsafePointer<Int64>, _ count: Int, in period: Relation.Period, as shape: FixedShape,
        to destination: UnsafeMutableRawPointer
    ) {
        var start: Int64 = 0
        // No distance is below a span of 0: the first row is computed.
        var span: UInt64 = 0
        var word: UInt64 = 0
        var i = 0
        while i < count {
            let piece = min(64, count &- i)
            // Times are looked at before the offset is added: where nothing can wrap, that is the same.
            let (first, isBelow) = start.subtractingReportingOverflow(period.offset)
            let isAbove = start.addingReportingOverflow(Int64(span)).overflow
            if !isBelow, !isAbove, unsafe drumlin_all_within_span(times + i, UInt32(piece), first, span) != 0 {
                unsafe shape.fill(word, i..<i &+ piece, in: destination)
                i &+= piece
                continue
            }
            for row in i..<i &+ piece {
                let time = unsafe times[row] &+ period.offset
                // Only of what is not before the start is the distance below 2^64.
                if time < start || UInt64(bitPattern: time &- start) >= span {
                    let quotient = time.flooredQuotient(by: period.unit)
                    start = quotient &* period.unit
                    // The first period of all begins below what 64 bits hold.
                    span = start <= time ? UInt64(period.unit) : 0
                    word = shape.word(of: value(quotient, in: period))
                }
                unsafe shape.store(word, at: row, in: destination)
            }
            i &+= piece
        }
    }

    /// One time's period.
    static func value(of time: Int64, in period: Relation.Period) -> Int64 {
        value((time &+ period.offset).flooredQuotient(by: period.unit), in: period)
    }

    @inline(__always)
    private static func value(_ quotient: Int64, in period: Relation.Period) -> Int64 {
        guard period.modulus > 0 else { return quotient &+ period.base }
        let remainder = quotient % period.modulus
        return (remainder < 0 ? remainder &+ period.modulus : remainder) &+ period.base
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
