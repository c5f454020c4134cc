/// Appends little-endian integers, varints and bytes to a growing buffer.
package struct ByteWriter: Sendable {
    package private(set) var bytes: [UInt8]

    package init(reservingCapacity capacity: Int = 0) {
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    package var count: Int { bytes.count }

    @inlinable
    package mutating func append<T: FixedWidthInteger & BitwiseCopyable>(_ value: T) {
        append(bitsOf: value.littleEndian)
    }

    package mutating func append(_ value: Double) { append(value.bitPattern) }
    package mutating func append(_ value: Float) { append(value.bitPattern) }

    /// The bytes of a value as they are in memory.
    package mutating func append<T: BitwiseCopyable>(bitsOf value: T) {
        unsafe withUnsafeBytes(of: value) { unsafe bytes.append(contentsOf: $0) }
    }

    /// An unsigned LEB128: seven bits a byte, lowest first.
    package mutating func append(varint value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    /// A signed integer, zigzag and then LEB128.
    package mutating func append(zigzag value: Int64) {
        append(varint: UInt64(bitPattern: (value &<< 1) ^ (value &>> 63)))
    }

    package mutating func append(bytes source: some Sequence<UInt8>) { bytes.append(contentsOf: source) }
    package mutating func append(raw source: UnsafeRawBufferPointer) { unsafe bytes.append(contentsOf: source) }

    /// UTF-8 with its byte count as a varint before it.
    package mutating func append(string: String) {
        append(varint: UInt64(string.utf8.count))
        bytes.append(contentsOf: string.utf8)
    }

    /// Zeros up to the next multiple of `alignment`.
    package mutating func pad(to alignment: Int) {
        while bytes.count % alignment != 0 { bytes.append(0) }
    }

    /// Writes over bytes appended earlier.
    package mutating func patch<T: FixedWidthInteger & BitwiseCopyable>(_ value: T, at offset: Int) {
        for i in 0..<MemoryLayout<T>.size { bytes[offset + i] = UInt8(truncatingIfNeeded: value >> (8 * i)) }
    }
}
