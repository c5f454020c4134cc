import ColumnFormat

extension DecimalNode {
    /// How the sample fares with the best exponent.
    struct Analysis {
        let exponent: Int
        /// Bytes of the node, its digits packed.
        let byteCount: Int
    }

    /// The exponent that makes the sampled values smallest; nil where for every one more than an eighth of them are no
    /// decimals.
    static func analyze(_ input: FixedInput) -> Analysis? {
        let isDouble = input.shape.byteWidth == 8
        let runs = Sample.runs(of: input.count)
        var best: (exponent: Int, bits: Int)?
        var sampled = 0
        for run in runs { sampled += run.count }
        // No shortest decimal of a float32 has more digits than 9, of a float64 more than 17.
        for exponent in 0...(isDouble ? 18 : 11) {
            var bits = 0
            var misses = 0
            for run in runs where misses <= sampled / 8 {
                var low = Int64.max
                var high = Int64.min
                for i in run {
                    guard let digits = digits(of: input, at: i, exponent) else {
                        misses += 1
                        continue
                    }
                    low = min(low, digits)
                    high = max(high, digits)
                }
                if low <= high { bits += run.count * BitPacking.width(UInt64(bitPattern: high &- low)) }
            }
            if misses > sampled / 8 { continue }
            bits += misses * (16 + input.shape.bitWidth)
            if best == nil || bits < best!.bits { best = (exponent, bits) }
            if misses == 0 { break }
        }
        guard let best else { return nil }
        return Analysis(exponent: best.exponent, byteCount: 16 + best.bits * input.count / (8 * max(sampled, 1)))
    }

    @inline(__always)
    private static func digits(of input: FixedInput, at i: Int, _ exponent: Int) -> Int64? {
        if input.shape.byteWidth == 8 {
            return unsafe digits(of: Double(bitPattern: input.words(as: UInt64.self)[i]), powers[exponent])
        }
        return unsafe digits(of: Float(bitPattern: input.words(as: UInt32.self)[i]), powers[exponent])
    }

    /// The n for which decoding gives `value` bit for bit.
    @inline(__always)
    private static func digits(of value: Double, _ power: Double) -> Int64? {
        let scaled = (value * power).rounded()
        guard scaled.magnitude <= 9_007_199_254_740_992 else { return nil }
        let digits = Int64(scaled)
        return (Double(digits) / power).bitPattern == value.bitPattern ? digits : nil
    }

    @inline(__always)
    private static func digits(of value: Float, _ power: Double) -> Int64? {
        let scaled = (Double(value) * power).rounded()
        guard scaled.magnitude <= 2_147_483_647 else { return nil }
        let digits = Int64(scaled)
        return Float(Double(digits) / power).bitPattern == value.bitPattern ? digits : nil
    }

    /// The node with the analysis' exponent, or nil where more than a quarter of all values need patches.
    static func encode(_ input: FixedInput, exponent: Int, depth: Int, options: EncodingOptions) -> EncodedNode? {
        let byteWidth = input.shape.byteWidth
        let buffer = RawBuffer(byteCapacity: input.byteCount)
        var patched: [UInt16] = []
        var previous: Int64 = 0
        for i in 0..<input.count {
            if let digits = digits(of: input, at: i, exponent) {
                // Leading patches take the first value that follows, others the one before: neither widens a vector.
                if patched.count == i { fill(buffer, 0..<i, digits, byteWidth) }
                previous = digits
            } else {
                patched.append(UInt16(i))
                if patched.count > input.count / 4 { return nil }
            }
            fill(buffer, i..<i + 1, previous, byteWidth)
        }
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
        return EncodedNode(bytes: writer.bytes, name: "decimal(\(child.name)\(suffix))")
    }

    @inline(__always)
    private static func fill(_ buffer: RawBuffer, _ rows: Range<Int>, _ digits: Int64, _ byteWidth: Int) {
        for i in rows {
            if byteWidth == 8 {
                unsafe buffer.base.storeBytes(of: digits, toByteOffset: i &* 8, as: Int64.self)
            } else {
                unsafe buffer.base.storeBytes(
                    of: Int32(truncatingIfNeeded: digits), toByteOffset: i &* 4, as: Int32.self)
            }
        }
    }
}
