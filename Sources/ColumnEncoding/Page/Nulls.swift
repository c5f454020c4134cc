import ColumnFormat

/// Which rows are null, of a slice where at least one is.
@safe
struct Nulls {
    let input: FixedInput
    private let validity: UnsafePointer<UInt8>

    init?(_ slice: ColumnSlice) {
        guard let validity = unsafe slice.validityPointer else { return nil }
        var validCount = 0
        for i in 0..<slice.count { unsafe validCount &+= validity[i] != 0 ? 1 : 0 }
        guard validCount < slice.count else { return nil }
        unsafe self.validity = validity
        unsafe input = FixedInput(base: UnsafeRawPointer(validity), count: slice.count, shape: .bit)
    }

    /// `values` with each null row holding the valid value before it (the first valid one for those that lead): a
    /// zero would widen the range of its vector and break runs. The decoder puts the zeros back.
    func filling(_ values: FixedInput) -> FixedInput {
        guard let firstValid = (0..<values.count).first(where: { unsafe validity[$0] != 0 }) else { return values }
        let byteWidth = values.shape.byteWidth
        let buffer = RawBuffer(byteCapacity: values.byteCount)
        var source = unsafe values.base + firstValid * byteWidth
        for i in 0..<values.count {
            if unsafe validity[i] != 0 { unsafe source = values.base + i * byteWidth }
            unsafe (buffer.base + i * byteWidth).copyMemory(from: source, byteCount: byteWidth)
        }
        return FixedInput(buffer, count: values.count, shape: values.shape)
    }
}
