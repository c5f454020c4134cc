internal import CDrumlinShims
import ColumnFormat

/// Turns the numbers that a relation computes into values of its target.
enum IntegerStoring {
    /// Integers as they are, cut to the target's width; as floats, rounded to double and then to the target.
    static func store(
        _ integers: UnsafeMutablePointer<Int64>, _ count: Int, dividedBy divisor: Int64 = 1, as shape: FixedShape,
        to destination: UnsafeMutableRawPointer
    ) {
        if shape.kind == .float {
            unsafe toDoubles(integers, count, dividedBy: divisor)
            let numbers = unsafe UnsafeMutableRawPointer(integers).assumingMemoryBound(to: Double.self)
            return unsafe store(numbers, count, as: shape, to: destination)
        }
        if divisor != 1 {
            for i in 0..<count { unsafe integers[i] = integers[i].flooredQuotient(by: divisor) }
        }
        switch shape.byteWidth {
        case 1: unsafe cut(integers, count, to: destination, as: UInt8.self)
        case 2: unsafe cut(integers, count, to: destination, as: UInt16.self)
        case 4: unsafe cut(integers, count, to: destination, as: UInt32.self)
        default: unsafe destination.copyMemory(from: integers, byteCount: count &* 8)
        }
    }

    @inline(__always)
    private static func cut<Word: WordType>(
        _ integers: UnsafeMutablePointer<Int64>, _ count: Int, to destination: UnsafeMutableRawPointer, as _: Word.Type
    ) {
        let target = unsafe destination.assumingMemoryBound(to: Word.self)
        for i in 0..<count { unsafe target[i] = Word(truncatingIfNeeded: integers[i]) }
    }

    /// In place. Integers below 2^50 in magnitude take the short way through the bits of a double.
    private static func toDoubles(_ integers: UnsafeMutablePointer<Int64>, _ count: Int, dividedBy divisor: Int64) {
        var extremes: (Int64, Int64) = (.max, .min)
        unsafe drumlin_extremes_i64(integers, nil, UInt32(count), &extremes)
        if extremes.0 > -(1 << 50), extremes.1 < 1 << 50 {
            return unsafe drumlin_divide_i64(integers, UInt32(count), Double(divisor))
        }
        let numbers = unsafe UnsafeMutableRawPointer(integers).assumingMemoryBound(to: Double.self)
        for i in 0..<count {
            let number = unsafe Double(integers[i])
            unsafe numbers[i] = divisor == 1 ? number : number / Double(divisor)
        }
    }

    /// Whole numbers below 2^51 in magnitude, in place where the target holds integers.
    static func store(
        whole numbers: UnsafeMutablePointer<Double>, _ count: Int, as shape: FixedShape,
        to destination: UnsafeMutableRawPointer
    ) {
        if shape.kind == .float { return unsafe store(numbers, count, as: shape, to: destination) }
        let integers = unsafe UnsafeMutableRawPointer(numbers).assumingMemoryBound(to: Int64.self)
        let rounding = Int64(bitPattern: SourceReading.rounding.bitPattern)
        for i in 0..<count {
            unsafe integers[i] =
                Int64(
                    bitPattern: (Double(bitPattern: UInt64(bitPattern: integers[i])) + SourceReading.rounding)
                        .bitPattern)
                &- rounding
        }
        unsafe store(integers, count, as: shape, to: destination)
    }

    /// Doubles as they are, or rounded to float32. Only for float targets.
    static func store(
        _ numbers: UnsafeMutablePointer<Double>, _ count: Int, as shape: FixedShape,
        to destination: UnsafeMutableRawPointer
    ) {
        if shape.byteWidth == 4 {
            unsafe drumlin_single_f64(numbers, UInt32(count), destination)
        } else {
            unsafe destination.copyMemory(from: numbers, byteCount: count &* 8)
        }
    }
}
