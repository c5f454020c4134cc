internal import CDrumlinShims
internal import ColumnEncoding
internal import ColumnFormat

/// Adds vectors of one column to measurements, in the form in which a cursor has them. For one thread.
@safe
final class MeasureReader {
    let measure: AggregatePlan.Measure
    let isReal: Bool
    let both = VectorMask()
    private let wideOwner = RawBuffer(byteCapacity: SegmentFormat.vectorRowCount * 8 + 64)
    /// Values widened to 64 bits: as doubles, or as integers.
    private let wide: UnsafeMutableRawPointer
    /// Codes of a page whose values were counted as distinct already.
    private var seen: [Bool] = []
    private var seenOwner: RawBuffer?

    init(_ measure: AggregatePlan.Measure) {
        self.measure = measure
        isReal = measure.type == .float32 || measure.type == .float64
        unsafe wide = wideOwner.base
    }

    /// Forgets what was seen of a page: the next rows are of another group.
    func forget() {
        seenOwner = nil
    }

    // MARK: One group

    /// Adds those of `rows` of the cursor's vector that `mask` takes (nil: all), `taken` of them.
    func add(
        _ cursor: VectorCursor, rows: Range<Int>, mask: UnsafePointer<UInt8>?, taken: Int,
        to result: inout Measurement
    ) {
        // From here on masks begin with the first of the rows.
        var mask = unsafe mask.map { unsafe $0 + rows.lowerBound }
        var taken = taken
        if let validity = unsafe cursor.validity {
            if let given = unsafe mask {
                unsafe both.copy(given, count: rows.count)
                unsafe both.formIntersection(validity + rows.lowerBound, count: rows.count)
            } else {
                unsafe both.copy(validity + rows.lowerBound, count: rows.count)
            }
            taken = both.takenCount(of: rows.count)
            unsafe mask = UnsafePointer(both.bytes)
        }
        result.count += taken
        guard taken > 0, !measure.needs.isEmpty else { return }
        if measure.type.byteWidth ?? 16 > 8 {
            unsafe addBytes(cursor, rows, mask, to: &result)
            return
        }
        if measure.needs.contains(.distinct) { unsafe addDistinct(cursor, rows, mask, to: &result) }
        if measure.needs.contains(.extremes) { unsafe addExtremes(cursor, rows, mask, to: &result) }
        if measure.needs.contains(.sum) { unsafe addSum(cursor, rows, mask, taken, to: &result) }
        guard measure.needs.contains(.moments) || measure.needs.contains(.quantiles) else { return }
        cursor.expand()
        let values = unsafe widenToDoubles(cursor, rows)
        if measure.needs.contains(.moments) {
            let mean = unsafe drumlin_sum_f64(values, mask, UInt32(rows.count)) / Double(taken)
            let squares = unsafe drumlin_squares_f64(values, mask, UInt32(rows.count), mean)
            result.moments.add(Moments(count: Double(taken), mean: mean, squares: squares))
        }
        if measure.needs.contains(.quantiles) {
            let sketch = result.quantiles ?? QuantileSketch()
            result.quantiles = sketch
            for row in 0..<rows.count where unsafe mask.map({ unsafe $0[row] != 0 }) ?? true {
                unsafe sketch.add(values[row])
            }
        }
    }

    // MARK: Extremes

    private func addExtremes(
        _ cursor: VectorCursor, _ rows: Range<Int>, _ mask: UnsafePointer<UInt8>?, to result: inout Measurement
    ) {
        if case .frame(let frame) = cursor.form {
            var pair: (UInt32, UInt32) = (.max, 0)
            unsafe drumlin_extremes_u32(cursor.narrow + rows.lowerBound, mask, UInt32(rows.count), &pair)
            result.lowKey = min(result.lowKey, key(frame, pair.0))
            result.highKey = max(result.highKey, key(frame, pair.1))
            return
        }
        cursor.expand()
        switch measure.type {
        case .float32: unsafe addReals(cursor, rows, mask, &result, Float.self, drumlin_extremes_f32, drumlin_nans_f32)
        case .float64: unsafe addReals(cursor, rows, mask, &result, Double.self, drumlin_extremes_f64, drumlin_nans_f64)
        case .bool, .uint8: unsafe addIntegers(cursor, rows, mask, &result, UInt8.self, drumlin_extremes_u8)
        case .int8: unsafe addIntegers(cursor, rows, mask, &result, Int8.self, drumlin_extremes_i8)
        case .int16: unsafe addIntegers(cursor, rows, mask, &result, Int16.self, drumlin_extremes_i16)
        case .uint16: unsafe addIntegers(cursor, rows, mask, &result, UInt16.self, drumlin_extremes_u16)
        case .int32: unsafe addIntegers(cursor, rows, mask, &result, Int32.self, drumlin_extremes_i32)
        case .uint32: unsafe addIntegers(cursor, rows, mask, &result, UInt32.self, drumlin_extremes_u32)
        case .uint64: unsafe addIntegers(cursor, rows, mask, &result, UInt64.self, drumlin_extremes_u64)
        default: unsafe addIntegers(cursor, rows, mask, &result, Int64.self, drumlin_extremes_i64)
        }
    }

