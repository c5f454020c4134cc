import ColumnFormat

/// The sampled rows of one column of a block, in the forms in which relations are looked for.
final class ColumnSample {
    /// The column's place in the block.
    let position: Int
    let type: ColumnType
    let shape: FixedShape
    /// The rows themselves; those that are null hold zeros.
    let slice: ColumnSlice
    /// The numbers: integers and floats as doubles.
    let numbers: [Double]
    /// What a sum counts in: value · 10^exponent of nearly all rows; nil where they are no decimals of a few digits.
    let digits: [Int64]?
    let exponent: Int
    /// Whether every sampled row holds the same.
    let isConstant: Bool

    /// More digits than these are hardly an amount that somebody wrote down.
    private static let highestExponent = 6

    init?(_ column: ColumnSlice, position: Int, runs: [Range<Int>]) {
        guard let shape = column.type.fixedShape, shape.isWord || shape.kind == .bit else { return nil }
        self.position = position
        type = column.type
        self.shape = shape
        let builder = ColumnBuilder(type: column.type, capacity: Sample.rowCount)
        for run in runs {
            builder.reserve(rowCount: run.count)
            unsafe builder.reservedValues.copyMemory(
                from: column.rawPointer(at: run.lowerBound), byteCount: run.count * shape.byteWidth)
            unsafe builder.commit(
                rowCount: run.count, validity: column.validityPointer.map { unsafe $0 + run.lowerBound })
        }
        slice = builder.snapshot()
        let values = unsafe slice.rawPointer(at: 0)
        let count = slice.count
        let scratch = RawBuffer(byteCapacity: (count + 15) / 8 * 64)
        let padded = RawBuffer(byteCapacity: (count + 16) * shape.byteWidth)
        unsafe padded.base.copyMemory(from: values, byteCount: count * shape.byteWidth)
        let doubles = unsafe scratch.base.assumingMemoryBound(to: Double.self)
        unsafe SourceReading.numbers(UnsafeRawPointer(padded.base), shape, count, to: doubles)
        let numbers = withExtendedLifetime((scratch, padded, slice)) { (0..<count).map { unsafe doubles[$0] } }
        self.numbers = numbers
        isConstant = unsafe ConstantNode.analyze(FixedInput(base: values, count: count, shape: shape))
        if shape.kind == .float {
            let found = Self.exponent(of: numbers, isSingle: shape.byteWidth == 4)
            exponent = found ?? 0
            digits = found.map { Self.digits(padded, shape, $0, count, scratch) }
        } else {
            exponent = 0
            digits = Self.digits(padded, shape, 0, count, scratch)
        }
    }

    private static func digits(
        _ values: RawBuffer, _ shape: FixedShape, _ exponent: Int, _ count: Int, _ scratch: RawBuffer
    ) -> [Int64] {
        let integers = unsafe scratch.base.assumingMemoryBound(to: Int64.self)
        unsafe integers.update(repeating: 0, count: (count + 7) / 8 * 8)
        unsafe SourceReading.addDigits(
            UnsafeRawPointer(values.base), shape, .init(exponent: exponent), count, to: integers)
        return withExtendedLifetime((values, scratch)) { (0..<count).map { unsafe integers[$0] } }
    }

    /// The fewest decimal places that give all but an eighth of the numbers bit for bit.
    private static func exponent(of numbers: [Double], isSingle: Bool) -> Int? {
        for exponent in 0...highestExponent {
            let power = DecimalNode.powers[exponent]
            var misses = 0
            for number in numbers {
                let isExact = isSingle ? Float(number).digits(power).isExact : number.digits(power).isExact
                misses += isExact ? 0 : 1
                if misses > numbers.count / 8 { break }
            }
            if misses <= numbers.count / 8 { return exponent }
        }
        return nil
    }
}
