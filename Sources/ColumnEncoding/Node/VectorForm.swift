package import ColumnFormat

/// How a ``VectorBuffer`` holds the values of one vector: decoded, or in a form in which they are cheaper to add, compare
/// and count.
package enum VectorForm {
    /// Every row has the one value that ``VectorBuffer/words`` begins with.
    case constant
    /// ``VectorBuffer/words`` holds the values as they are in memory.
    case words
    /// ``VectorBuffer/narrow`` holds unsigned words, from which the frame makes values in the same order.
    case frame(VectorFrame)
    /// ``VectorBuffer/narrow`` holds a number below ``VectorDictionary/count`` for each row.
    case codes(VectorDictionary)
}

/// value = (base + factor · word) ÷ divisor, a function that never decreases with the word. Nothing wraps.
package struct VectorFrame {
    /// The integer of word 0.
    package var base: Int64
    /// At least 1.
    package var factor: Int64
    /// No word is greater.
    package var highest: UInt32
    /// A power of ten where the values are decimals, else 1 and the values are integers.
    package var divisor: Double
    /// The values are floats, also where the divisor is 1.
    package var isReal: Bool
    /// The quotient is rounded to float32, and then widened where the column is float64.
    package var isSingle: Bool

    /// A frame of integers; nil where one may exceed `limit`, the greatest of its type.
    init?(base: Int64, factor: Int64 = 1, highest: UInt32, limit: Int64) {
        let (step, overflow) = factor.multipliedReportingOverflow(by: Int64(highest))
        guard factor >= 1, !overflow, base <= limit else { return nil }
        let (top, carry) = base.addingReportingOverflow(step)
        guard !carry, top <= limit else { return nil }
        self.base = base
        self.factor = factor
        self.highest = highest
        divisor = 1
        isReal = false
        isSingle = false
    }

    /// A frame above a base that is given by its bits, zero-extended; nil where the shape holds no integers, or one may
    /// exceed its greatest.
    init?(bits: UInt64, shape: FixedShape, highest: UInt32) {
        let shift = Int64(64 - shape.bitWidth)
        switch shape.kind {
        case .signed:
            self.init(base: (Int64(bitPattern: bits) << shift) >> shift, highest: highest, limit: Int64.max >> shift)
        case .unsigned:
            guard let base = Int64(exactly: bits) else { return nil }
            self.init(base: base, highest: highest, limit: shift == 0 ? Int64.max : (1 << (64 - shift)) - 1)
        case .float, .bit, .block: return nil
        }
    }

    /// Whether every value is that of one division in single precision: see ``VectorBuffer``.
    package var isSingleDivision: Bool {
        isSingle && factor == 1 && VectorBuffer.isSingleExact((base, top), divisor: divisor)
    }

    /// The greatest integer.
    package var top: Int64 { base &+ factor &* Int64(highest) }

    /// The words whose integers lie in `range`; nil where there are none.
    package func words(within range: ClosedRange<Int64>) -> ClosedRange<UInt32>? {
        guard range.lowerBound <= top, range.upperBound >= base else { return nil }
        let low = max(range.lowerBound, base) - base
        let high = min(range.upperBound, top) - base
        let first = factor == 1 ? low : low / factor + (low % factor == 0 ? 0 : 1)
        let last = factor == 1 ? high : high / factor
        return first <= last ? UInt32(first)...UInt32(last) : nil
    }
}

/// The distinct values that the codes of a vector stand for.
@safe
package struct VectorDictionary {
    /// The values as they are in memory; codes below ``count`` may be looked up.
    package let values: RawBuffer
    package let count: Int
}
