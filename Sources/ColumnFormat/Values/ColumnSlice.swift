/// An immutable run of one column's values in memory: what a memtable shows, an encoder reads, a decoder makes and
/// a scan hands out.
///
/// Layout, for row i of 0..<count, with r = start + i:
///
///     fixed width w   values[r·w ..< (r+1)·w], little-endian; a bool is one byte, 0 or 1
///     string, bytes   values holds UInt32 offsets; heap[offset[r] ..< offset[r+1]]
///     validity        nil: no nulls; else one byte a row, 1 = valid; the value of a null row is zero or empty
@safe
package struct ColumnSlice: Sendable {
    package let type: ColumnType
    package let start: Int
    package let count: Int
    package let values: RawBuffer
    package let heap: RawBuffer?
    package let validity: RawBuffer?

    package init(type: ColumnType, start: Int, count: Int, values: RawBuffer, heap: RawBuffer?, validity: RawBuffer?) {
        self.type = type
        self.start = start
        self.count = count
        self.values = values
        self.heap = heap
        self.validity = validity
    }

    /// The values as `T`, which has the type's width; valid while the slice is.
    @inlinable
    package func pointer<T: BitwiseCopyable>(as _: T.Type) -> UnsafePointer<T> {
        assert(type.isVariableLength || MemoryLayout<T>.stride <= type.byteWidth!)
        return unsafe UnsafePointer(
            (values.base + start * (type.byteWidth ?? 4)).assumingMemoryBound(to: T.self))
    }

    /// The first byte of row `i` of a column of fixed width.
    @inlinable
    package func rawPointer(at i: Int) -> UnsafeRawPointer {
        unsafe UnsafeRawPointer(values.base + (start + i) * type.byteWidth!)
    }

    /// One byte a row, 1 = valid; nil where no row is null.
    @inlinable
    package var validityPointer: UnsafePointer<UInt8>? {
        guard let validity else { return nil }
        return unsafe UnsafePointer((validity.base + start).assumingMemoryBound(to: UInt8.self))
    }

    @inlinable
    package func isNull(_ i: Int) -> Bool {
        guard let validity = unsafe validityPointer else { return false }
        return unsafe validity[i] == 0
    }

    /// The bytes of row `i` of a string or bytes column; valid while the slice is.
    @inlinable
    package func variableBytes(at i: Int) -> UnsafeRawBufferPointer {
        let offsets = unsafe pointer(as: UInt32.self)
        let from = unsafe Int(offsets[i])
        let to = unsafe Int(offsets[i + 1])
        guard let heap, to > from else { return unsafe UnsafeRawBufferPointer(start: nil, count: 0) }
        return unsafe UnsafeRawBufferPointer(start: heap.base + from, count: to - from)
    }

    /// Rows `range` of this slice, sharing its memory.
    package func slice(_ range: Range<Int>) -> ColumnSlice {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "rows \(range) of a slice of \(count)")
        return ColumnSlice(
            type: type, start: start + range.lowerBound, count: range.count, values: values, heap: heap,
            validity: validity)
    }

    /// The value of row `i`, boxed.
    package func value(at i: Int) -> Value {
        precondition(i >= 0 && i < count, "row \(i) of a slice of \(count)")
        if isNull(i) { return .null }
        switch type {
        case .bool: return unsafe .bool(pointer(as: UInt8.self)[i] != 0)
        case .int8: return unsafe .int(Int64(pointer(as: Int8.self)[i]))
        case .int16: return unsafe .int(Int64(pointer(as: Int16.self)[i]))
        case .int32: return unsafe .int(Int64(pointer(as: Int32.self)[i]))
        case .int64: return unsafe .int(pointer(as: Int64.self)[i])
        case .uint8: return unsafe .uint(UInt64(pointer(as: UInt8.self)[i]))
        case .uint16: return unsafe .uint(UInt64(pointer(as: UInt16.self)[i]))
        case .uint32: return unsafe .uint(UInt64(pointer(as: UInt32.self)[i]))
        case .uint64: return unsafe .uint(pointer(as: UInt64.self)[i])
        case .float32: return unsafe .float32(pointer(as: Float.self)[i])
        case .float64: return unsafe .float64(pointer(as: Double.self)[i])
        case .timestamp: return unsafe .timestamp(Timestamp(microseconds: pointer(as: Int64.self)[i]))
        case .string: return unsafe .string(String(decoding: variableBytes(at: i), as: UTF8.self))
        case .bytes: return unsafe .bytes(Array(variableBytes(at: i)))
        case .uuid: return unsafe .uuid(Array(UnsafeRawBufferPointer(start: rawPointer(at: i), count: 16)))
        case .vector(let dimension):
            let first = unsafe rawPointer(at: i).assumingMemoryBound(to: Float.self)
            return unsafe .vector(Array(UnsafeBufferPointer(start: first, count: dimension)))
        }
    }
}
