extension ColumnSlice {
    /// The same rows in a wider type (``ColumnType/widens(to:)``), copied.
    package func widened(to wider: ColumnType) -> ColumnSlice {
        precondition(type.widens(to: wider), "\(type.name) does not widen to \(wider.name)")
        let values = RawBuffer(byteCapacity: (count + 1) * (wider.byteWidth ?? 8))
        switch type {
        case .int8: convert(from: Int8.self, to: wider, values)
        case .int16: convert(from: Int16.self, to: wider, values)
        case .int32: convert(from: Int32.self, to: wider, values)
        case .uint8: convert(from: UInt8.self, to: wider, values)
        case .uint16: convert(from: UInt16.self, to: wider, values)
        case .uint32: convert(from: UInt32.self, to: wider, values)
        default:
            let (from, to) = unsafe (pointer(as: Float.self), values.base.assumingMemoryBound(to: Double.self))
            for i in 0..<count { unsafe to[i] = Double(from[i]) }
        }
        return ColumnSlice(
            type: wider, start: 0, count: count, values: values, heap: nil, validity: copiedValidity())
    }

    /// `count` nulls of a type.
    package static func nulls(_ count: Int, type: ColumnType) -> ColumnSlice {
        ColumnSlice(
            type: type, start: 0, count: count, values: RawBuffer(byteCapacity: (count + 1) * (type.byteWidth ?? 4)),
            heap: type.isVariableLength ? RawBuffer(byteCapacity: 0) : nil, validity: RawBuffer(byteCapacity: count))
    }

    private func copiedValidity() -> RawBuffer? {
        guard let source = unsafe validityPointer else { return nil }
        let copy = RawBuffer(byteCapacity: count)
        unsafe copy.base.copyMemory(from: source, byteCount: count)
        return copy
    }

    private func convert<T: FixedWidthInteger & BitwiseCopyable>(
        from _: T.Type, to wider: ColumnType, _ values: RawBuffer
    ) {
        switch wider {
        case .int16: store(from: T.self, as: Int16.self, values)
        case .int32: store(from: T.self, as: Int32.self, values)
        case .int64: store(from: T.self, as: Int64.self, values)
        case .uint16: store(from: T.self, as: UInt16.self, values)
        case .uint32: store(from: T.self, as: UInt32.self, values)
        case .uint64: store(from: T.self, as: UInt64.self, values)
        case .float32:
            let (from, to) = unsafe (pointer(as: T.self), values.base.assumingMemoryBound(to: Float.self))
            for i in 0..<count { unsafe to[i] = Float(from[i]) }
        default:
            let (from, to) = unsafe (pointer(as: T.self), values.base.assumingMemoryBound(to: Double.self))
            for i in 0..<count { unsafe to[i] = Double(from[i]) }
        }
    }

    private func store<T: FixedWidthInteger & BitwiseCopyable, U: FixedWidthInteger & BitwiseCopyable>(
        from _: T.Type, as _: U.Type, _ values: RawBuffer
    ) {
        let (from, to) = unsafe (pointer(as: T.self), values.base.assumingMemoryBound(to: U.self))
        for i in 0..<count { unsafe to[i] = U(truncatingIfNeeded: from[i]) }
    }
}
