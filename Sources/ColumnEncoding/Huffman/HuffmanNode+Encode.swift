import ColumnFormat

extension HuffmanNode {
    /// Where the high bits begin, and the code for them.
    struct Analysis<Word: WordType> {
        let base: Word
        let shift: Int
        let lengths: [UInt8]
        /// Bytes of the node, but for what rounding up the streams costs.
        let byteCount: Int
    }

    /// Below this the lengths of the code weigh too much.
    private static let minimumCount = 512

    /// The best code, or nil where a sample of the values, or then all of them, promise less than `limit` bytes.
    ///
    /// `low` and `high` enclose the distances to `base`, taken modulo 2^(8·W). O(n), about 1 ns a value after a look at a
    /// sample.
    static func analyze<Word: WordType>(
        _ values: UnsafePointer<Word>, count: Int, base: Word, range: Word, limit: Int
    ) -> Analysis<Word>? {
        guard count >= minimumCount, range > 0 else { return nil }
        let finest = max(0, BitPacking.width(range) - HuffmanCode.maximumLength)
        let symbolLimit = Int(truncatingIfNeeded: range &>> Word(finest)) + 1
        var counts = [UInt32](repeating: 0, count: symbolLimit)
        if count > 4 * Sample.rowCount {
            var sampled = 0
            for run in Sample.runs(of: count) {
                sampled += run.count
                for i in run {
                    unsafe counts[Int(truncatingIfNeeded: (values[i] &- base) &>> Word(finest))] &+= 1
                }
            }
            // The entropy of a sample is too low rather than too high.
            let bits = Entropy.bits(counts, total: sampled) + Double(sampled * finest)
            if bits / 8 * Double(count) / Double(sampled) > Double(limit) { return nil }
            for symbol in counts.indices { counts[symbol] = 0 }
        }
        unsafe counts.withUnsafeMutableBufferPointer { counts in
            for i in 0..<count {
                unsafe counts[Int(truncatingIfNeeded: (values[i] &- base) &>> Word(finest))] &+= 1
            }
        }
        // Coarser symbols make a smaller table, and cost nothing where neighbours are about as frequent.
        var best: (shift: Int, counts: [UInt32], byteCount: Double)?
        var shift = finest
        while true {
            if counts.count < 2 { break }
            let bits = Entropy.bits(counts, total: count) + Double(count * shift)
            let byteCount = bits / 8 + Double(counts.count) / 2
            if best == nil || byteCount < best!.byteCount { best = (shift, counts, byteCount) }
            if shift - finest >= 6 || byteCount > best!.byteCount * 1.02 { break }
            counts = stride(from: 0, to: counts.count, by: 2).map {
                counts[$0] + ($0 + 1 < counts.count ? counts[$0 + 1] : 0)
            }
            shift += 1
        }
        guard let best, best.byteCount < Double(limit), best.counts.count(where: { $0 != 0 }) >= 2 else { return nil }
        let used = best.counts.lastIndex { $0 != 0 } ?? 0
        let lengths = HuffmanCode.lengths(Array(best.counts[...used]))
        var bits = 0
        for (symbol, length) in lengths.enumerated() { bits += Int(best.counts[symbol]) * Int(length) }
        let vectorCount = PageLimits.vectorCount(count)
        let byteCount = 6 + lengths.count / 2 + vectorCount * 10 + (bits + count * best.shift) / 8
        return Analysis(base: base, shift: best.shift, lengths: lengths, byteCount: byteCount)
    }

    static func encode<Word: WordType>(
        _ values: UnsafePointer<Word>, count: Int, analysis: Analysis<Word>
    ) -> EncodedNode {
        let (shift, lengths) = (analysis.shift, analysis.lengths)
        let codes = HuffmanCode.codes(lengths)
        // Code · 16 + length, for each symbol.
        let entries = zip(codes, lengths).map { UInt32($0) << 4 | UInt32($1) }
        let vectorCount = PageLimits.vectorCount(count)
        let room = count * HuffmanCode.maximumLength / 8 + vectorCount * streamCount * 8 + 8
        let buffer = RawBuffer(byteCapacity: room)
        var streamLengths: [UInt16] = []
        var end = 0
        unsafe entries.withUnsafeBufferPointer { entries in
            for vector in 0..<vectorCount {
                let start = vector * PageLimits.vectorRowCount
                let valueCount = PageLimits.valueCount(ofVector: vector, of: count)
                for stream in 0..<streamCount {
                    let byteCount = unsafe write(
                        values + start, stream: stream, valueCount: valueCount, analysis: analysis,
                        entries: entries.baseAddress!, to: buffer.base + end)
                    streamLengths.append(UInt16(byteCount))
                    end += byteCount
                }
            }
        }
        var header = ByteWriter(reservingCapacity: 16 + lengths.count / 2 + streamLengths.count * 2 + end)
        header.append(code: .huffman)
        header.append(UInt8(shift))
        header.append(analysis.base)
        header.append(varint: UInt64(lengths.count))
        for symbol in stride(from: 0, to: lengths.count, by: 2) {
            header.append(lengths[symbol] | (symbol + 1 < lengths.count ? lengths[symbol + 1] << 4 : 0))
        }
        for length in streamLengths { header.append(length) }
        unsafe header.append(raw: UnsafeRawBufferPointer(start: buffer.base, count: end))
        withExtendedLifetime(buffer) {}
        let widths = [UInt8](repeating: UInt8(shift), count: vectorCount)
        let mask: UInt64 = shift == 0 ? 0 : .max >> UInt64(64 - shift)
        let bytes = packVectors(header: header.bytes, widths: widths, count: count) { _, i in
            unsafe UInt64(truncatingIfNeeded: values[i] &- analysis.base) & mask
        }
        return EncodedNode(
            bytes: bytes, name: "huffman",
            decodeCost: DecodeCost.huffman(byteCount: bytes.count, count: count))
    }

    /// Writes the codes of every fourth value from `stream` on and returns how many bytes they took.
    @inline(__always)
    private static func write<Word: WordType>(
        _ values: UnsafePointer<Word>, stream: Int, valueCount: Int, analysis: Analysis<Word>,
        entries: UnsafePointer<UInt32>, to target: UnsafeMutableRawPointer
    ) -> Int {
        let shift = Word(truncatingIfNeeded: analysis.shift)
        var (bits, bitCount, byteCount) = (UInt64(0), 0, 0)
        var i = stream
        while i < valueCount {
            let symbol = unsafe Int(truncatingIfNeeded: (values[i] &- analysis.base) &>> shift)
            let entry = unsafe entries[symbol]
            bits |= UInt64(entry &>> 4) &<< UInt64(truncatingIfNeeded: bitCount)
            bitCount &+= Int(entry & 15)
            if bitCount >= 48 {
                unsafe target.storeBytes(of: bits, toByteOffset: byteCount, as: UInt64.self)
                bits = bits &>> 48
                bitCount &-= 48
                byteCount &+= 6
            }
            i &+= streamCount
        }
        unsafe target.storeBytes(of: bits, toByteOffset: byteCount, as: UInt64.self)
        return byteCount &+ (bitCount &+ 7) / 8
    }
}
