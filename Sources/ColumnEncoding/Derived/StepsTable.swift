internal import CDrumlinShims
import ColumnFormat

/// Steps as a kernel wants them: thresholds and values in memory of their own.
@safe
final class StepsTable: @unchecked Sendable {
    private let thresholds: RawBuffer
    private let thresholdCount: Int
    /// A value for each step, in the target's width.
    let values: RawBuffer
    let count: Int
    private let byteWidth: Int

    init(_ steps: Relation.Steps, _ shape: FixedShape) {
        thresholdCount = steps.thresholds.count
        count = steps.values.count
        byteWidth = shape.byteWidth
        thresholds = RawBuffer(byteCapacity: thresholdCount * 8)
        values = RawBuffer(byteCapacity: count * 8)
        let target = unsafe thresholds.base.assumingMemoryBound(to: Double.self)
        for (i, threshold) in steps.thresholds.enumerated() { unsafe target[i] = threshold }
        for (i, value) in steps.values.enumerated() { unsafe shape.store(value, at: i, in: values.base) }
    }

    /// The number of the step on which each number lies: how many thresholds are not above it, all where it is NaN.
    func numbers(
        of numbers: UnsafePointer<Double>, _ count: Int, to codes: UnsafeMutablePointer<UInt32>
    ) {
        let low = unsafe thresholds.base.assumingMemoryBound(to: Double.self)
        unsafe drumlin_steps_of_f64(numbers, UInt32(count), low, UInt32(thresholdCount), codes)
    }

    /// The values that belong to step numbers.
    func lookUp(_ codes: UnsafePointer<UInt32>, _ count: Int, to destination: UnsafeMutableRawPointer) {
        let rows = UInt32(count)
        let table = unsafe values.base
        switch byteWidth {
        case 1: unsafe drumlin_gather_u8(codes, rows, table, destination)
        case 2: unsafe drumlin_gather_u16(codes, rows, table, destination)
        case 4: unsafe drumlin_gather_u32(codes, rows, table, destination)
        default: unsafe drumlin_gather_u64(codes, rows, table, destination)
        }
    }
}
