/// Zeros in place of null values, as ``ColumnSlice`` wants them.
enum NullFilling {
    static func clear(
        _ values: UnsafeMutableRawPointer, count: Int, byteWidth: Int, validity: UnsafePointer<UInt8>
    ) {
        switch byteWidth {
        case 1: unsafe clear(values.assumingMemoryBound(to: UInt8.self), count, validity)
        case 2: unsafe clear(values.assumingMemoryBound(to: UInt16.self), count, validity)
        case 4: unsafe clear(values.assumingMemoryBound(to: UInt32.self), count, validity)
        case 8: unsafe clear(values.assumingMemoryBound(to: UInt64.self), count, validity)
        default:
            for i in 0..<count where unsafe validity[i] == 0 {
                unsafe (values + i &* byteWidth).initializeMemory(as: UInt8.self, repeating: 0, count: byteWidth)
            }
        }
    }

    private static func clear<Word: WordType>(
        _ values: UnsafeMutablePointer<Word>, _ count: Int, _ validity: UnsafePointer<UInt8>
    ) {
        // A mask instead of a branch: nulls come in no order that a processor could guess.
        for i in 0..<count { unsafe values[i] &= 0 &- Word(truncatingIfNeeded: validity[i] & 1) }
    }
}
