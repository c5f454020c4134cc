import ColumnFormat

extension ScaledNode {
    /// The greatest common divisor of all differences to the first value, where it is more than 1. O(n), and O(1) where
    /// an early difference already excludes one.
    static func analyze<Word: WordType>(_ values: UnsafePointer<Word>, count: Int) -> Word? {
        guard Word.bitWidth >= 32 else { return nil }
        var divisor: Word = 0
        for i in 1..<max(count, 1) {
            let difference = unsafe magnitude(values[i] &- values[0])
            if divisor != 0, difference % divisor == 0 { continue }
            divisor = greatestCommonDivisor(difference, divisor)
            if divisor == 1 { return nil }
        }
        return divisor > 1 ? divisor : nil
    }

    /// The absolute value of a difference, taken as signed. Modulo 2^n any difference may be taken so.
    @inline(__always)
    private static func magnitude<Word: WordType>(_ difference: Word) -> Word {
        difference.leadingZeroBitCount == 0 ? 0 &- difference : difference
    }

    private static func greatestCommonDivisor<Word: WordType>(_ a: Word, _ b: Word) -> Word {
        var (a, b) = (a, b)
        while b != 0 { (a, b) = (b, a % b) }
        return a
    }

    /// What is left of `byteCount` bytes when each of `count` values has lost the factor.
    static func estimate<Word: WordType>(byteCount: Int, count: Int, factor: Word) -> Int {
        max(0, byteCount - count * (BitPacking.width(factor) - 1) / 8)
    }

    static func encode<Word: WordType>(
        _ input: FixedInput, as type: Word.Type, factor: Word, depth: Int, options: EncodingOptions
    ) -> EncodedNode {
        let values = unsafe input.words(as: type)
        let buffer = RawBuffer(byteCapacity: input.byteCount)
        let quotients = unsafe buffer.base.assumingMemoryBound(to: type)
        let offset = unsafe values[0]
        for i in 0..<input.count {
            let difference = unsafe values[i] &- offset
            let quotient = magnitude(difference) / factor
            unsafe quotients[i] = difference.leadingZeroBitCount == 0 ? 0 &- quotient : quotient
        }
        let shape = FixedShape(kind: .signed, byteWidth: input.shape.byteWidth)
        let child = withExtendedLifetime(buffer) {
            FixedEncoder.encode(
                FixedInput(buffer, count: input.count, shape: shape), depth: depth + 1, options: options)
        }
        var writer = ByteWriter(reservingCapacity: child.byteCount + 17)
        writer.append(code: .scaled)
        writer.append(offset)
        writer.append(factor)
        writer.append(bytes: child.bytes)
        return EncodedNode(
            bytes: writer.bytes, name: "scaled(\(child.name))",
            decodeCost: DecodeCost.scaled + child.decodeCost)
    }
}
