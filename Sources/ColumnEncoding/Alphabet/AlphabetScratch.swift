/// Memory for one vector on its way from numbers to texts.
@safe
final class AlphabetScratch {
    let numbers: UnsafeMutablePointer<UInt64>
    let fractions: UnsafeMutablePointer<UInt64>
    /// For each text how many optional bytes it has; nil where none are optional.
    let optionalCounts: UnsafeMutablePointer<UInt16>?
    /// Room for the texts of a vector, all of the longest one's length, and for a step of copying beyond them.
    let texts: UnsafeMutableRawPointer

    init(_ plan: AlphabetPlan) {
        let rowCount = PageLimits.vectorRowCount
        unsafe numbers = .allocate(capacity: rowCount)
        unsafe fractions = .allocate(capacity: rowCount)
        unsafe optionalCounts = plan.optional.isEmpty ? nil : .allocate(capacity: rowCount)
        unsafe texts = .allocate(byteCount: rowCount * plan.length + 2 * TextDecoding.slack, alignment: 16)
    }

    deinit {
        unsafe numbers.deallocate()
        unsafe fractions.deallocate()
        unsafe optionalCounts?.deallocate()
        unsafe texts.deallocate()
    }

    func clearCounts(_ count: Int) { unsafe optionalCounts?.update(repeating: 0, count: count) }

    /// Moves `count` of the texts together, without nulls and missing bytes, and writes their ends, the first text beginning
    /// at `start`; the bytes that there are.
    func close(
        _ count: Int, _ plan: AlphabetPlan, _ validity: UnsafePointer<UInt8>?, to heap: UnsafeMutableRawPointer,
        ends: UnsafeMutablePointer<UInt32>, start: Int
    ) -> Int {
        let prefix = plan.optional.lowerBound
        var position = 0
        var text = unsafe UnsafeRawPointer(texts)
        for i in 0..<count {
            let isValid = unsafe validity.map { unsafe $0[i] != 0 } ?? true
            if isValid {
                let byteCount = unsafe plan.requiredCount &+ Int(optionalCounts?[i] ?? 0)
                let target = unsafe heap + position
                let missing = plan.length &- byteCount
                unsafe TextDecoding.copy(text, to: target, byteCount: prefix)
                unsafe TextDecoding.copy(
                    text + (prefix &+ missing), to: target + prefix, byteCount: byteCount &- prefix)
                position &+= byteCount
            }
            unsafe ends[i] = UInt32(truncatingIfNeeded: start &+ position)
            unsafe text += plan.length
        }
        return position
    }
}
