internal import CDrumlinShims
import ColumnFormat

/// The three ways in which a relation reads a source: see ``RelationEvaluator``.
enum SourceReading {
    /// 1.5 · 2^52: a double below 2^51 in magnitude that it is added to and taken from is rounded to an integer, ties to even.
    static let rounding: Double = 6_755_399_441_055_744

    /// Adds coefficient · digits to `totals`.
    static func addDigits(
        _ values: UnsafeRawPointer, _ shape: FixedShape, _ term: Relation.Sum.Term, _ count: Int,
        to totals: UnsafeMutablePointer<Int64>
    ) {
        let factor = UInt64(bitPattern: term.coefficient)
        let count = UInt32(count)
        let totals = unsafe UnsafeMutableRawPointer(totals).assumingMemoryBound(to: UInt64.self)
        switch (shape.kind, shape.byteWidth) {
        case (.float, 4):
            unsafe drumlin_add_digits_f32(values, count, DecimalNode.powers[term.exponent], factor, totals)
        case (.float, _):
            unsafe drumlin_add_digits_f64(values, count, DecimalNode.powers[term.exponent], factor, totals)
        case (.signed, 1): unsafe drumlin_add_i8(values, count, factor, totals)
        case (.signed, 2): unsafe drumlin_add_i16(values, count, factor, totals)
        case (.signed, 4): unsafe drumlin_add_i32(values, count, factor, totals)
        case (_, 1): unsafe drumlin_add_u8(values, count, factor, totals)
        case (_, 2): unsafe drumlin_add_u16(values, count, factor, totals)
        case (_, 4): unsafe drumlin_add_u32(values, count, factor, totals)
        default: unsafe drumlin_add_i64(values, count, factor, totals)
        }
    }

    /// The digits, which are integers, as doubles.
    static func roundedDigits(
        _ values: UnsafeRawPointer, _ shape: FixedShape, _ exponent: Int, _ count: Int,
        to numbers: UnsafeMutablePointer<Double>
    ) {
        guard shape.kind == .float else { return unsafe Self.numbers(values, shape, count, to: numbers) }
        let power = DecimalNode.powers[exponent]
        if shape.byteWidth == 4 {
            unsafe drumlin_round_digits_f32(values, UInt32(count), power, numbers)
        } else {
            unsafe drumlin_round_digits_f64(values, UInt32(count), power, numbers)
        }
    }

    /// The numbers: floats widened, integers as signed ones.
    static func numbers(
        _ values: UnsafeRawPointer, _ shape: FixedShape, _ count: Int, to numbers: UnsafeMutablePointer<Double>
    ) {
        let rows = UInt32(count)
        switch (shape.kind, shape.byteWidth) {
        case (.float, 4): unsafe drumlin_double_f32(values, rows, numbers)
        case (.float, _): unsafe UnsafeMutableRawPointer(numbers).copyMemory(from: values, byteCount: count &* 8)
        case (.signed, 1): unsafe drumlin_double_i8(values, rows, numbers)
        case (.signed, 2): unsafe drumlin_double_i16(values, rows, numbers)
        case (.signed, 4): unsafe drumlin_double_i32(values, rows, numbers)
        case (_, 1): unsafe drumlin_double_u8(values, rows, numbers)
        case (_, 2): unsafe drumlin_double_u16(values, rows, numbers)
        case (_, 4): unsafe drumlin_double_u32(values, rows, numbers)
        default: unsafe drumlin_double_i64(values, rows, numbers)
        }
    }
}
