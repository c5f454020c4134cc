internal import CDrumlinShims
import ColumnFormat

/// Words whose high bits are far from evenly spread: the high bits as prefix codes, the low bits as they are.
///
///     16
///     UInt8 shift r      low bits that are not coded, 0…8·W − 1       W = bytes of a value
///     base               W bytes
///     varint m           symbols, 2…4,096
///     lengths            ⌈m ÷ 2⌉ bytes: bits of each symbol's code, four bits a symbol, the even ones in the low half
///     stream lengths     V × 4 UInt16: bytes of each vector's four streams    V = ⌈count ÷ 1,024⌉ vectors
///     streams            one after the other; see ``HuffmanCode``
///     packed             the low bits of each vector, width r: see ``BitPacking``
///
/// value = base + symbol · 2^r + low, modulo 2^(8·W). Value i of a vector is the next symbol of stream i mod 4, so that four
/// dependent chains of table look-ups run at once. Every vector starts afresh; a point read walks one stream.
@safe
final class HuffmanNode: FixedNode {
    static let streamCount = 4
    /// What a decoder may read beyond the beginning of a stream: 256 codes of 12 bits, and a load of 8 bytes.
    private static let reach = 256 * HuffmanCode.maximumLength / 8 + 8

    let count: Int
    private let shape: FixedShape
    private let byteWidth: Int
    private let symbolCount: Int
    private let shift: Int
    private let base: UInt64
    private let tableBits: Int
    /// 2^tableBits entries: symbol · 16 + length.
    private let table: RawBuffer
    /// Where each stream begins in `bytes`, and where the last ends.
    private let streamOffsets: [UInt32]
    private nonisolated(unsafe) let bytes: UnsafeRawPointer
    private let byteCount: Int

    init(_ reader: inout ByteReader, shape: FixedShape, count: Int) throws(FormatError) {
        self.count = count
        self.shape = shape
        byteWidth = shape.byteWidth
        shift = Int(try reader.read(UInt8.self))
        guard shift < shape.bitWidth else {
            throw FormatError(.invalid, "\(shift) low bits of \(shape.bitWidth)", at: reader.offset - 1)
        }
        base = try reader.readWord(byteWidth: byteWidth)
        let lengths = try Self.readLengths(&reader)
        symbolCount = lengths.count
        tableBits = Int(lengths.max() ?? 0)
        guard let table = HuffmanCode.table(lengths, bits: tableBits) else {
            throw FormatError(.invalid, "lengths that are no complete prefix code", at: reader.offset)
        }
        self.table = table
        var offsets: [UInt32] = [0]
        let vectorCount = PageLimits.vectorCount(count)
        guard reader.remaining / 8 >= vectorCount else {
            throw FormatError(.truncated, "streams of \(vectorCount) vectors", at: reader.offset)
        }
        offsets.reserveCapacity(vectorCount * Self.streamCount + 1)
        var total = 0
        for _ in 0..<vectorCount * Self.streamCount {
            total += Int(try reader.read(UInt16.self))
            offsets.append(UInt32(total))
        }
        streamOffsets = offsets
        var expected = total
        for vector in 0..<vectorCount {
            expected += BitPacking.byteCount(PageLimits.valueCount(ofVector: vector, of: count), width: shift)
        }
        guard expected == reader.remaining else {
            throw FormatError(
                .invalid, "\(reader.remaining) bytes of codes and low bits, expected \(expected)", at: reader.offset)
        }
        let rest = unsafe try reader.readBytes(expected)
        byteCount = rest.count
        // Without a byte nothing is read through this pointer.
        unsafe bytes = rest.baseAddress ?? UnsafeRawPointer(table.base)
    }

