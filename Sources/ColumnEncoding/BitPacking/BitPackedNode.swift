internal import CDrumlinShims
import ColumnFormat

/// Frame of reference and bit-packing: each vector keeps its smallest value and, of every value, the distance to it
/// in as few bits as the vector needs.
///
///     3
///     widths   V bytes: the bits of a distance, 0…8·W        V = ⌈count ÷ 1,024⌉ vectors, W = bytes of a value
///     bases    V × W bytes, little-endian
///     packed   the distances of each vector: see ``BitPacking``
///
/// A value is base + distance, modulo 2^(8·W): signed values and floats by their bits. A point read is O(1).
@safe
final class BitPackedNode: FixedNode {
    let count: Int
    private let byteWidth: Int
    private let kind: FixedShape.Kind
    private nonisolated(unsafe) let bases: UnsafeRawPointer
    private let vectors: PackedVectors

    init(_ reader: inout ByteReader, shape: FixedShape, count: Int) throws(FormatError) {
        self.count = count
        byteWidth = shape.byteWidth
        kind = shape.kind
        let vectorCount = PageLimits.vectorCount(count)
        let widths = unsafe try reader.readBytes(vectorCount)
        guard let base = unsafe try reader.readBytes(vectorCount * byteWidth).baseAddress else {
            throw FormatError(.truncated, "no vectors")
        }
        unsafe bases = base
        vectors = unsafe try PackedVectors(&reader, widths: widths, count: count, bitWidth: shape.bitWidth)
    }

    var name: String { "bitPacked" }

    func decode(_ rows: Range<Int>, into destination: UnsafeMutableRawPointer) throws(FormatError) {
        switch byteWidth {
        case 1: unsafe decode(rows, destination, as: UInt8.self)
        case 2: unsafe decode(rows, destination, as: UInt16.self)
        case 4: unsafe decode(rows, destination, as: UInt32.self)
        default: unsafe decode(rows, destination, as: UInt64.self)
        }
    }

    private func decode<Word: WordType>(
        _ rows: Range<Int>, _ destination: UnsafeMutableRawPointer, as type: Word.Type
    ) {
        unsafe forEachVector(of: rows, count: count, into: destination, as: type) { vector, valueCount, target in
            unsafe BitPacking.unpack(
                vectors.start(vector), width: vectors.width(vector), valueCount: valueCount,
                base: base(vector, as: type), into: target)
        }
    }

    @inline(__always)
    private func base<Word: WordType>(_ vector: Int, as _: Word.Type) -> Word {
        unsafe bases.loadUnaligned(fromByteOffset: vector &* MemoryLayout<Word>.size, as: Word.self)
    }

    func decode(vector: Int, into destination: UnsafeMutableRawPointer, scratch: VectorScratch) throws(FormatError) {
        let valueCount = PageLimits.valueCount(ofVector: vector, of: count)
        switch byteWidth {
        case 1: unsafe unpack(vector, valueCount, destination, as: UInt8.self)
        case 2: unsafe unpack(vector, valueCount, destination, as: UInt16.self)
        case 4: unsafe unpack(vector, valueCount, destination, as: UInt32.self)
        default: unsafe unpack(vector, valueCount, destination, as: UInt64.self)
        }
    }

    @inline(__always)
    private func unpack<Word: WordType>(
        _ vector: Int, _ valueCount: Int, _ destination: UnsafeMutableRawPointer, as type: Word.Type
    ) {
        unsafe BitPacking.unpack(
            vectors.start(vector), width: vectors.width(vector), valueCount: valueCount, base: base(vector, as: type),
            into: destination)
    }

    /// Integers whose distances fit 32 bits are a frame as they are.
    func load(vector: Int, into buffer: VectorBuffer) throws(FormatError) -> VectorForm {
        let width = vectors.width(vector)
        if width == 0 {
            unsafe buffer.words.storeBytes(of: wideBase(vector), as: UInt64.self)
            return .constant
        }
        guard width <= 32, let frame = frame(vector, width: width) else {
            unsafe try decode(vector: vector, into: buffer.words, scratch: buffer.scratch)
            return .words
        }
        unsafe vectors.unpack(
            vector, valueCount: PageLimits.valueCount(ofVector: vector, of: count), into: buffer.narrow)
        return .frame(frame)
    }

    /// The bits of the base, zero-extended.
    private func wideBase(_ vector: Int) -> UInt64 {
        switch byteWidth {
        case 1: UInt64(base(vector, as: UInt8.self))
        case 2: UInt64(base(vector, as: UInt16.self))
        case 4: UInt64(base(vector, as: UInt32.self))
        default: base(vector, as: UInt64.self)
        }
    }

