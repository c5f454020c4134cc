import ColumnFormat

extension DecimalNode {
    /// How the sample fares with the best exponent.
    struct Analysis {
        let exponent: Int
        /// Bytes of the node, its digits packed.
        let byteCount: Int
        /// All sampled values are decimals of so many digits.
        let isExact: Bool
    }

    /// The exponent that makes the sampled values smallest; nil where for every one more than an eighth of them are no
    /// decimals. O(sample · exponents).
    static func analyze(_ input: FixedInput) -> Analysis? {
        if input.shape.byteWidth == 8 {
            // No shortest decimal of a float64 needs more digits than 17, of a float32 than 9.
            return unsafe analyze(input, input.words(as: Double.self), highestExponent: 18)
        }
        return unsafe analyze(input, input.words(as: Float.self), highestExponent: 11)
    }

    private static func analyze<Number: DecimalNumber>(
        _ input: FixedInput, _ values: UnsafePointer<Number>, highestExponent: Int
    ) -> Analysis? {
        let runs = Sample.runs(of: input.count)
        var best: (exponent: Int, bits: Int, misses: Int)?
        var sampled = 0
        for run in runs { sampled += run.count }
        for exponent in 0...highestExponent {
            let power = powers[exponent]
            var bits = 0
            var misses = 0
            for run in runs where misses <= sampled / 8 {
                var low = Int64.max
                var high = Int64.min
                for i in run {
                    let (digits, isExact) = unsafe values[i].digits(power)
                    misses &+= isExact ? 0 : 1
                    low = min(low, isExact ? digits : low)
                    high = max(high, isExact ? digits : high)
                }
                if low <= high { bits += run.count * BitPacking.width(UInt64(bitPattern: high &- low)) }
            }
            if misses > sampled / 8 { continue }
            bits += misses * (16 + input.shape.bitWidth)
            if best == nil || bits < best!.bits { best = (exponent, bits, misses) }
            if misses == 0 { break }
        }
        guard let best else { return nil }
        return Analysis(
            exponent: best.exponent, byteCount: 16 + best.bits * input.count / (8 * max(sampled, 1)),
            isExact: best.misses == 0)
    }

    /// The node with the analysis' exponent, or nil where more than a quarter of all values need patches.
    static func encode(_ input: FixedInput, exponent: Int, depth: Int, options: EncodingOptions) -> EncodedNode? {
        let byteWidth = input.shape.byteWidth
        let buffer = RawBuffer(byteCapacity: input.byteCount)
        let patched: [UInt16]?
        if byteWidth == 8 {
            let digits = unsafe buffer.base.assumingMemoryBound(to: Int64.self)
            patched = unsafe scale(input.words(as: Double.self), input.count, powers[exponent], to: digits)
        } else {
            let digits = unsafe buffer.base.assumingMemoryBound(to: Int32.self)
            patched = unsafe scale(input.words(as: Float.self), input.count, powers[exponent], to: digits)
        }
        guard let patched else { return nil }
        let digits = FixedInput(buffer, count: input.count, shape: FixedShape(kind: .signed, byteWidth: byteWidth))
        let child = withExtendedLifetime(buffer) {
            FixedEncoder.encode(digits, depth: depth + 1, options: options)
        }
        var writer = ByteWriter(reservingCapacity: 16 + patched.count * (2 + byteWidth) + child.byteCount)
        writer.append(code: .decimal)
        writer.append(UInt8(exponent))
        Patches.encode(patched, of: input, to: &writer)
        writer.append(bytes: child.bytes)
        let suffix = patched.isEmpty ? "" : ", patches"
        return EncodedNode(
            bytes: writer.bytes, name: "decimal(\(child.name)\(suffix))",
            decodeCost: DecodeCost.decimal + child.decodeCost)
    }

    /// Writes the digits of all values and returns the rows that have none, nil where those are more than a quarter.
    private static func scale<Number: DecimalNumber, Digits: FixedWidthInteger>(
        _ values: UnsafePointer<Number>, _ count: Int, _ power: Double, to digits: UnsafeMutablePointer<Digits>
    ) -> [UInt16]? {
        var patched: [UInt16] = []
        var previous: Digits = 0
        for i in 0..<count {
            let (scaled, isExact) = unsafe values[i].digits(power)
            if isExact {
                // Leading patches take the first digits that follow, others those before: neither widens a vector.
                if patched.count == i, i > 0 { unsafe digits.update(repeating: Digits(scaled), count: i) }
                previous = Digits(truncatingIfNeeded: scaled)
            } else {
                patched.append(UInt16(truncatingIfNeeded: i))
                if patched.count > count / 4 { return nil }
            }
            unsafe digits[i] = previous
        }
        return patched
    }
}

/// A float that may be a decimal.
protocol DecimalNumber: BitwiseCopyable {
    /// n, and whether n ÷ `power` gives this value bit for bit. n is 0 where not, and fits the integer of as many
    /// bytes.
    func digits(_ power: Double) -> (digits: Int64, isExact: Bool)
}

extension Double: DecimalNumber {
    @inline(__always)
    func digits(_ power: Double) -> (digits: Int64, isExact: Bool) {
        let scaled = self * power
        // False for NaN, too. Up to here adding and taking away 1.5 · 2^52 rounds to an integer, faster than a call.
        guard scaled.magnitude < 1_125_899_906_842_624 else { return (0, false) }
        let rounded = (scaled + 6_755_399_441_055_744) - 6_755_399_441_055_744
        return (Int64(rounded), (rounded / power).bitPattern == bitPattern)
    }
}

extension Float: DecimalNumber {
    @inline(__always)
    func digits(_ power: Double) -> (digits: Int64, isExact: Bool) {
        let scaled = Double(self) * power
        guard scaled.magnitude < 2_147_483_647 else { return (0, false) }
        let rounded = (scaled + 6_755_399_441_055_744) - 6_755_399_441_055_744
        return (Int64(rounded), Float(rounded / power).bitPattern == bitPattern)
    }
}
