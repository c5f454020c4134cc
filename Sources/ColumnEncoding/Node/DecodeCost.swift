/// What codecs cost a reader, about, in picoseconds a value, their children not counted: a codec is weighed by its bytes
/// and by its time, so that a slow one has to save something. Measured in L1, values of 8 bytes.
enum DecodeCost {
    static let bitPacked = 150
    static let delta = 500
    static let ascending = 600
    static let runLength = 300
    static let patched = 30
    /// Of each patch.
    static let patch = 1_500
    static let dictionary = 250
    static let huffman = 950
    static let decimal = 400
    static let narrowed = 150
    static let printed = 700
    static let scaled = 150
    static let sparse = 100
    static let split = 250
    static let sequence = 150
    static let differences = 500

    /// The bytes that a reader would rather load than spend `cost` on each of `count` values: a fifth of one for
    /// each nanosecond.
    static func byteCount(_ cost: Int, count: Int) -> Int { cost * count / 5_000 }

    /// Of a prefix code of so many bytes. It is five to ten times as slow as packed bits, so that it has to save a tenth of
    /// its bytes besides what its time weighs.
    static func huffman(byteCount: Int, count: Int) -> Int { huffman + 800 * byteCount / max(count, 1) }
}
