internal import CDrumlinShims
import ColumnFormat

/// Where one vector of a column of fixed width is put, again and again. For one thread.
@safe
package final class VectorBuffer {
    /// Room for 1,024 values of the column.
    package let words: UnsafeMutableRawPointer
    /// Room for 1,024 words of ``VectorForm/frame(_:)`` or ``VectorForm/codes(_:)``.
    package let narrow: UnsafeMutablePointer<UInt32>
    package let scratch = VectorScratch()
    private let owners: (RawBuffer, RawBuffer)

    /// A buffer for values of `byteWidth` bytes.
    package init(byteWidth: Int) {
        let wordOwner = RawBuffer(byteCapacity: PageLimits.vectorRowCount * max(byteWidth, 8) + 64)
        let narrowOwner = RawBuffer(byteCapacity: PageLimits.vectorRowCount * 4 + 64)
        unsafe words = wordOwner.base
        unsafe narrow = narrowOwner.base.assumingMemoryBound(to: UInt32.self)
        owners = (wordOwner, narrowOwner)
    }

    /// Makes ``words`` hold all `count` values of `byteWidth` bytes, whatever form they have.
    package func expand(_ form: VectorForm, byteWidth: Int, count: Int) {
        switch form {
        case .words: break
        case .constant: repeatFirst(byteWidth: byteWidth, count: count)
        case .frame(let frame): expand(frame, byteWidth: byteWidth, count: UInt32(count))
        case .codes(let dictionary): expand(dictionary, byteWidth: byteWidth, count: UInt32(count))
        }
    }

    private func repeatFirst(byteWidth: Int, count: Int) {
        switch byteWidth {
        case 1: fill(count, UInt8.self)
        case 2: fill(count, UInt16.self)
        case 4: fill(count, UInt32.self)
        case 8: fill(count, UInt64.self)
        default:
            for i in 1..<max(count, 1) { unsafe (words + i * byteWidth).copyMemory(from: words, byteCount: byteWidth) }
        }
    }

    private func fill<Word: WordType>(_ count: Int, _: Word.Type) {
        let target = unsafe words.assumingMemoryBound(to: Word.self)
        unsafe target.update(repeating: target[0], count: count)
    }

    private func expand(_ dictionary: VectorDictionary, byteWidth: Int, count: UInt32) {
        let table = unsafe dictionary.values.base
        switch byteWidth {
        case 1: unsafe drumlin_gather_u8(narrow, count, table, words)
        case 2: unsafe drumlin_gather_u16(narrow, count, table, words)
        case 4: unsafe drumlin_gather_u32(narrow, count, table, words)
        default: unsafe drumlin_gather_u64(narrow, count, table, words)
        }
        withExtendedLifetime(dictionary.values) {}
    }

    private func expand(_ frame: VectorFrame, byteWidth: Int, count: UInt32) {
        if frame.isSingle {
            expandSingle(frame, byteWidth: byteWidth, count: count)
        } else if frame.divisor != 1 || byteWidth == 8 && frame.isReal {
            expandDouble(frame, count: count)
        } else {
            expandIntegers(frame, byteWidth: byteWidth, count: count)
        }
    }

    private func expandIntegers(_ frame: VectorFrame, byteWidth: Int, count: UInt32) {
        switch byteWidth {
        case 1: narrowed(frame, count, UInt8.self)
        case 2: narrowed(frame, count, UInt16.self)
        case 4:
            unsafe drumlin_frame_i32(
                narrow, count, UInt32(truncatingIfNeeded: frame.base), UInt32(truncatingIfNeeded: frame.factor), words)
        default:
            unsafe drumlin_frame_i64(
                narrow, count, UInt64(bitPattern: frame.base), UInt64(bitPattern: frame.factor), words)
        }
    }

    private func narrowed<Word: WordType>(_ frame: VectorFrame, _ count: UInt32, _: Word.Type) {
        let target = unsafe words.assumingMemoryBound(to: Word.self)
        let (base, factor) = (Word(truncatingIfNeeded: frame.base), Word(truncatingIfNeeded: frame.factor))
        for i in 0..<Int(count) { unsafe target[i] = base &+ factor &* Word(truncatingIfNeeded: narrow[i]) }
    }

    private func expandDouble(_ frame: VectorFrame, count: UInt32) {
        if frame.factor == 1, let base = Int32(exactly: frame.base), Int32(exactly: frame.top) != nil {
            unsafe drumlin_frame_f64(narrow, count, UInt32(bitPattern: base), frame.divisor, words)
            return
        }
        expandIntegers(frame, byteWidth: 8, count: count)
        divide(byteWidth: 8, count: Int(count), divisor: frame.divisor, within: (frame.base, frame.top))
    }

    private func expandSingle(_ frame: VectorFrame, byteWidth: Int, count: UInt32) {
        let isWide = byteWidth == 8
        let fits = Self.isSingleExact((frame.base, frame.top), divisor: frame.divisor)
        if fits, frame.factor == 1 {
            unsafe drumlin_frame_f32(
                narrow, count, UInt32(truncatingIfNeeded: frame.base), Float(frame.divisor), words)
        } else {
            expandIntegers(frame, byteWidth: 4, count: count)
            divide(byteWidth: 4, count: Int(count), divisor: frame.divisor, within: (frame.base, frame.top))
        }
        if isWide { widen(count: Int(count)) }
    }

    /// Float32 in ``words`` to float64.
    func widen(count: Int) {
        unsafe narrow.update(from: words.assumingMemoryBound(to: UInt32.self), count: count)
        unsafe drumlin_double_f32(narrow, UInt32(count), words)
    }

    // MARK: Division

    /// Integers in ``words`` to the floats of as many bytes that are their quotients. Of `within`, both bounds of the
    /// integers, what is not known is found.
    func divide(byteWidth: Int, count: Int, divisor: Double, within: (low: Int64, high: Int64)? = nil) {
        unsafe Self.divide(words, byteWidth: byteWidth, count: count, divisor: divisor, within: within)
    }

    static func divide(
        _ values: UnsafeMutableRawPointer, byteWidth: Int, count: Int, divisor: Double,
        within: (low: Int64, high: Int64)? = nil
    ) {
        if byteWidth == 8 {
            let bounds = unsafe within ?? bounds64(values, count)
            if bounds.low > -(1 << 50), bounds.high < 1 << 50 {
                unsafe drumlin_divide_i64(values, UInt32(count), divisor)
                return
            }
            let words = unsafe values.assumingMemoryBound(to: UInt64.self)
            for i in 0..<count { unsafe words[i] = (Double(Int64(bitPattern: words[i])) / divisor).bitPattern }
        } else if unsafe isSingleExact(within ?? bounds32(values, count), divisor: divisor) {
            unsafe drumlin_divide_i24(values, UInt32(count), Float(divisor))
        } else {
            unsafe drumlin_divide_i32(values, UInt32(count), divisor)
        }
    }

    /// Whether dividing in single precision gives what dividing in double precision and rounding does: both operands are
    /// floats, and rounding a quotient of 24-bit numbers to 53 bits first never changes how it is then rounded to 24
    /// (S. A. Figueroa, 1995, "When is double rounding innocuous?").
    static func isSingleExact(_ bounds: (low: Int64, high: Int64), divisor: Double) -> Bool {
        bounds.low >= -(1 << 24) && bounds.high <= 1 << 24 && divisor <= 1e10
    }

    private static func bounds64(_ values: UnsafeRawPointer, _ count: Int) -> (low: Int64, high: Int64) {
        var result: (Int64, Int64) = (.max, .min)
        unsafe drumlin_extremes_i64(values, nil, UInt32(count), &result)
        return (result.0, result.1)
    }

    private static func bounds32(_ values: UnsafeRawPointer, _ count: Int) -> (low: Int64, high: Int64) {
        var result: (Int32, Int32) = (.max, .min)
        unsafe drumlin_extremes_i32(values, nil, UInt32(count), &result)
        return (Int64(result.0), Int64(result.1))
    }
}
