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
        let builder = ColumnBuilder(type: definition.type, capacity: 1)
        guard builder.append(value: value) else { return false }
        let slice = builder.snapshot()
        if definition.type.isVariableLength {
            unsafe variable(slice.variableBytes(at: 0))
        } else {
            unsafe raw(UnsafeRawBufferPointer(start: slice.rawPointer(at: 0), count: definition.type.byteWidth!))
        }
        // The bytes are the slice's, and nothing else uses it up to here.
        extendLifetime(slice)
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
