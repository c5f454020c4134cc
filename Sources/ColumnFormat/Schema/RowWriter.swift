/// Writes rows in the form of ``RowLayout`` into reused memory: no allocation once it has grown to the largest row.
///
/// A row is begun, given its columns in order, and taken with ``bytes``. Null needs no call beyond ``null(_:)``.
@safe
package struct RowWriter: ~Copyable {
    private var base: UnsafeMutableRawPointer
    private var capacity: Int
    private var rowStart = 0
    /// Bytes written since ``removeAll()``.
    package private(set) var count = 0
    /// Rows begun since ``removeAll()``.
    package private(set) var rowCount = 0

    package init(byteCapacity: Int = 512) {
        capacity = max(byteCapacity, 64)
        unsafe base = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 16)
    }

    deinit { unsafe base.deallocate() }

    /// All rows written; valid until the next change.
    package var bytes: UnsafeRawBufferPointer { unsafe UnsafeRawBufferPointer(start: base, count: count) }

    package mutating func removeAll() {
        count = 0
        rowCount = 0
    }

    package mutating func beginRow(_ layout: RowLayout) {
        reserve(layout.bitmapByteCount)
        rowStart = count
        unsafe (base + count).initializeMemory(as: UInt8.self, repeating: 0, count: layout.bitmapByteCount)
        count += layout.bitmapByteCount
        rowCount += 1
    }

    package mutating func null(_ column: Int) {
        let at = rowStart &+ column &>> 3
        let old = unsafe base.load(fromByteOffset: at, as: UInt8.self)
        unsafe base.storeBytes(of: old | (1 &<< UInt8(column & 7)), toByteOffset: at, as: UInt8.self)
    }

    // One function a type: a generic one would not be specialized for callers in other modules.
    package mutating func fixed(_ value: UInt8) { store(value) }
    package mutating func fixed(_ value: UInt16) { store(value) }
    package mutating func fixed(_ value: UInt32) { store(value) }
    package mutating func fixed(_ value: UInt64) { store(value) }
    package mutating func fixed(_ value: Int8) { store(value) }
    package mutating func fixed(_ value: Int16) { store(value) }
    package mutating func fixed(_ value: Int32) { store(value) }
    package mutating func fixed(_ value: Int64) { store(value) }
    package mutating func fixed(_ value: Float) { store(value) }
    package mutating func fixed(_ value: Double) { store(value) }

    @inline(__always)
    private mutating func store<T: BitwiseCopyable>(_ value: T) {
        reserve(MemoryLayout<T>.size)
        unsafe base.storeBytes(of: value, toByteOffset: count, as: T.self)
        count &+= MemoryLayout<T>.size
    }

    package mutating func raw(_ source: UnsafeRawBufferPointer) {
        reserve(source.count)
        if let start = source.baseAddress { unsafe (base + count).copyMemory(from: start, byteCount: source.count) }
        count += source.count
    }

    /// Text or bytes with their length before them.
    package mutating func variable(_ source: UnsafeRawBufferPointer) {
        reserve(source.count + 10)
        var rest = UInt64(source.count)
        while rest >= 0x80 {
            unsafe base.storeBytes(of: UInt8(truncatingIfNeeded: rest) | 0x80, toByteOffset: count, as: UInt8.self)
            count += 1
            rest >>= 7
        }
        unsafe base.storeBytes(of: UInt8(rest), toByteOffset: count, as: UInt8.self)
        count += 1
        unsafe raw(source)
    }

    package mutating func string(_ text: String) {
        var copy = text
        copy.withUTF8 { unsafe variable(UnsafeRawBufferPointer($0)) }
    }

    /// A boxed value for `definition`; false where it does not fit, and then the row must be abandoned.
    package mutating func value(_ value: Value, column: Int, definition: ColumnDefinition) -> Bool {
        if case .null = value {
            guard definition.isNullable else { return false }
            null(column)
            return true
        }
        switch (definition.type, value) {
        case (.string, .string(let v)): string(v)
        case (.bytes, .bytes(let v)): unsafe v.withUnsafeBytes { unsafe variable($0) }
        case (.bool, .bool(let v)): fixed(UInt8(v ? 1 : 0))
        case (.timestamp, .timestamp(let v)): fixed(v.microseconds)
        case (.float32, .float32(let v)): fixed(v)
        case (.float32, .float64(let v)): fixed(Float(v))
        case (.float32, .int(let v)): fixed(Float(v))
        case (.float64, .float64(let v)): fixed(v)
        case (.float64, .float32(let v)): fixed(Double(v))
        case (.float64, .int(let v)): fixed(Double(v))
        case (.uuid, .uuid(let v)) where v.count == 16: unsafe v.withUnsafeBytes { unsafe raw($0) }
        case (.vector(let dimension), .vector(let v)) where v.count == dimension:
            unsafe v.withUnsafeBytes { unsafe raw($0) }
        case (let type, .int(let v)): return integer(v, of: type)
        case (let type, .uint(let v)): return integer(v, of: type)
        default: return false
        }
        return true
    }

    /// An integer, if the type has it.
    private mutating func integer<T: BinaryInteger>(_ value: T, of type: ColumnType) -> Bool {
        switch type {
        case .int8: return exactly(Int8(exactly: value))
        case .int16: return exactly(Int16(exactly: value))
        case .int32: return exactly(Int32(exactly: value))
        case .int64: return exactly(Int64(exactly: value))
        case .uint8: return exactly(UInt8(exactly: value))
        case .uint16: return exactly(UInt16(exactly: value))
        case .uint32: return exactly(UInt32(exactly: value))
        case .uint64: return exactly(UInt64(exactly: value))
        case .bool, .float32, .float64, .string, .bytes, .timestamp, .uuid, .vector: return false
        }
    }

    private mutating func exactly<T: BitwiseCopyable>(_ value: T?) -> Bool {
        guard let value else { return false }
        store(value)
        return true
    }

    /// Writes over bytes that were written before.
    package mutating func patch<T: BitwiseCopyable>(_ value: T, at offset: Int) {
        precondition(offset >= 0 && offset + MemoryLayout<T>.size <= count, "a patch outside of what was written")
        unsafe base.storeBytes(of: value, toByteOffset: offset, as: T.self)
    }

    /// Takes back everything behind `mark`, an earlier ``count`` at a row's border.
    package mutating func truncate(to mark: Int, rowCount rows: Int) {
        count = mark
        rowCount = rows
    }

    @inline(__always)
    private mutating func reserve(_ byteCount: Int) {
        if count &+ byteCount > capacity { grow(byteCount) }
    }

    private mutating func grow(_ byteCount: Int) {
        let larger = max(capacity * 2, count + byteCount)
        let fresh = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 16)
        unsafe fresh.copyMemory(from: base, byteCount: count)
        unsafe base.deallocate()
        unsafe base = fresh
        capacity = larger
    }
}