    /// The key of the value that a frame makes of a word.
    private func key(_ frame: VectorFrame, _ word: UInt32) -> Int64 {
        let integer = frame.base + frame.factor * Int64(word)
        guard isReal else { return measure.type == .uint64 ? OrderKey.of(UInt64(integer)) : integer }
        let quotient = Double(integer) / frame.divisor
        return OrderKey.of(frame.isSingle ? Double(Float(quotient)) : quotient)
    }

    private typealias Extremes = (UnsafeRawPointer?, UnsafePointer<UInt8>?, UInt32, UnsafeMutableRawPointer?) -> Void

    private func addIntegers<T: FixedWidthInteger>(
        _ cursor: VectorCursor, _ rows: Range<Int>, _ mask: UnsafePointer<UInt8>?, _ result: inout Measurement,
        _: T.Type, _ kernel: Extremes
    ) {
        var pair: (T, T) = (.max, .min)
        unsafe withUnsafeMutableBytes(of: &pair) {
            unsafe kernel(place(cursor, rows), mask, UInt32(rows.count), $0.baseAddress)
        }
        let (low, high) =
            T.self == UInt64.self
            ? (OrderKey.of(UInt64(pair.0)), OrderKey.of(UInt64(pair.1)))
            : (Int64(truncatingIfNeeded: pair.0), Int64(truncatingIfNeeded: pair.1))
        result.lowKey = min(result.lowKey, low)
        result.highKey = max(result.highKey, high)
    }

    private func addReals<T: BinaryFloatingPoint>(
        _ cursor: VectorCursor, _ rows: Range<Int>, _ mask: UnsafePointer<UInt8>?, _ result: inout Measurement,
        _: T.Type, _ kernel: Extremes,
        _ nans: (UnsafeRawPointer?, UnsafePointer<UInt8>?, UInt32) -> UInt32
    ) {
        let count = UInt32(rows.count)
        let words = unsafe place(cursor, rows)
        var pair: (T, T) = (.infinity, -.infinity)
        unsafe withUnsafeMutableBytes(of: &pair) { unsafe kernel(words, mask, count, $0.baseAddress) }
        let found = unsafe Int(nans(words, mask, count))
        result.nanCount += found
        let taken = unsafe mask.map { unsafe Int(drumlin_mask_count($0, count)) } ?? rows.count
        if found == taken { return }
        result.lowKey = min(result.lowKey, OrderKey.of(Double(pair.0)))
        result.highKey = max(result.highKey, OrderKey.of(Double(pair.1)))
    }

    // MARK: Distinct values

    private func addDistinct(
        _ cursor: VectorCursor, _ rows: Range<Int>, _ mask: UnsafePointer<UInt8>?, to result: inout Measurement
    ) {
        let sketch = result.distinct ?? DistinctSketch()
        result.distinct = sketch
        switch cursor.form {
        case .constant: unsafe sketch.add(DistinctSketch.hash(bits(cursor.words, 0)))
        case .codes(let dictionary):
            begin(dictionary.values, count: dictionary.count)
            for row in 0..<rows.count where unsafe mask.map({ unsafe $0[row] != 0 }) ?? true {
                let code = unsafe Int(cursor.narrow[rows.lowerBound + row])
                if seen[code] { continue }
                seen[code] = true
                unsafe sketch.add(DistinctSketch.hash(bits(UnsafeRawPointer(dictionary.values.base), code)))
            }
        case .frame, .words:
            cursor.expand()
            for row in 0..<rows.count where unsafe mask.map({ unsafe $0[row] != 0 }) ?? true {
                unsafe sketch.add(DistinctSketch.hash(bits(place(cursor, rows), row)))
            }
        }
    }

    private func begin(_ owner: RawBuffer, count: Int) {
        if seenOwner === owner { return }
        seenOwner = owner
        seen = Array(repeating: false, count: count)
    }

