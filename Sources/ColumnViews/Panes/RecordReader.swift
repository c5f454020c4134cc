import ColumnFormat

/// Reads varints from untrusted memory: a ``ByteReader`` for the inner loop of pages, which the compiler can inline
/// here. Every read is checked, none traps. Whoever makes one keeps the memory alive.
@safe
struct RecordReader {
    private let base: UnsafeRawPointer?
    private let count: Int
    private(set) var offset = 0

    init(_ bytes: UnsafeRawBufferPointer) {
        unsafe base = bytes.baseAddress
        count = bytes.count
    }

    var remaining: Int { count &- offset }

    @inline(__always)
    mutating func readByte() throws(FormatError) -> UInt8 {
        guard offset < count, let base = unsafe base else {
            throw FormatError(.truncated, "a page of panes ends within a record", at: offset)
        }
        let byte = unsafe base.load(fromByteOffset: offset, as: UInt8.self)
        offset &+= 1
        return byte
    }

    @inline(__always)
    mutating func readVarint() throws(FormatError) -> UInt64 {
        let first = try readByte()
        return first < 0x80 ? UInt64(first) : try readLongVarint(first)
    }

    private mutating func readLongVarint(_ first: UInt8) throws(FormatError) -> UInt64 {
        var value = UInt64(first & 0x7F)
        var shift: UInt64 = 7
        while true {
            let byte = try readByte()
            if shift == 63, byte > 1 { throw FormatError(.invalid, "a varint does not fit 64 bits", at: offset) }
            value |= UInt64(byte & 0x7F) &<< shift
            if byte < 0x80 { return value }
            shift += 7
            if shift > 63 { throw FormatError(.invalid, "a varint does not end within 10 bytes", at: offset) }
        }
    }

    @inline(__always)
    mutating func readZigzag() throws(FormatError) -> Int64 {
        let value = try readVarint()
        return Int64(bitPattern: (value &>> 1) ^ (0 &- (value & 1)))
    }

    mutating func readWord() throws(FormatError) -> UInt64 {
        var word: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 8) { word |= UInt64(try readByte()) &<< shift }
        return word
    }
}
