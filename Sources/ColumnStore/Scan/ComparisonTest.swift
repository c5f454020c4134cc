internal import CDrumlinShims
internal import ColumnEncoding
internal import ColumnFormat

/// A comparison at work: marks the rows of a vector whose values lie in its ranges, in the form in which a cursor has them.
/// Distinct values are looked at once a page, frames by moving the bounds instead of the values. For one thread.
@safe
final class ComparisonTest {
    private let comparison: Condition.Comparison
    private let part = VectorMask()
    /// 1 for each distinct value of a page that lies in the ranges.
    private var table: [UInt8] = []
    /// The same as bits where there are at most 32.
    private var tableBits: UInt32 = 0
    /// What ``table`` is for, kept so that its address is not used again.
    private var tableOwner: RawBuffer?
    /// The digits of decimals that lie in the ranges, for one divisor.
    private var digits: (divisor: Double, isSingle: Bool, ranges: [ClosedRange<Int64>])?

    init(_ comparison: Condition.Comparison) {
        self.comparison = comparison
        hasBounds = comparison.type == .int64 || comparison.type == .timestamp
    }

    var column: Int { comparison.column }

    /// Sets `mask` for the rows of the cursor's vector on which the comparison is true.
    func mark(_ cursor: VectorCursor, into mask: VectorMask) {
        let count = cursor.count
        if comparison.type.isVariableLength {
            markTexts(cursor, mask)
        } else {
            switch cursor.form {
            case .constant: mask.fill(unsafe contains(cursor.words), count: count)
            case .frame(let frame): mark(frame, cursor, mask)
            case .codes(let dictionary): mark(dictionary, cursor, mask)
            case .words: markWords(cursor, mask)
            }
        }
        if comparison.isNegated { mask.invert(count: count) }
        if let validity = unsafe cursor.validity { unsafe mask.formIntersection(validity, count: count) }
    }

    // MARK: Blocks

    /// What pages can look for by themselves: one range of numbers. Nil where there are several, or none.
    var sought: SoughtRange? {
        switch comparison.ranges {
        case .integers(let ranges) where ranges.count == 1: .integers(ranges[0])
        case .reals(let ranges) where ranges.count == 1: .reals(ranges[0])
        default: nil
        }
    }

    /// Whether what is looked for is what lies outside.
    var isNegated: Bool { comparison.isNegated }

    // MARK: Bounds

    /// Whether ``outcome(within:mayBeNull:)`` can say anything: of columns of signed integers of 8 bytes.
    let hasBounds: Bool

    /// The outcome of rows whose values all lie within `bounds`.
    func outcome(within bounds: ClosedRange<Int64>, mayBeNull: Bool) -> ZoneOutcome {
        guard case .integers(let ranges) = comparison.ranges else { return .possible }
        let (low, high) = (Int128(bounds.lowerBound), Int128(bounds.upperBound))
        let isOutside = ranges.allSatisfy { $0.upperBound < low || $0.lowerBound > high }
        let isInside = ranges.contains { $0.lowerBound <= low && $0.upperBound >= high }
        if comparison.isNegated ? isInside : isOutside { return .never }
        return (comparison.isNegated ? isOutside : isInside) && !mayBeNull ? .always : .possible
    }

    // MARK: Single values

    /// Whether the one value that begins at `place` lies in a range.
    private func contains(_ place: UnsafeRawPointer) -> Bool {
        switch comparison.ranges {
        case .none: return false
        case .integers(let ranges):
            let value = unsafe WordBits.integer(place, type: comparison.type)
            return ranges.contains { $0.contains(value) }
        case .reals(let ranges):
            let value =
                unsafe comparison.type == .float32
                ? Double(place.loadUnaligned(as: Float.self)) : place.loadUnaligned(as: Double.self)
            return ranges.contains { $0.lowerBound <= value && value <= $0.upperBound }
        case .texts(let ranges):
            let bytes = unsafe UnsafeRawBufferPointer(start: place, count: comparison.type.byteWidth ?? 0)
            return ranges.contains { unsafe $0.contains(bytes) }
        }
    }

    // MARK: Distinct values

    private func mark(_ dictionary: VectorDictionary, _ cursor: VectorCursor, _ mask: VectorMask) {
        if tableOwner !== dictionary.values {
            let width = comparison.type.byteWidth ?? 1
            table = (0..<dictionary.count).map { unsafe contains(dictionary.values.base + $0 * width) ? 1 : 0 }
            take(dictionary.values)
        }
        unsafe markCodes(cursor.narrow, cursor.count, mask)
    }

    private func markTexts(_ cursor: VectorCursor, _ mask: VectorMask) {
        guard case .texts(let ranges) = comparison.ranges else {
            mask.fill(false, count: cursor.count)
            return
        }
        if let texts = cursor.distinctTexts {
            if tableOwner !== texts.values {
                table = (0..<texts.count).map { row in
                    ranges.contains { unsafe $0.contains(texts.variableBytes(at: row)) } ? 1 : 0
                }
                take(texts.values)
            }
            unsafe markCodes(cursor.narrow, cursor.count, mask)
        } else if let rows = cursor.textRows {
            for row in 0..<cursor.count {
                let bytes = unsafe rows.variableBytes(at: row)
                unsafe mask.bytes[row] = ranges.contains { unsafe $0.contains(bytes) } ? 1 : 0
            }
        }
    }

