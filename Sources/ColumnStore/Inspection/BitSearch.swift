internal import CDrumlinShims
internal import ColumnFormat

/// Tests whether one flipped bit explains why some bytes do not match their checksum: cosmic rays, bad memory and bad
/// cables flip one, and then the bytes can be mended.
///
/// That another bit makes a checksum of 64 bits right by chance happens once in 2^64 ÷ bits: never.
package final class BitSearch {
    /// Work is as the square of the bytes; a run of checks shares one allowance, so that a file full of damage ends.
    private var steps: Double
    /// What has been asked already and has no answer: the same bytes are looked at more than once.
    private var failed = Set<Question>()

    private struct Question: Hashable {
        let computed: UInt64
        let expected: UInt64
        let byteCount: Int
    }

    /// - Parameter steps: Of a third of a nanosecond: enough for some pages of usual size.
    package init(steps: Double = 2e10) { self.steps = steps }

    /// The bit of `bytes` that is wrong; nil where not exactly one is, or the allowance is used up.
    package func find(in bytes: UnsafeRawBufferPointer, seed: UInt64, expected: UInt64) -> FlippedBit? {
        let computed = unsafe Checksum.of(bytes, seed: seed)
        let question = Question(computed: computed, expected: expected, byteCount: bytes.count)
        guard computed != expected, !failed.contains(question) else { return nil }
        let cost = Double(bytes.count) * Double(bytes.count) / 8
        guard let base = bytes.baseAddress, cost <= steps else { return nil }
        steps -= cost
        var products = [UInt64](repeating: 0, count: bytes.count / 32 + 1)
        let bit = unsafe products.withUnsafeMutableBufferPointer { products in
            unsafe drumlin_find_flipped_bit(
                base.assumingMemoryBound(to: UInt8.self), bytes.count, seed, expected, products.baseAddress)
        }
        guard bit >= 0 else {
            failed.insert(question)
            return nil
        }
        return FlippedBit(byte: Int(bit / 8), bit: Int(bit % 8))
    }

    /// The same for bytes followed, or preceded, by their checksum, which may itself be what is wrong: `stored`, found at
    /// `place`. Offsets count from where `bytes` begin.
    func find(
        in bytes: UnsafeRawBufferPointer, seed: UInt64, stored: UInt64, at place: Int
    ) -> FlippedBit? {
        let computed = unsafe Checksum.of(bytes, seed: seed)
        return unsafe FlippedBit(of: stored, expected: computed, at: place)
            ?? find(in: bytes, seed: seed, expected: stored)
    }
}

extension [UInt8] {
    /// Turns a bit over.
    mutating func flip(_ bit: FlippedBit) { self[bit.byte] ^= 1 << UInt8(bit.bit) }

    func word(at offset: Int) -> UInt64 {
        self[offset..<offset + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}
