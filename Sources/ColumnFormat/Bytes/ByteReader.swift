/// Reads little-endian integers, varints and bytes from untrusted memory: every read is checked, none traps.
///
/// The reader borrows the memory: whoever makes one keeps it alive.
@safe
package struct ByteReader {
    private let base: UnsafeRawPointer?
    package let count: Int
    package private(set) var offset = 0

    package init(_ bytes: UnsafeRawBufferPointer) {
        unsafe base = bytes.baseAddress
        count = bytes.count
    }

    package var remaining: Int { count - offset }

    package mutating func read<T: FixedWidthInteger & BitwiseCopyable>(_ type: T.Type) throws(FormatError) -> T {
        let from = try advance(by: MemoryLayout<T>.size)
        return unsafe T(littleEndian: base!.loadUnaligned(fromByteOffset: from, as: T.self))
    }

    package mutating func readDouble() throws(FormatError) -> Double { Double(bitPattern: try read(UInt64.self)) }
    package mutating func readFloat() throws(FormatError) -> Float { Float(bitPattern: try read(UInt32.self)) }

    package mutating func readVarint() throws(FormatError) -> UInt64 {
        // Where no varint can lead outside, one look at the end is enough. What is wrong is told by the slow way.
        if remaining >= 10, let base = unsafe base {
            let start = unsafe base + offset
            var value: UInt64 = 0
            for place in 0..<9 {
                let byte = unsafe start.load(fromByteOffset: place, as: UInt8.self)
                value |= UInt64(byte & 0x7F) &<< UInt64(truncatingIfNeeded: 7 &* place)
                if byte < 0x80 {
                    offset &+= place &+ 1
                    return value
                }
            }
        }
        return try readLongVarint()
    }

    private mutating func readLongVarint() throws(FormatError) -> UInt64 {
        let start = offset
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let byte = try read(UInt8.self)
            if shift == 63, byte > 1 { throw FormatError(.invalid, "a varint does not fit 64 bits", at: start) }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
            if shift > 63 { throw FormatError(.invalid, "a varint does not end within 10 bytes", at: start) }
        }
    }

    package mutating func readZigzag() throws(FormatError) -> Int64 {
        let value = try readVarint()
        return Int64(bitPattern: (value >> 1) ^ (0 &- (value & 1)))
    }

    /// A varint that counts something and may not exceed `limit`.
    package mutating func readCount(limit: Int, of what: String) throws(FormatError) -> Int {
        let start = offset
        let value = try readVarint()
        guard value <= UInt64(limit) else {
            throw FormatError(.invalid, "\(value) \(what), at most \(limit) are possible here", at: start)
        }
        return Int(value)
    }

    /// The next `byteCount` bytes, without copying; valid while the memory is.
    package mutating func readBytes(_ byteCount: Int) throws(FormatError) -> UnsafeRawBufferPointer {
        let from = try advance(by: byteCount)
        return unsafe UnsafeRawBufferPointer(start: base.map { unsafe $0 + from }, count: byteCount)
    }

    /// Text of at most `limit` bytes; where it is what was `expected`, that itself.
    package mutating func readString(limit: Int, expected: String? = nil) throws(FormatError) -> String {
        let byteCount = try readCount(limit: min(limit, remaining), of: "bytes of text")
        let start = offset
        let bytes = unsafe try readBytes(byteCount)
        if let expected, expected.utf8.count == byteCount, unsafe expected.utf8.elementsEqual(bytes) { return expected }
        guard let text = unsafe String(validating: bytes, as: UTF8.self) else {
            throw FormatError(.invalid, "text that is not UTF-8", at: start)
        }
        return text
    }

    package mutating func skip(_ byteCount: Int) throws(FormatError) { _ = try advance(by: byteCount) }

    private mutating func advance(by byteCount: Int) throws(FormatError) -> Int {
        guard byteCount >= 0, byteCount <= remaining else {
            throw FormatError(.truncated, "\(byteCount) bytes wanted, \(remaining) left", at: offset)
        }
        defer { offset += byteCount }
        return offset
    }
}
