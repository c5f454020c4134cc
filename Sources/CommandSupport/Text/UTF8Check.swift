/// Tells text from bytes.
enum UTF8Check {
    /// The offset of the first byte that does not belong to well-formed UTF-8 (Unicode 15, table 3-7); nil where all do.
    static func firstInvalid(in bytes: UnsafeBufferPointer<UInt8>) -> Int? {
        var at = 0
        let count = bytes.count
        while at < count {
            let lead = unsafe bytes[at]
            if lead < 0x80 {
                at += 1
                continue
            }
            let length: Int
            var lowest: UInt8 = 0x80
            var highest: UInt8 = 0xBF
            switch lead {
            case 0xC2...0xDF: length = 2
            case 0xE0: (length, lowest) = (3, 0xA0)
            case 0xED: (length, highest) = (3, 0x9F)
            case 0xE1...0xEF: length = 3
            case 0xF0: (length, lowest) = (4, 0x90)
            case 0xF4: (length, highest) = (4, 0x8F)
            case 0xF1...0xF3: length = 4
            default: return at
            }
            guard at + length <= count else { return at }
            guard unsafe bytes[at + 1] >= lowest, unsafe bytes[at + 1] <= highest else { return at }
            for next in 2..<max(length, 2) where unsafe bytes[at + next] & 0xC0 != 0x80 { return at }
            at += length
        }
        return nil
    }
}
