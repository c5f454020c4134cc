/// Appends values to one column in memory and shows what is there as a ``ColumnSlice`` without copying.
///
/// One thread appends. Slices taken before an append stay as they were: an append writes only beyond their rows, or
/// into a new buffer where the old one is full. Appending costs O(1) amortized and allocates only when it doubles.
///
/// The state lies behind a pointer, ``ColumnCursor``, and not in the object: a row of many columns is then appended
/// without a reference count or an exclusivity check a value.
@safe
package final class ColumnBuilder {
    package let type: ColumnType
    /// The way to the column for loops over many columns; valid as long as the builder.
    package let cursor: ColumnCursor

    /// - Parameters:
    ///   - capacity: Rows there is room for from the start.
    ///   - heapByteCapacity: Bytes of text there is room for; eight a row where it is not said.
    ///   - isFilledSlowly: Rows come one by one, and none of them shall wait long: see ``RawBuffer``.
    package init(
        type: ColumnType, capacity: Int = 64, heapByteCapacity: Int? = nil, isFilledSlowly: Bool = false
    ) {
        self.type = type
        let capacity = max(capacity, 16)
        cursor = ColumnCursor(
            type: type, capacity: capacity, heapByteCapacity: heapByteCapacity ?? capacity * 8,
            isFilledSlowly: isFilledSlowly)
    }

    deinit { cursor.deallocate() }

    /// Rows appended so far.
    package var count: Int { cursor.count }

    /// Bytes of memory that this column holds.
    package var byteCapacity: Int { cursor.byteCapacity }

    /// All rows appended so far.
    package func snapshot() -> ColumnSlice { cursor.snapshot(type: type) }

    // MARK: Appending

    /// Appends one value whose layout is the type's.
    @inline(__always)
    package func append<T: BitwiseCopyable>(_ value: T) {
        assert(MemoryLayout<T>.size == type.byteWidth)
        cursor.append(value)
    }

    /// Appends one value of fixed width from its little-endian bytes, which need not be aligned.
    package func append(fixedBytes source: UnsafeRawPointer) {
        assert(!type.isVariableLength)
        unsafe cursor.append(fixedBytes: source)
    }

    /// Appends text or bytes. A column holds at most 4 GiB of them: check ``canAppend(byteCount:)`` first.
    package func append(bytes: UnsafeRawBufferPointer) {
        assert(type.isVariableLength)
        unsafe cursor.append(bytes: bytes)
    }

    package func canAppend(byteCount: Int) -> Bool { cursor.heapCount + byteCount <= Int(UInt32.max) }

    package func append(string: String) {
        var copy = string
        copy.withUTF8 { unsafe append(bytes: UnsafeRawBufferPointer($0)) }
    }

    package func appendNull() { cursor.appendNull(isVariableLength: type.isVariableLength) }

    /// Appends every row of `slice`, which has this column's type.
    package func append(contentsOf slice: ColumnSlice) {
        precondition(slice.type == type, "\(slice.type.name) values for a \(type.name) column")
        for i in 0..<slice.count {
            if slice.isNull(i) {
                appendNull()
            } else if type.isVariableLength {
                unsafe append(bytes: slice.variableBytes(at: i))
            } else {
                unsafe append(fixedBytes: slice.rawPointer(at: i))
            }
        }
    }

    /// Appends a boxed value; false where it does not fit the type, and then nothing is appended.
    package func append(value: Value) -> Bool {
        switch (type, value) {
        case (_, .null): appendNull()
        case (.bool, .bool(let v)): append(v ? 1 : 0 as UInt8)
        case (.int8, .int(let v)): return appendExactly(Int8(exactly: v))
        case (.int16, .int(let v)): return appendExactly(Int16(exactly: v))
        case (.int32, .int(let v)): return appendExactly(Int32(exactly: v))
        case (.int64, .int(let v)): append(v)
        case (.uint8, .uint(let v)): return appendExactly(UInt8(exactly: v))
        case (.uint16, .uint(let v)): return appendExactly(UInt16(exactly: v))
        case (.uint32, .uint(let v)): return appendExactly(UInt32(exactly: v))
        case (.uint64, .uint(let v)): append(v)
        case (.uint8, .int(let v)): return appendExactly(UInt8(exactly: v))
        case (.uint16, .int(let v)): return appendExactly(UInt16(exactly: v))
        case (.uint32, .int(let v)): return appendExactly(UInt32(exactly: v))
        case (.uint64, .int(let v)): return appendExactly(UInt64(exactly: v))
        case (.float32, .float32(let v)): append(v)
        case (.float32, .float64(let v)): append(Float(v))
        case (.float32, .int(let v)): append(Float(v))
        case (.float64, .float64(let v)): append(v)
        case (.float64, .float32(let v)): append(Double(v))
        case (.float64, .int(let v)): append(Double(v))
        case (.timestamp, .timestamp(let v)): append(v.microseconds)
        case (.string, .string(let v)): append(string: v)
        case (.bytes, .bytes(let v)): unsafe v.withUnsafeBytes { unsafe append(bytes: $0) }
        case (.uuid, .uuid(let v)):
            guard v.count == 16 else { return false }
            unsafe v.withUnsafeBytes { unsafe append(fixedBytes: $0.baseAddress!) }
        case (.vector(let dimension), .vector(let v)):
            guard v.count == dimension else { return false }
            unsafe v.withUnsafeBytes { unsafe append(fixedBytes: $0.baseAddress!) }
        default: return false
        }
        return true
    }

    private func appendExactly<T: BitwiseCopyable>(_ value: T?) -> Bool {
        guard let value else { return false }
        append(value)
        return true
    }
}