    private func take(_ owner: RawBuffer) {
        tableOwner = owner
        tableBits = 0
        guard table.count <= 32 else { return }
        for (code, isIn) in table.enumerated() where isIn != 0 { tableBits |= 1 << UInt32(code) }
    }

    private func markCodes(_ codes: UnsafePointer<UInt32>, _ count: Int, _ mask: VectorMask) {
        if table.count <= 32 {
            unsafe drumlin_gather_bits(codes, UInt32(count), tableBits, mask.bytes)
        } else {
            unsafe drumlin_gather_u8(codes, UInt32(count), table, mask.bytes)
        }
    }

    // MARK: Frames

    private func mark(_ frame: VectorFrame, _ cursor: VectorCursor, _ mask: VectorMask) {
        var isFirst = true
        for range in integers(of: frame) {
            guard let words = frame.words(within: range) else { continue }
            let target = isFirst ? mask : part
            if words.lowerBound == 0, words.upperBound == frame.highest {
                target.fill(true, count: cursor.count)
            } else {
                unsafe drumlin_within_u32(
                    cursor.narrow, UInt32(cursor.count), words.lowerBound, words.upperBound, target.bytes)
            }
            if !isFirst { unsafe mask.formUnion(part.bytes, count: cursor.count) }
            isFirst = false
        }
        if isFirst { mask.fill(false, count: cursor.count) }
    }

    /// The integers, or digits, in the ranges.
    private func integers(of frame: VectorFrame) -> [ClosedRange<Int64>] {
        if let digits, digits.divisor == frame.divisor, digits.isSingle == frame.isSingle { return digits.ranges }
        let found: [ClosedRange<Int64>]
        switch comparison.ranges {
        case .integers(let ranges):
            found = ranges.compactMap { range in
                let low = max(range.lowerBound, Int128(Int64.min))
                let high = min(range.upperBound, Int128(Int64.max))
                return low <= high ? Int64(low)...Int64(high) : nil
            }
        case .reals(let ranges):
            found = ranges.compactMap { DecimalDigits.within($0, divisor: frame.divisor, isSingle: frame.isSingle) }
        case .texts, .none: found = []
        }
        digits = (frame.divisor, frame.isSingle, found)
        return found
    }

    // MARK: Words

    private func markWords(_ cursor: VectorCursor, _ mask: VectorMask) {
        switch comparison.ranges {
        case .none: mask.fill(false, count: cursor.count)
        case .texts(let ranges):
            let width = comparison.type.byteWidth ?? 0
            for row in 0..<cursor.count {
                let bytes = unsafe UnsafeRawBufferPointer(start: cursor.words + row * width, count: width)
                unsafe mask.bytes[row] = ranges.contains { unsafe $0.contains(bytes) } ? 1 : 0
            }
        case .integers(let ranges):
            markRanges(ranges, cursor, mask) { range, target in
                unsafe markIntegers(cursor.words, UInt32(cursor.count), range, target.bytes)
            }
        case .reals(let ranges):
            markRanges(ranges, cursor, mask) { range, target in
                let count = UInt32(cursor.count)
                let (low, high) = (range.lowerBound, range.upperBound)
                if comparison.type == .float32 {
                    unsafe drumlin_within_f32(cursor.words, count, Float(low), Float(high), target.bytes)
                } else {
                    unsafe drumlin_within_f64(cursor.words, count, low, high, target.bytes)
                }
            }
        }
    }

    private func markRanges<Range>(
        _ ranges: [Range], _ cursor: VectorCursor, _ mask: VectorMask, _ body: (Range, VectorMask) -> Void
    ) {
        guard let first = ranges.first else {
            mask.fill(false, count: cursor.count)
            return
        }
        body(first, mask)
        for range in ranges.dropFirst() {
            body(range, part)
            unsafe mask.formUnion(part.bytes, count: cursor.count)
        }
    }

    private func markIntegers(
        _ words: UnsafeRawPointer, _ count: UInt32, _ range: ClosedRange<Int128>, _ out: UnsafeMutablePointer<UInt8>
    ) {
        /// The part of the range that the type can hold; one that nothing is in where there is none.
        func bounds<T: FixedWidthInteger>(_: T.Type) -> (low: T, high: T) {
            let low = max(range.lowerBound, Int128(T.min))
            let high = min(range.upperBound, Int128(T.max))
            return low <= high ? (T(low), T(high)) : (T.max, T.min)
        }
        switch comparison.type {
        case .bool, .uint8:
            let (low, high) = bounds(UInt8.self)
            unsafe drumlin_within_u8(words, count, low, high, out)
        case .int8:
            let (low, high) = bounds(Int8.self)
            unsafe drumlin_within_i8(words, count, low, high, out)
        case .int16:
            let (low, high) = bounds(Int16.self)
            unsafe drumlin_within_i16(words, count, low, high, out)
        case .uint16:
            let (low, high) = bounds(UInt16.self)
            unsafe drumlin_within_u16(words, count, low, high, out)
        case .int32:
            let (low, high) = bounds(Int32.self)
            unsafe drumlin_within_i32(words, count, low, high, out)
        case .uint32:
            let (low, high) = bounds(UInt32.self)
            unsafe drumlin_within_u32(words, count, low, high, out)
        case .uint64:
            let (low, high) = bounds(UInt64.self)
            unsafe drumlin_within_u64(words, count, low, high, out)
        default:
            let (low, high) = bounds(Int64.self)
            unsafe drumlin_within_i64(words, count, low, high, out)
        }
    }
}
