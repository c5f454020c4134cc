import ColumnFormat
import ColumnStore
import TestSupport
import Testing

@Suite struct BitSearchTests {
    private func find(_ bytes: [UInt8], _ seed: UInt64, _ expected: UInt64, steps: Double = 1e9) -> FlippedBit? {
        unsafe bytes.withUnsafeBytes { unsafe BitSearch(steps: steps).find(in: $0, seed: seed, expected: expected) }
    }

    /// Of any length, in every place: stripes of 32 bytes, and what is left behind them.
    @Test func everyFlippedBitIsFound() {
        var generator = SeededGenerator(seed: 31)
        for count in [1, 3, 4, 7, 8, 31, 32, 33, 47, 64, 100, 191] {
            let bytes = (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
            let seed = UInt64.random(in: .min ... .max, using: &generator)
            let checksum = Checksum.of(bytes, seed: seed)
            for bit in 0..<count * 8 {
                var changed = bytes
                changed[bit / 8] ^= 1 << UInt8(bit % 8)
                #expect(find(changed, seed, checksum) == FlippedBit(byte: bit / 8, bit: bit % 8), "\(count) bytes")
            }
        }
    }

    @Test func twoBitsAreNotOne() {
        var generator = SeededGenerator(seed: 32)
        for count in [5, 32, 90] {
            let bytes = (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
            let checksum = Checksum.of(bytes)
            for _ in 0..<50 {
                var changed = bytes
                let first = Int.random(in: 0..<count * 8, using: &generator)
                let second = (first + Int.random(in: 1..<count * 8, using: &generator)) % (count * 8)
                for bit in [first, second] { changed[bit / 8] ^= 1 << UInt8(bit % 8) }
                #expect(find(changed, 0, checksum) == nil)
            }
        }
    }

    @Test func theAllowanceBoundsTheWork() {
        var bytes = [UInt8](repeating: 7, count: 4_096)
        let checksum = Checksum.of(bytes)
        bytes[9] = 6
        #expect(find(bytes, 0, checksum, steps: 1e3) == nil)
        #expect(find(bytes, 0, checksum) == FlippedBit(byte: 9, bit: 0))
        #expect(find([], 0, 1) == nil)
    }
}