    private func frame(_ vector: Int, width: Int) -> VectorFrame? {
        let bits = wideBase(vector)
        let highest = UInt32.max >> UInt32(truncatingIfNeeded: 32 - width)
        let shift = Int64(64 - 8 * byteWidth)
        switch kind {
        case .signed:
            return VectorFrame(
                base: (Int64(bitPattern: bits) << shift) >> shift, highest: highest, limit: Int64.max >> shift)
        case .unsigned:
            guard let base = Int64(exactly: bits) else { return nil }
            let limit = byteWidth == 8 ? Int64.max : (1 << Int64(8 * byteWidth)) - 1
            return VectorFrame(base: base, highest: highest, limit: limit)
        case .float, .bit, .block: return nil
        }
    }

    func load(_ row: Int, into destination: UnsafeMutableRawPointer) throws(FormatError) {
        let vector = row / PageLimits.vectorRowCount
        let distance = unsafe BitPacking.value(
            vectors.start(vector), width: vectors.width(vector), at: row % PageLimits.vectorRowCount)
        switch byteWidth {
        case 1: unsafe store(distance, vector, destination, as: UInt8.self)
        case 2: unsafe store(distance, vector, destination, as: UInt16.self)
        case 4: unsafe store(distance, vector, destination, as: UInt32.self)
        default: unsafe store(distance, vector, destination, as: UInt64.self)
        }
    }

    func gather(
        _ places: FewRows, byteWidth: Int, into destination: UnsafeMutableRawPointer, scratch: VectorScratch
    ) throws(FormatError) {
        switch byteWidth {
        case 1: unsafe gather(places, destination, as: UInt8.self)
        case 2: unsafe gather(places, destination, as: UInt16.self)
        case 4: unsafe gather(places, destination, as: UInt32.self)
        default: unsafe gather(places, destination, as: UInt64.self)
        }
    }

    @inline(__always)
    private func gather<Word: WordType>(
        _ places: FewRows, _ destination: UnsafeMutableRawPointer, as type: Word.Type
    ) {
        let target = unsafe destination.assumingMemoryBound(to: type)
        for vector in places.vectors {
            let found = places.range(ofVector: vector)
            if found.isEmpty { continue }
            let (packed, width) = unsafe (vectors.start(vector), vectors.width(vector))
            let base = base(vector, as: type)
            for i in found {
                let distance = unsafe BitPacking.value(packed, width: width, at: Int(places.places[i]))
                unsafe target[i] = base &+ Word(truncatingIfNeeded: distance)
            }
        }
    }

    /// Integers by their distances: the range is moved, not the values. What lies on one side of it is not looked at.
    func mark(_ range: SoughtRange, into bits: UnsafeMutablePointer<UInt32>) -> Bool {
        guard case .integers(let range) = range, kind == .signed || kind == .unsigned else { return false }
        let (low, high) = (max(range.lowerBound, Int128(Int64.min)), min(range.upperBound, Int128(Int64.max)))
        let sought = low <= high ? Int64(low)...Int64(high) : nil
        for vector in 0..<PageLimits.vectorCount(count) {
            let width = vectors.width(vector)
            guard width <= 32, let frame = frame(vector, width: width) else { return false }
            let target = unsafe bits + vector &* RowBits.vectorWordCount
            let valueCount = PageLimits.valueCount(ofVector: vector, of: count)
            guard let words = sought.flatMap({ frame.words(within: $0) }) else {
                unsafe RowBits.fill(target, false, valueCount: valueCount)
                continue
            }
            let span = words.upperBound &- words.lowerBound
            if span == frame.highest {
                unsafe RowBits.fill(target, true, valueCount: valueCount)
            } else {
                unsafe drumlin_packed_within(
                    vectors.start(vector), UInt32(width), UInt32(RowBits.wordCount(valueCount)), words.lowerBound,
                    span, target)
            }
        }
        return true
    }

    func bounds(ofVector vector: Int) -> (low: Int64, high: Int64)? {
        let width = vectors.width(vector)
        guard byteWidth == 8, kind == .signed, width < 63 else { return nil }
        let low = Int64(bitPattern: base(vector, as: UInt64.self))
        let (high, overflow) = low.addingReportingOverflow(1 &<< Int64(width) &- 1)
        return overflow ? nil : (low, high)
    }

    func prefetch(_ row: Int) {
        let vector = row / PageLimits.vectorRowCount
        unsafe BitPacking.prefetch(
            vectors.start(vector), width: vectors.width(vector), at: row % PageLimits.vectorRowCount)
    }

    private func store<Word: WordType>(
        _ distance: UInt64, _ vector: Int, _ destination: UnsafeMutableRawPointer, as type: Word.Type
    ) {
        let value = base(vector, as: type) &+ Word(truncatingIfNeeded: distance)
        unsafe destination.storeBytes(of: value, as: Word.self)
    }
}