    /// Where the first of `rows` is among the decoded values.
    func place(_ cursor: VectorCursor, _ rows: Range<Int>) -> UnsafeRawPointer {
        unsafe cursor.words + rows.lowerBound * (measure.type.byteWidth ?? 0)
    }

    /// The bits by which values are told apart.
    func bits(_ words: UnsafeRawPointer, _ row: Int) -> UInt64 {
        unsafe WordBits.of(words, row, type: measure.type)
    }

    // MARK: Text and uuids

    private func addBytes(
        _ cursor: VectorCursor, _ rows: Range<Int>, _ mask: UnsafePointer<UInt8>?, to result: inout Measurement
    ) {
        if measure.needs.contains(.distinct), result.distinct == nil { result.distinct = DistinctSketch() }
        if let texts = cursor.distinctTexts {
            // Each distinct text is looked at once a page.
            begin(texts.values, count: texts.count)
            for row in 0..<rows.count where unsafe mask.map({ unsafe $0[row] != 0 }) ?? true {
                let code = unsafe Int(cursor.narrow[rows.lowerBound + row])
                if seen[code] { continue }
                seen[code] = true
                unsafe add(texts.variableBytes(at: code), to: &result)
            }
            return
        }
        for row in 0..<rows.count where unsafe mask.map({ unsafe $0[row] != 0 }) ?? true {
            if let texts = cursor.textRows {
                unsafe add(texts.variableBytes(at: rows.lowerBound + row), to: &result)
            } else {
                let width = measure.type.byteWidth ?? 0
                unsafe add(UnsafeRawBufferPointer(start: place(cursor, rows) + row * width, count: width), to: &result)
            }
        }
    }

    func add(_ bytes: UnsafeRawBufferPointer, to result: inout Measurement) {
        if measure.needs.contains(.distinct) { unsafe result.distinct?.add(Checksum.of(bytes)) }
        guard measure.needs.contains(.extremes) else { return }
        let isLower = unsafe result.lowBytes?.withUnsafeBytes { unsafe ByteOrder.isLess(bytes, $0) } ?? true
        if isLower { unsafe result.lowBytes = Array(bytes) }
        let isHigher = unsafe result.highBytes?.withUnsafeBytes { unsafe ByteOrder.isLess($0, bytes) } ?? true
        if isHigher { unsafe result.highBytes = Array(bytes) }
    }

    // MARK: Widening

    /// Some of the cursor's decoded values as doubles.
    func widenToDoubles(_ cursor: VectorCursor, _ rows: Range<Int>) -> UnsafePointer<Double> {
        let count = UInt32(rows.count)
        let words = unsafe place(cursor, rows)
        switch measure.type {
        case .float64: return unsafe words.assumingMemoryBound(to: Double.self)
        case .float32: unsafe drumlin_double_f32(words, count, wide)
        case .bool, .uint8: unsafe drumlin_double_u8(words, count, wide)
        case .int8: unsafe drumlin_double_i8(words, count, wide)
        case .int16: unsafe drumlin_double_i16(words, count, wide)
        case .uint16: unsafe drumlin_double_u16(words, count, wide)
        case .int32: unsafe drumlin_double_i32(words, count, wide)
        case .uint32: unsafe drumlin_double_u32(words, count, wide)
        case .uint64: unsafe drumlin_double_u64(words, count, wide)
        default: unsafe drumlin_double_i64(words, count, wide)
        }
        return unsafe UnsafePointer(wide.assumingMemoryBound(to: Double.self))
    }

    /// The cursor's decoded integers as 64 bits.
    func widenToIntegers(_ cursor: VectorCursor) -> UnsafePointer<Int64> {
        switch measure.type {
        case .bool, .uint8: widen(cursor, UInt8.self)
        case .int8: widen(cursor, Int8.self)
        case .int16: widen(cursor, Int16.self)
        case .uint16: widen(cursor, UInt16.self)
        case .int32: widen(cursor, Int32.self)
        case .uint32: widen(cursor, UInt32.self)
        default: return unsafe cursor.words.assumingMemoryBound(to: Int64.self)
        }
        return unsafe UnsafePointer(wide.assumingMemoryBound(to: Int64.self))
    }

    private func widen<T: FixedWidthInteger>(_ cursor: VectorCursor, _: T.Type) {
        let source = unsafe cursor.words.assumingMemoryBound(to: T.self)
        let target = unsafe wide.assumingMemoryBound(to: Int64.self)
        for row in 0..<cursor.count { unsafe target[row] = Int64(truncatingIfNeeded: source[row]) }
    }
}
