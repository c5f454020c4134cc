internal import CDrumlinShims
import ColumnFormat

/// Computes the values that a relation gives, up to 1,024 rows at a time. Encoder and decoder both use it, so that what was
/// verified when a page was written is what comes out of it.
///
/// How a source is read:
///
/// - its *integer*: an integer or bool as it is, modulo 2^64;
/// - its *digits* with exponent e: of a float, x · 10^e in double precision, rounded to the nearest integer, of two equally
///   near ones the even; 0 where that is NaN or not below 2^50 in magnitude; of others the integer;
/// - its *number*: a float as it is, widened; of others the integer as a signed one, rounded to double precision.
struct RelationEvaluator {
    private let form: Relation.Form
    private let target: FixedShape
    private let sources: [FixedShape]
    private let isSingle: Bool
    /// Of ``Relation/Form/steps(_:)``.
    private let steps: StepsTable?

    init(_ relation: Relation, target: FixedShape, sources: [FixedShape]) {
        form = relation.form
        self.target = target
        self.sources = sources
        isSingle =
            sources.count == 2 && target.byteWidth == 4
            && sources.allSatisfy { $0.kind == .float && $0.byteWidth == 4 }
        if case .steps(let steps) = relation.form {
            self.steps = StepsTable(steps, target)
        } else {
            steps = nil
        }
    }

    /// Writes up to 1,024 values to `destination`. `values` are the sources' rows; `residual` is what the rows store of
    /// their own, where the form has it.
    func evaluate(
        _ values: UnsafePointer<UnsafeRawPointer>, residual: UnsafeRawPointer?, count: Int,
        into destination: UnsafeMutableRawPointer, scratch: VectorScratch
    ) {
        let room = unsafe scratch.take()
        defer { scratch.giveBack(1) }
        switch form {
        case .sum(let sum):
            let totals = unsafe room.assumingMemoryBound(to: Int64.self)
            unsafe add(sum, values, residual, count, totals)
            unsafe IntegerStoring.store(totals, count, dividedBy: sum.divisor, as: target, to: destination)
        case .arithmetic(.same):
            let numbers = unsafe room.assumingMemoryBound(to: Double.self)
            unsafe SourceReading.numbers(values[0], sources[0], count, to: numbers)
            unsafe IntegerStoring.store(numbers, count, as: target, to: destination)
        case .arithmetic(let operation):
            let code = UInt32(operation.rawValue)
            if isSingle {
                // float32 of float32 without the way through doubles gives the same bits: a double has more than twice the
                // digits of a float32 and two more, so that its rounding never shows in the second one (NaN apart, which
                // nobody relies on).
                unsafe drumlin_arithmetic_f32(code, values[0], values[1], UInt32(count), destination)
            } else {
                let numbers = unsafe room.assumingMemoryBound(to: Double.self)
                unsafe operate(code, values, count, numbers, scratch)
                unsafe IntegerStoring.store(numbers, count, as: target, to: destination)
            }
        case .ratio(let ratio):
            guard let stored = unsafe residual else { return }
            let numbers = unsafe room.assumingMemoryBound(to: Double.self)
            unsafe divide(ratio, values[0], stored, count, numbers)
            unsafe IntegerStoring.store(numbers, count, as: target, to: destination)
        case .steps:
            guard let steps else { return }
            let codes = unsafe scratch.take().assumingMemoryBound(to: UInt32.self)
            defer { scratch.giveBack(1) }
            unsafe number(of: values[0], in: steps, count, room, to: codes)
            unsafe steps.lookUp(UnsafePointer(codes), count, to: destination)
        case .period(let period):
            var times = unsafe values[0].assumingMemoryBound(to: Int64.self)
            if sources[0].byteWidth < 8 {
                let integers = unsafe room.assumingMemoryBound(to: Int64.self)
                unsafe integers.update(repeating: 0, count: count)
                unsafe SourceReading.addDigits(values[0], sources[0], Relation.Sum.Term(), count, to: integers)
                unsafe times = UnsafePointer(integers)
            }
            let numbers = unsafe scratch.take().assumingMemoryBound(to: Double.self)
            defer { scratch.giveBack(1) }
            unsafe PeriodKernel.place(times, count, in: period, as: target, room: numbers, to: destination)
        }
    }

    /// The steps of a relation of that form, and the number of each row's step in `codes`; nil where it has another form.
    func steps(
        of values: UnsafeRawPointer, _ count: Int, to codes: UnsafeMutablePointer<UInt32>, scratch: VectorScratch
    ) -> StepsTable? {
        guard let steps else { return nil }
        let room = unsafe scratch.take()
        defer { scratch.giveBack(1) }
        unsafe number(of: values, in: steps, count, room, to: codes)
        return steps
    }

    private func number(
        of values: UnsafeRawPointer, in steps: StepsTable, _ count: Int, _ room: UnsafeMutableRawPointer,
        to codes: UnsafeMutablePointer<UInt32>
    ) {
        let numbers = unsafe room.assumingMemoryBound(to: Double.self)
        unsafe SourceReading.numbers(values, sources[0], count, to: numbers)
        unsafe steps.numbers(of: UnsafePointer(numbers), count, to: codes)
    }

    private func add(
        _ sum: Relation.Sum, _ values: UnsafePointer<UnsafeRawPointer>, _ residual: UnsafeRawPointer?, _ count: Int,
        _ totals: UnsafeMutablePointer<Int64>
    ) {
        unsafe totals.update(repeating: sum.constant, count: count)
        for (i, term) in sum.terms.enumerated() {
            unsafe SourceReading.addDigits(values[i], sources[i], term, count, to: totals)
        }
        if sum.hasResidual, let residual = unsafe residual {
            let shape = FixedShape(kind: .signed, byteWidth: 8)
            unsafe SourceReading.addDigits(residual, shape, Relation.Sum.Term(), count, to: totals)
        }
        if sum.isAbsolute { unsafe Self.makeAbsolute(totals, count) }
    }

    static func makeAbsolute(_ totals: UnsafeMutablePointer<Int64>, _ count: Int) {
        for i in 0..<count {
            let sign = unsafe totals[i] &>> 63
            unsafe totals[i] = (totals[i] ^ sign) &- sign
        }
    }

    private func operate(
        _ operation: UInt32, _ values: UnsafePointer<UnsafeRawPointer>, _ count: Int,
        _ numbers: UnsafeMutablePointer<Double>, _ scratch: VectorScratch
    ) {
        let other = unsafe scratch.take().assumingMemoryBound(to: Double.self)
        defer { scratch.giveBack(1) }
        unsafe SourceReading.numbers(values[0], sources[0], count, to: numbers)
        unsafe SourceReading.numbers(values[1], sources[1], count, to: other)
        unsafe drumlin_arithmetic_f64(operation, numbers, other, UInt32(count), numbers)
    }

    private func divide(
        _ ratio: Relation.Ratio, _ values: UnsafeRawPointer, _ stored: UnsafeRawPointer, _ count: Int,
        _ numbers: UnsafeMutablePointer<Double>
    ) {
        if let exponent = ratio.exponent {
            unsafe SourceReading.roundedDigits(values, sources[0], exponent, count, to: numbers)
        } else {
            unsafe SourceReading.numbers(values, sources[0], count, to: numbers)
        }
        let power = DecimalNode.powers[ratio.exponent ?? 0]
        let factors = unsafe stored.assumingMemoryBound(to: Int32.self)
        if ratio.isProduct {
            unsafe drumlin_product(numbers, factors, UInt32(count), power)
        } else {
            unsafe drumlin_quotient(numbers, factors, UInt32(count), power)
        }
    }
}
