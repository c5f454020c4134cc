/// A pointer to the state of a ``ColumnBuilder``: appends and reads single values without touching a reference count.
///
/// Valid as long as the builder that it came from.
@safe
package struct ColumnCursor {
    @safe
    struct State {
        var count = 0
        var capacity: Int
        let width: Int
        let isFilledSlowly: Bool
        /// Many rows come at once, as long as this is so.
        var wantsLargePages = false
        var values: RawBuffer
        var validity: RawBuffer?
        var heap: RawBuffer?
        var heapCount = 0
        /// Where the buffers begin, so that a value's place is found without loading an object.
        var valuesBase: UnsafeMutableRawPointer
        var validityBase: UnsafeMutableRawPointer?
        var heapBase: UnsafeMutableRawPointer?
    }

    let state: UnsafeMutablePointer<State>

    init(type: ColumnType, capacity: Int, heapByteCapacity: Int, isFilledSlowly: Bool) {
        let width = type.byteWidth ?? 4
        let values = RawBuffer(byteCapacity: (capacity + 1) * width, isFilledSlowly: isFilledSlowly)
        let heap =
            type.isVariableLength ? RawBuffer(byteCapacity: heapByteCapacity, isFilledSlowly: isFilledSlowly) : nil
        unsafe state = .allocate(capacity: 1)
        unsafe state.initialize(
            to: State(
                capacity: capacity, width: width, isFilledSlowly: isFilledSlowly, values: values, heap: heap,
                valuesBase: values.base, heapBase: heap?.base))
    }

    func deallocate() {
        unsafe state.deinitialize(count: 1)
        unsafe state.deallocate()
    }

    package var count: Int { unsafe state.pointee.count }
    package var heapCount: Int { unsafe state.pointee.heapCount }

    package var byteCapacity: Int {
        unsafe state.pointee.values.byteCapacity + (state.pointee.validity?.byteCapacity ?? 0)
            + (state.pointee.heap?.byteCapacity ?? 0)
    }

    package func snapshot(type: ColumnType) -> ColumnSlice {
        unsafe ColumnSlice(
            type: type, start: 0, count: state.pointee.count, values: state.pointee.values, heap: state.pointee.heap,
            validity: state.pointee.validity)
    }

    // MARK: Appending

    @inline(__always)
    package func append<T: BitwiseCopyable>(_ value: T) {
        if unsafe state.pointee.count == state.pointee.capacity { grow() }
        unsafe state.pointee.valuesBase.storeBytes(
            of: value, toByteOffset: state.pointee.count &* MemoryLayout<T>.size, as: T.self)
        markValid()
    }

    package func append(fixedBytes source: UnsafeRawPointer) {
        if unsafe state.pointee.count == state.pointee.capacity { grow() }
        let width = unsafe state.pointee.width
        unsafe (state.pointee.valuesBase + state.pointee.count &* width).copyMemory(from: source, byteCount: width)
        markValid()
    }

    package func append(bytes: UnsafeRawBufferPointer) {
        if unsafe state.pointee.count == state.pointee.capacity { grow() }
        reserveHeap(bytes.count)
        if let source = bytes.baseAddress {
            unsafe (state.pointee.heapBase! + state.pointee.heapCount).copyMemory(
                from: source, byteCount: bytes.count)
            unsafe state.pointee.heapCount &+= bytes.count
        }
        unsafe state.pointee.valuesBase.storeBytes(
            of: UInt32(state.pointee.heapCount), toByteOffset: (state.pointee.count &+ 1) &* 4, as: UInt32.self)
        markValid()
    }

    package func appendNull(isVariableLength: Bool) {
        if unsafe state.pointee.count == state.pointee.capacity { grow() }
        if unsafe state.pointee.validity == nil { makeValidity() }
        let count = unsafe state.pointee.count
        if isVariableLength {
            unsafe state.pointee.valuesBase.storeBytes(
                of: UInt32(state.pointee.heapCount), toByteOffset: (count &+ 1) &* 4, as: UInt32.self)
        } else {
            let width = unsafe state.pointee.width
            unsafe (state.pointee.valuesBase + count &* width).initializeMemory(
                as: UInt8.self, repeating: 0, count: width)
        }
        unsafe state.pointee.validityBase!.storeBytes(of: 0, toByteOffset: count, as: UInt8.self)
        unsafe state.pointee.count &+= 1
    }

    @inline(__always)
    private func markValid() {
        if let validity = unsafe state.pointee.validityBase {
            unsafe validity.storeBytes(of: 1, toByteOffset: state.pointee.count, as: UInt8.self)
        }
        unsafe state.pointee.count &+= 1
    }

    // MARK: Reading

    package func isNull(at row: Int) -> Bool {
        guard let validity = unsafe state.pointee.validityBase else { return false }
        return unsafe validity.load(fromByteOffset: row, as: UInt8.self) == 0
    }

    /// The value of a row whose type is laid out as `T`.
    @inline(__always)
    func load<T: BitwiseCopyable>(_ row: Int, as _: T.Type) -> T {
        unsafe state.pointee.valuesBase.load(fromByteOffset: row &* MemoryLayout<T>.size, as: T.self)
    }

    /// The value of a row of a float64 column.
    package func double(at row: Int) -> Double { load(row, as: Double.self) }

    /// The value of a row of a column of integers, times or bools.
    package func int64(at row: Int, type: ColumnType) -> Int64 {
        switch type {
        case .bool, .uint8: Int64(load(row, as: UInt8.self))
        case .int8: Int64(load(row, as: Int8.self))
        case .int16: Int64(load(row, as: Int16.self))
        case .int32: Int64(load(row, as: Int32.self))
        case .int64, .timestamp: load(row, as: Int64.self)
        case .uint16: Int64(load(row, as: UInt16.self))
        case .uint32: Int64(load(row, as: UInt32.self))
        case .uint64: Int64(bitPattern: load(row, as: UInt64.self))
        case .float32, .float64, .string, .bytes, .uuid, .vector: 0
        }
    }

    /// The bytes by which a value is indexed and compared: the text, or the value as it lies in memory.
    package func keyBytes(at row: Int, isVariableLength: Bool) -> UnsafeRawBufferPointer {
        guard isVariableLength else {
            let width = unsafe state.pointee.width
            return unsafe UnsafeRawBufferPointer(start: state.pointee.valuesBase + row &* width, count: width)
        }
        let from = Int(load(row, as: UInt32.self))
        let to = Int(load(row &+ 1, as: UInt32.self))
        guard to > from, let heap = unsafe state.pointee.heapBase else {
            return unsafe UnsafeRawBufferPointer(start: nil, count: 0)
        }
        return unsafe UnsafeRawBufferPointer(start: heap + from, count: to &- from)
    }

    // MARK: Room

    func reserve(rowCount: Int) {
        let needed = unsafe state.pointee.count + rowCount
        if unsafe needed > state.pointee.capacity { grow(to: needed) }
    }

    func reserveHeap(_ byteCount: Int) {
        guard let old = unsafe state.pointee.heap?.byteCapacity else { return }
        let count = unsafe state.pointee.heapCount
        precondition(count + byteCount <= Int(UInt32.max), "a text column holds at most 4 GiB in memory")
        if count + byteCount > old { growHeap(keeping: count, to: count + byteCount) }
    }

    func makeValidity() {
        let validity = unsafe RawBuffer(
            byteCapacity: state.pointee.capacity, isFilledSlowly: state.pointee.isFilledSlowly)
        unsafe validity.base.initializeMemory(as: UInt8.self, repeating: 1, count: state.pointee.count)
        unsafe state.pointee.validity = validity
        unsafe state.pointee.validityBase = validity.base
    }

    private func grow(to needed: Int = 0) {
        let count = unsafe state.pointee.count
        let width = unsafe state.pointee.width
        let capacity = unsafe max(needed, state.pointee.capacity * 2)
        let isFilledSlowly = unsafe state.pointee.isFilledSlowly
        unsafe Self.grow(
            &state.pointee.values, isFilledSlowly, keeping: (count + 1) * width, to: (capacity + 1) * width)
        unsafe state.pointee.valuesBase = state.pointee.values.base
        if unsafe state.pointee.validity != nil {
            unsafe Self.grow(&state.pointee.validity!, isFilledSlowly, keeping: count, to: capacity)
            unsafe state.pointee.validityBase = state.pointee.validity!.base
        }
        if unsafe state.pointee.wantsLargePages { wantLargePages(true) }
        unsafe state.pointee.capacity = capacity
    }

    static func grow(
        _ buffer: inout RawBuffer, _ isFilledSlowly: Bool, keeping byteCount: Int, to byteCapacity: Int
    ) {
        if isFilledSlowly {
            RawBuffer.grow(&buffer, keeping: byteCount, to: byteCapacity)
        } else {
            buffer = buffer.copy(keeping: byteCount, byteCapacity: byteCapacity)
        }
    }
}
