internal import CDrumlinShims
internal import ColumnEncoding
internal import ColumnFormat

/// Sums, in the forms in which values are kept.
extension MeasureReader {
    /// Adds runs of the rows of the cursor's vector, each to the measurement of its group; `last` is the group of what was
    /// added before.
    func add(
        _ cursor: VectorCursor, runs: [KeyReader.Run], mask: UnsafePointer<UInt8>?, after last: UInt32?,
        to results: UnsafeMutablePointer<Measurement>
    ) {
        if measure.needs == .sum, unsafe cursor.validity == nil, case .frame(let frame) = cursor.form, adds(frame) {
            let words = unsafe cursor.narrow
            for run in runs {
                let first = run.rows.lowerBound
                let result = unsafe results + Int(run.number)
                unsafe result.pointee.count += run.taken
                unsafe add(
                    words + first, frame, mask.map { unsafe $0 + first }, run.taken, UInt32(run.rows.count),
                    to: &result.pointee)
            }
            return
        }
        var last = last
        for run in runs {
            if run.number != last { forget() }
            last = run.number
            unsafe add(cursor, rows: run.rows, mask: mask, taken: run.taken, to: &results[Int(run.number)])
        }
    }

    func addSum(
        _ cursor: VectorCursor, _ rows: Range<Int>, _ mask: UnsafePointer<UInt8>?, _ taken: Int,
        to result: inout Measurement
    ) {
        let count = UInt32(rows.count)
        switch cursor.form {
        case .constant:
            if isReal {
                let value =
                    unsafe measure.type == .float32
                    ? Double(cursor.words.loadUnaligned(as: Float.self)) : cursor.words.loadUnaligned(as: Double.self)
                result.realSum.add(value * Double(taken))
            } else {
                result.integerSum += unsafe WordBits.integer(cursor.words, type: measure.type) * Int128(taken)
            }
            return
        case .frame(let frame) where adds(frame):
            unsafe add(cursor.narrow + rows.lowerBound, frame, mask, taken, count, to: &result)
            return
        case .codes(let dictionary) where unsafe mask == nil && measure.type == .float64:
            let (codes, table) = unsafe (cursor.narrow + rows.lowerBound, dictionary.values.base)
            unsafe result.realSum.add(drumlin_sum_codes_f64(codes, table, count))
            return
        case .frame, .codes, .words: cursor.expand()
        }
        let words = unsafe place(cursor, rows)
        switch measure.type {
        case .float32: unsafe result.realSum.add(drumlin_sum_f32(words, mask, count))
        case .float64: unsafe result.realSum.add(drumlin_sum_f64(words, mask, count))
        default: unsafe result.integerSum += integerSum(words, mask, count)
        }
    }

    /// Whether the words of a frame can be added without decoding them.
    private func adds(_ frame: VectorFrame) -> Bool {
        !frame.isSingle || measure.type == .float32 && frame.isSingleDivision
    }

    @inline(__always)
    private func add(
        _ words: UnsafePointer<UInt32>, _ frame: VectorFrame, _ mask: UnsafePointer<UInt8>?, _ taken: Int,
        _ count: UInt32, to result: inout Measurement
    ) {
        if frame.isSingle {
            let base = UInt32(truncatingIfNeeded: frame.base)
            unsafe result.realSum.add(drumlin_sum_frame_f32(words, mask, count, base, Float(frame.divisor)))
            return
        }
        let sum = unsafe Self.wide(drumlin_sum_u32(words, mask, count))
        let digits = Int128(frame.base) * Int128(taken) + Int128(frame.factor) * sum
        if isReal {
            // The conversion of 128 bits is not a short one.
            let number = Int64(exactly: digits).map { Double($0) } ?? Double(digits)
            result.realSum.add(number / frame.divisor)
        } else {
            result.integerSum += digits
        }
    }

    /// Whether ``add(gathered:_:to:)`` can.
    var takesGathered: Bool { measure.needs == .sum && measure.type.byteWidth ?? 16 <= 8 }

    /// Adds a few rows of some vectors, whose `values` are given alone: what adding each vector with a mask does. None is
    /// null.
    func add(gathered values: UnsafeRawPointer, _ rows: FewRows, to result: inout Measurement) {
        result.count += rows.count
        guard isReal else {
            result.integerSum += unsafe integerSum(values, nil, UInt32(rows.count))
            return
        }
        var sum = result.realSum
        for vector in rows.vectors {
            let found = rows.range(ofVector: vector)
            if found.isEmpty { continue }
            let (places, count) = unsafe (rows.places + found.lowerBound, UInt32(found.count))
            if measure.type == .float32 {
                unsafe sum.add(drumlin_sum_places_f32(values + found.lowerBound * 4, places, count))
            } else {
                unsafe sum.add(drumlin_sum_places_f64(values + found.lowerBound * 8, places, count))
            }
        }
        result.realSum = sum
    }

    private func integerSum(_ words: UnsafeRawPointer, _ mask: UnsafePointer<UInt8>?, _ count: UInt32) -> Int128 {
        switch measure.type {
        case .bool, .uint8: unsafe Self.wide(drumlin_sum_u8(words, mask, count))
        case .int8: unsafe Self.wide(drumlin_sum_i8(words, mask, count))
        case .int16: unsafe Self.wide(drumlin_sum_i16(words, mask, count))
        case .uint16: unsafe Self.wide(drumlin_sum_u16(words, mask, count))
        case .int32: unsafe Self.wide(drumlin_sum_i32(words, mask, count))
        case .uint32: unsafe Self.wide(drumlin_sum_u32(words, mask, count))
        case .uint64: unsafe Self.wide(drumlin_sum_u64(words, mask, count))
        default: unsafe Self.wide(drumlin_sum_i64(words, mask, count))
        }
    }

    private static func wide(_ sum: drumlin_wide_sum) -> Int128 { Int128(sum.high) << 32 + Int128(sum.low) }
}
