/// Writes varints into memory whose size was bounded beforehand, for the inner loop of pages.
@unsafe
struct RecordWriter {
    private let base: UnsafeMutablePointer<UInt8>
    private(set) var count = 0

    /// The greatest size of a varint.
    static let varintByteLimit = 10

    init(_ memory: UnsafeMutablePointer<UInt8>) { unsafe base = memory }

    @inline(__always)
    mutating func append(_ byte: UInt8) {
        unsafe base[count] = byte
        unsafe count &+= 1
    }

    @inline(__always)
    mutating func append(varint value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            unsafe append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest &>>= 7
        }
        unsafe append(UInt8(truncatingIfNeeded: rest))
    }

    @inline(__always)
    mutating func append(zigzag value: Int64) {
        unsafe append(varint: UInt64(bitPattern: (value &<< 1) ^ (value &>> 63)))
    }

    mutating func append(word value: UInt64) {
        for shift in stride(from: UInt64(0), to: 64, by: 8) {
            unsafe append(UInt8(truncatingIfNeeded: value &>> shift))
        }
    }
}