    private static func readLengths(_ reader: inout ByteReader) throws(FormatError) -> [UInt8] {
        let symbolCount = try reader.readCount(limit: HuffmanCode.maximumSymbolCount, of: "symbols")
        let packed = unsafe try reader.readBytes((symbolCount + 1) / 2)
        var lengths: [UInt8] = []
        lengths.reserveCapacity(symbolCount)
        for symbol in 0..<symbolCount {
            let length = unsafe packed[symbol / 2] >> (symbol & 1 == 0 ? 0 : 4) & 15
            guard length <= HuffmanCode.maximumLength else {
                throw FormatError(.invalid, "a code of \(length) bits", at: reader.offset)
            }
            lengths.append(length)
        }
        return lengths
    }

    var name: String { "huffman" }

    // MARK: Decoding

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
        let symbols = UnsafeMutablePointer<UInt32>.allocate(capacity: PageLimits.vectorRowCount)
        defer { unsafe symbols.deallocate() }
        unsafe forEachVector(of: rows, count: count, into: destination, as: type) { vector, _, target in
            unsafe decodeSymbols(vector, into: symbols)
            unsafe join(vector, symbols, into: target)
        }
    }

    func decode(vector: Int, into destination: UnsafeMutableRawPointer, scratch: VectorScratch) throws(FormatError) {
        unsafe try scratch.withRoom { room throws(FormatError) in
            let symbols = unsafe room.assumingMemoryBound(to: UInt32.self)
            unsafe decodeSymbols(vector, into: symbols)
            unsafe join(vector, symbols, into: destination)
        }
    }

    /// Numbers of at most 32 bits above the base are a frame.
    func load(vector: Int, into buffer: VectorBuffer) throws(FormatError) -> VectorForm {
        let highest = UInt64(symbolCount) &<< UInt64(shift) &- 1
        guard shift <= 32 - HuffmanCode.maximumLength, let highest = UInt32(exactly: highest),
            let frame = VectorFrame(bits: base, shape: shape, highest: highest)
        else {
            unsafe try decode(vector: vector, into: buffer.words, scratch: buffer.scratch)
            return .words
        }
        if shift == 0 {
            unsafe decodeSymbols(vector, into: buffer.narrow)
            return .frame(frame)
        }
        unsafe try buffer.scratch.withRoom { room throws(FormatError) in
            let symbols = unsafe room.assumingMemoryBound(to: UInt32.self)
            unsafe decodeSymbols(vector, into: symbols)
            let valueCount = PageLimits.valueCount(ofVector: vector, of: count)
            unsafe BitPacking.unpack(
                lowBits(vector), width: shift, valueCount: valueCount, base: 0 as UInt32, into: buffer.narrow)
            unsafe drumlin_join_u32(symbols, UInt32(valueCount), UInt32(shift), buffer.narrow)
        }
        return .frame(frame)
    }

    /// Where the low bits of `vector` begin: all vectors before it are whole.
    @inline(__always)
    private func lowBits(_ vector: Int) -> UnsafeRawPointer {
        let before = vector &* BitPacking.byteCount(PageLimits.vectorRowCount, width: shift)
        return unsafe bytes + (Int(streamOffsets[streamOffsets.count - 1]) &+ before)
    }

    /// Base, symbols and low bits make the values; `target` has room for whole rounds of them.
    private func join(
        _ vector: Int, _ symbols: UnsafePointer<UInt32>, into target: UnsafeMutableRawPointer
    ) {
        let valueCount = PageLimits.valueCount(ofVector: vector, of: count)
        let (low, count, up) = unsafe (lowBits(vector), UInt32(valueCount), UInt32(shift))
        switch byteWidth {
        case 1:
            let base = UInt8(truncatingIfNeeded: base)
            unsafe BitPacking.unpack(low, width: shift, valueCount: valueCount, base: base, into: target)
            unsafe drumlin_join_u8(symbols, count, up, target)
        case 2:
            let base = UInt16(truncatingIfNeeded: base)
            unsafe BitPacking.unpack(low, width: shift, valueCount: valueCount, base: base, into: target)
            unsafe drumlin_join_u16(symbols, count, up, target)
        case 4:
            let base = UInt32(truncatingIfNeeded: base)
            if shift == 0 {
                unsafe drumlin_frame_i32(symbols, count, base, 1, target)
            } else {
                unsafe BitPacking.unpack(low, width: shift, valueCount: valueCount, base: base, into: target)
                unsafe drumlin_join_u32(symbols, count, up, target)
            }
        default:
            if shift == 0 {
                unsafe drumlin_frame_i64(symbols, count, base, 1, target)
            } else {
                unsafe BitPacking.unpack(low, width: shift, valueCount: valueCount, base: base, into: target)
                unsafe drumlin_join_u64(symbols, count, up, target)
            }
        }
    }

    private func decodeSymbols(_ vector: Int, into symbols: UnsafeMutablePointer<UInt32>) {
        let valueCount = PageLimits.valueCount(ofVector: vector, of: count)
        let first = vector &* Self.streamCount
        let start = Int(streamOffsets[first])
        if Int(streamOffsets[first + 3]) &+ Self.reach <= byteCount {
            unsafe decodeSymbols(bytes, first, valueCount, into: symbols)
            return
        }
        // Near the end of the node a load of eight bytes, or codes that are not those of a writer, would lead outside: a
        // copy with zeros after it gives them room.
        let room = Int(streamOffsets[first + 3]) &- start &+ Self.reach
        let copy = UnsafeMutableRawPointer.allocate(byteCount: room, alignment: 8)
        defer { unsafe copy.deallocate() }
        let kept = min(byteCount &- start, room)
        unsafe copy.copyMemory(from: bytes + start, byteCount: kept)
        unsafe (copy + kept).initializeMemory(as: UInt8.self, repeating: 0, count: room &- kept)
        unsafe decodeSymbols(UnsafeRawPointer(copy) - start, first, valueCount, into: symbols)
    }

    private func decodeSymbols(
        _ bytes: UnsafeRawPointer, _ first: Int, _ valueCount: Int, into symbols: UnsafeMutablePointer<UInt32>
    ) {
        let entries = unsafe UnsafePointer(table.base.assumingMemoryBound(to: UInt16.self))
        unsafe drumlin_prefix_codes(
            bytes + Int(streamOffsets[first]), bytes + Int(streamOffsets[first + 1]),
            bytes + Int(streamOffsets[first + 2]), bytes + Int(streamOffsets[first + 3]), entries, UInt32(tableBits),
            UInt32(valueCount), symbols)
    }

    func load(_ row: Int, into destination: UnsafeMutableRawPointer) throws(FormatError) {
        let vector = row / PageLimits.vectorRowCount
        let index = row % PageLimits.vectorRowCount
        let low = shift == 0 ? 0 : unsafe BitPacking.value(lowBits(vector), width: shift, at: index)
        let symbol = UInt64(symbol(vector, at: index))
        unsafe destination.store(word: base &+ symbol &<< UInt64(shift) &+ low, byteWidth: byteWidth)
    }

    /// Walks the one stream that has the symbol.
    private func symbol(_ vector: Int, at index: Int) -> UInt16 {
        let entries = unsafe UnsafePointer(table.base.assumingMemoryBound(to: UInt16.self))
        let mask = UInt64(1) &<< UInt64(tableBits) &- 1
        var bit = Int(streamOffsets[vector &* Self.streamCount &+ index % Self.streamCount]) &* 8
        var entry: UInt16 = 0
        for _ in 0...index / Self.streamCount {
            let word = word(at: bit &>> 3) &>> UInt64(truncatingIfNeeded: bit & 7)
            entry = unsafe entries[Int(truncatingIfNeeded: word & mask)]
            bit &+= Int(entry & 15)
        }
        return entry >> 4
    }

    /// Eight bytes from `offset` on, with zeros for those that are not there.
    @inline(__always)
    private func word(at offset: Int) -> UInt64 {
        if offset &+ 8 <= byteCount { return unsafe bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self) }
        var word: UInt64 = 0
        for place in offset..<max(offset, byteCount) {
            word |= unsafe UInt64(bytes.load(fromByteOffset: place, as: UInt8.self)) &<< UInt64(8 &* (place &- offset))
        }
        return word
    }
}
