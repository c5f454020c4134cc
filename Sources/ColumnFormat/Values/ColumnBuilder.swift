/// Appends values to one column in memory and shows what is there as a ``ColumnSlice`` without copying.
///
/// One thread appends. Slices taken before an append stay as they were: an append writes only beyond their rows, or
/// into a new buffer where the old one is full. Appending costs O(1) amortized and allocates only when it doubles.
@safe
package final class ColumnBuilder {
    package let type: ColumnType
    package internal(set) var count = 0
    let width: Int
    var capacity: Int
    var values: RawBuffer
    var validity: RawBuffer?
    var heap: RawBuffer?
    var heapCount = 0

    package init(type: ColumnType, capacity: Int = 64) {
        self.type = type
        self.capacity = max(capacity, 16)
        width = type.byteWidth ?? 4
        values = RawBuffer(byteCapacity: (self.capacity + 1) * width)
        heap = type.isVariableLength ? RawBuffer(byteCapacity: self.capacity * 8) : nil
    }

    /// Bytes of memory that this column holds.
    package var byteCapacity: Int { values.byteCapacity + (validity?.byteCapacity ?? 0) + (heap?.byteCapacity ?? 0) }

    /// All rows appended so far.
    package func snapshot() -> ColumnSlice {
        ColumnSlice(type: type, start: 0, count: count, values: values, heap: heap, validity: validity)
    }

    // MARK: Appending

    /// Appends one value whose layout is the type's.
    @inline(__always)
    package func append<T: BitwiseCopyable>(_ value: T) {
        assert(MemoryLayout<T>.size == width && !type.isVariableLength)
        if count == capacity { grow() }
        unsafe (values.base + count &* width).assumingMemoryBound(to: T.self).pointee = value
        markValid()
    }

    /// Appends one value of fixed width from its little-endian bytes, which need not be aligned.
    package func append(fixedBytes source: UnsafeRawPointer) {
        assert(!type.isVariableLength)
        if count == capacity { grow() }
        unsafe (values.base + count &* width).copyMemory(from: source, byteCount: width)
        markValid()
    }

    /// Appends text or bytes. A column holds at most 4 GiB of them: check ``canAppend(byteCount:)`` first.
    package func append(bytes: UnsafeRawBufferPointer) {
        assert(type.isVariableLength)
        if count == capacity { grow() }
        reserveHeap(bytes.count)
        if let source = bytes.baseAddress {
            unsafe (heap!.base + heapCount).copyMemory(from: source, byteCount: bytes.count)
            heapCount += bytes.count
        }
        unsafe (values.base.assumingMemoryBound(to: UInt32.self))[count + 1] = UInt32(heapCount)
        markValid()
    }

    package func canAppend(byteCount: Int) -> Bool { heapCount + byteCount <= Int(UInt32.max) }

    package func append(string: String) {
        var copy = string
        copy.withUTF8 { unsafe append(bytes: UnsafeRawBufferPointer($0)) }
    }

    package func appendNull() {
        if count == capacity { grow() }
        if validity == nil {
            let fresh = RawBuffer(byteCapacity: capacity)
            unsafe fresh.base.initializeMemory(as: UInt8.self, repeating: 1, count: count)
            validity = fresh
        }
        if type.isVariableLength {
            unsafe (values.base.assumingMemoryBound(to: UInt32.self))[count + 1] = UInt32(heapCount)
        } else {
            unsafe (values.base + count * width).initializeMemory(as: UInt8.self, repeating: 0, count: width)
        }
        unsafe validity!.base.storeBytes(of: 0, toByteOffset: count, as: UInt8.self)
        count += 1
    }

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

    // MARK: Room

    private func appendExactly<T: BitwiseCopyable>(_ value: T?) -> Bool {
        guard let value else { return false }
        append(value)
        return true
    }

    @inline(__always)
    private func markValid() {
        if let validity { unsafe validity.base.storeBytes(of: 1, toByteOffset: count, as: UInt8.self) }
        count &+= 1
    }

    func grow(to minimumCapacity: Int = 0) {
        let doubled = max(capacity * 2, minimumCapacity)
        values = copy(of: values, byteCount: (count + 1) * width, byteCapacity: (doubled + 1) * width)
        if let old = validity { validity = copy(of: old, byteCount: count, byteCapacity: doubled) }
        capacity = doubled
    }

    func reserveHeap(_ byteCount: Int) {
        precondition(canAppend(byteCount: byteCount), "a text column holds at most 4 GiB in memory")
        guard let old = heap, heapCount + byteCount > old.byteCapacity else { return }
        heap = copy(of: old, byteCount: heapCount, byteCapacity: max(heapCount + byteCount, old.byteCapacity * 2))
    }

    private func copy(of old: RawBuffer, byteCount: Int, byteCapacity: Int) -> RawBuffer {
        let fresh = RawBuffer(byteCapacity: byteCapacity)
        unsafe fresh.base.copyMemory(from: old.base, byteCount: min(byteCount, old.byteCapacity))
        return fresh
    }
}
