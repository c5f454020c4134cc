import ColumnFormat

extension ByteReader {
    /// A word of 1, 2, 4 or 8 bytes, zero-extended.
    mutating func readWord(byteWidth: Int) throws(FormatError) -> UInt64 {
        switch byteWidth {
        case 1: UInt64(try read(UInt8.self))
        case 2: UInt64(try read(UInt16.self))
        case 4: UInt64(try read(UInt32.self))
        default: try read(UInt64.self)
        }
    }
}

extension UnsafeMutableRawPointer {
    /// Stores the low `byteWidth` bytes of `word`: 1, 2, 4 or 8.
    @inline(__always)
    func store(word: UInt64, byteWidth: Int) {
        switch byteWidth {
        case 1: unsafe storeBytes(of: UInt8(truncatingIfNeeded: word), as: UInt8.self)
        case 2: unsafe storeBytes(of: UInt16(truncatingIfNeeded: word), as: UInt16.self)
        case 4: unsafe storeBytes(of: UInt32(truncatingIfNeeded: word), as: UInt32.self)
        default: unsafe storeBytes(of: word, as: UInt64.self)
        }
    }
}
