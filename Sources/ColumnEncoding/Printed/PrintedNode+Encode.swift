import ColumnFormat

extension PrintedNode {
    struct Analysis {
        let exponents: ClosedRange<Int>
        /// Bytes of the node, its floats packed.
        let byteCount: Int
    }

    /// The exponents under which the sampled values come back; nil where more than an eighth of them do not.
    static func analyze(_ input: FixedInput) -> Analysis? {
        let values = unsafe input.words(as: Double.self)
        let runs = Sample.runs(of: input.count)
        var sampled = 0
        var found = [Int](repeating: 0, count: DecimalNode.maximumExponent + 1)
        var misses = 0
        var bits = 0
        for run in runs {
            sampled += run.count
            var (low, high) = (UInt32.max, UInt32.min)
            for i in run {
                let value = unsafe values[i]
                let float = Float(value)
                guard let exponent = shortestExponent(value, float) else {
                    misses += 1
                    continue
                }
                found[exponent] += 1
                low = min(low, float.bitPattern)
                high = max(high, float.bitPattern)
            }
            if misses > max(sampled / 8, 16) { return nil }
            if low <= high { bits += run.count * BitPacking.width(high - low) }
        }
        guard misses <= sampled / 8, let highest = highestExponent(found, sampled: sampled) else { return nil }
        let byteCount = 16 + (bits + misses * 80) * input.count / (8 * sampled)
        // A low exponent that no value needs only costs time.
        var best = highest...highest
        var fewest = Int.max
        for spread in 0...min(maximumSpread, highest) {
            let exponents = highest - spread...highest
            var count = 0
            for run in runs {
                for i in run where unsafe !isExact(values[i], exponents) { count += 1 }
            }
            if count < fewest { (fewest, best) = (count, exponents) }
        }
        return fewest <= sampled / 8 ? Analysis(exponents: best, byteCount: byteCount) : nil
    }

    /// The highest exponent that more than one in 128 values needs.
    private static func highestExponent(_ found: [Int], sampled: Int) -> Int? {
        var above = 0
        for exponent in found.indices.reversed() {
            above += found[exponent]
            if above > sampled / 128 { return exponent }
        }
        return nil
    }

    /// The number of decimals of the shortest text of `float`, where that text is `value`.
    private static func shortestExponent(_ value: Double, _ float: Float) -> Int? {
        guard value.isFinite, float.isFinite else { return nil }
        for exponent in 0...DecimalNode.maximumExponent {
            if Double(float.magnitude) * DecimalNode.powers[exponent] >= 1_125_899_906_842_624 { return nil }
            let quotient = quotient(float, exponent)
            if Float(quotient) == float { return quotient.bitPattern == value.bitPattern ? exponent : nil }
        }
        return nil
    }

    @inline(__always)
    private static func isExact(_ value: Double, _ exponents: ClosedRange<Int>) -> Bool {
        let float = Float(value)
        let isSmall = Double(float.magnitude) * DecimalNode.powers[exponents.upperBound] < 1_125_899_906_842_624
        return isSmall && shortest(float, exponents).bitPattern == value.bitPattern
    }

    /// The node, or nil where more than an eighth of all values need patches.
    static func encode(
        _ input: FixedInput, exponents: ClosedRange<Int>, depth: Int, options: EncodingOptions
    ) -> EncodedNode? {
        let values = unsafe input.words(as: Double.self)
        let buffer = RawBuffer(byteCapacity: input.count * 4)
        let floats = unsafe buffer.base.assumingMemoryBound(to: Float.self)
        var patched: [UInt16] = []
        var previous: Float = 0
        let again = RawBuffer(byteCapacity: input.count * 8)
        for i in 0..<input.count { unsafe floats[i] = Float(values[i]) }
        unsafe shortest(floats, input.count, exponents, into: again.base)
        let bits = unsafe input.words(as: UInt64.self)
        let limit = Float(1_125_899_906_842_624 / DecimalNode.powers[exponents.upperBound])
        for i in 0..<input.count {
            let isExact = unsafe again.base.load(fromByteOffset: i &* 8, as: UInt64.self) == bits[i]
            // False for NaN, too.
            if isExact, unsafe floats[i].magnitude < limit {
                unsafe previous = floats[i]
            } else {
                if patched.count >= input.count / 8 { return nil }
                patched.append(UInt16(truncatingIfNeeded: i))
                unsafe floats[i] = previous
            }
        }
        withExtendedLifetime(again) {}
        let floatInput = FixedInput(buffer, count: input.count, shape: childShape)
        let child = withExtendedLifetime(buffer) {
            FixedEncoder.encode(floatInput, depth: depth + 1, options: options)
        }
        var writer = ByteWriter(reservingCapacity: 16 + patched.count * 10 + child.byteCount)
        writer.append(code: .printed)
        writer.append(UInt8(exponents.lowerBound))
        writer.append(UInt8(exponents.upperBound))
        Patches.encode(patched, of: input, to: &writer)
        writer.append(bytes: child.bytes)
        let suffix = patched.isEmpty ? "" : ", patches"
        return EncodedNode(
            bytes: writer.bytes, name: "printed(\(child.name)\(suffix))",
            decodeCost: DecodeCost.printed + child.decodeCost)
    }
}
