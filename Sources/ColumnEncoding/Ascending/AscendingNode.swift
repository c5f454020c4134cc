internal import CDrumlinShims
import ColumnFormat

/// Words that never descend within a vector: the times of events as they come, row numbers. The low bits are packed; the high
/// bits, which ascend too, are kept as where they step (P. Elias, "Efficient storage and retrieval by content and address
/// of static files", 1974).
///
///     17
///     low widths    V bytes, 0…8·W               V = ⌈count ÷ 1,024⌉ vectors, W = bytes of a value
///     bases         V × W bytes: each vector's first value
///     step lengths  V × UInt16: bytes of each vector's steps
///     low bits      of each vector, see ``BitPacking``
///     steps         of each vector, one after the other
///
/// The steps of a vector are bits, from the lowest of the first byte on: for each value as many zeros as its high part
/// is above that of the value before, then a one. So value i = base + (place of the i-th one − i) · 2^width + low[i], modulo
/// 2^(8·W). That is two bits a value and a little more over the entropy of the low bits, whatever the gaps. A point
/// read counts the ones of at most a few hundred bytes.
@safe
final class AscendingNode: FixedNode {
    let count: Int
    private let byteWidth: Int
    private nonisolated(unsafe) let bases: UnsafeRawPointer
    private let low: PackedVectors
    /// Where the steps of each vector begin in `steps`, and where the last end.
    private let stepOffsets: [Int]
    private nonisolated(unsafe) let steps: UnsafeRawPointer

    init(_ reader: inout ByteReader, shape: FixedShape, count: Int) throws(FormatError) {
        self.count = count
        byteWidth = shape.byteWidth
        let vectorCount = PageLimits.vectorCount(count)
        let widths = unsafe try reader.readBytes(vectorCount)
        let baseBytes = unsafe try reader.readBytes(vectorCount * byteWidth)
        let lengths = unsafe try reader.readBytes(vectorCount * 2)
        guard let base = baseBytes.baseAddress else { throw FormatError(.truncated, "no vectors") }
        unsafe bases = base
        var offsets = [0]
        offsets.reserveCapacity(vectorCount + 1)
        var total = 0
        for vector in 0..<vectorCount {
            unsafe total += Int(lengths.loadUnaligned(fromByteOffset: vector &* 2, as: UInt16.self))
            offsets.append(total)
        }
        guard total >= 1, total <= reader.remaining else {
            throw FormatError(.truncated, "\(total) bytes of steps in \(reader.remaining)", at: reader.offset)
        }
        stepOffsets = offsets
        let lowBytes = unsafe try reader.readBytes(reader.remaining - total)
        var lowReader = unsafe ByteReader(lowBytes)
        low = unsafe try PackedVectors(&lowReader, widths: widths, count: count, bitWidth: shape.bitWidth)
        guard let step = unsafe try reader.readBytes(total).baseAddress else {
            throw FormatError(.truncated, "no steps")
        }
        unsafe steps = step
    }

    var name: String { "ascending" }

    // MARK: Decoding

    func decode(_ rows: Range<Int>, into destination: UnsafeMutableRawPointer) throws(FormatError) {
        switch byteWidth {
        case 1: unsafe try decode(rows, destination, as: UInt8.self)
        case 2: unsafe try decode(rows, destination, as: UInt16.self)
        case 4: unsafe try decode(rows, destination, as: UInt32.self)
        default: unsafe try decode(rows, destination, as: UInt64.self)
        }
    }

    private func decode<Word: WordType>(
        _ rows: Range<Int>, _ destination: UnsafeMutableRawPointer, as type: Word.Type
    ) throws(FormatError) {
        let highs = UnsafeMutablePointer<UInt32>.allocate(capacity: PageLimits.vectorRowCount + 64)
        defer { unsafe highs.deallocate() }
        var isComplete = true
        unsafe forEachVector(of: rows, count: count, into: destination, as: type) { vector, valueCount, target in
            if unsafe !decodeVector(vector, valueCount, highs, into: target) { isComplete = false }
        }
        if !isComplete { throw tooFewSteps }
    }

    func decode(vector: Int, into destination: UnsafeMutableRawPointer, scratch: VectorScratch) throws(FormatError) {
        let valueCount = PageLimits.valueCount(ofVector: vector, of: count)
        let isComplete = unsafe try scratch.withRoom { room throws(FormatError) in
            let highs = unsafe room.assumingMemoryBound(to: UInt32.self)
            return unsafe decodeVector(vector, valueCount, highs, into: destination)
        }
        if !isComplete { throw tooFewSteps }
    }

    /// `highs` has room for 64 words beyond the vector; false where there are fewer steps than values.
    private func decodeVector(
        _ vector: Int, _ valueCount: Int, _ highs: UnsafeMutablePointer<UInt32>,
        into target: UnsafeMutableRawPointer
    ) -> Bool {
        let width = low.width(vector)
        let start = stepOffsets[vector]
        let stepCount = unsafe drumlin_steps(
            steps + start, UInt32(stepOffsets[vector + 1] - start), UInt32(valueCount), highs)
        let base = unsafe bases + vector * byteWidth
        let low = unsafe low.start(vector)
        // Where all bits are low ones nothing is above them.
        let (count, shift) = (UInt32(width < byteWidth * 8 ? valueCount : 0), UInt32(width))
        switch byteWidth {
        case 1:
            let base = unsafe base.load(as: UInt8.self)
            unsafe BitPacking.unpack(low, width: width, valueCount: valueCount, base: base, into: target)
            unsafe drumlin_join_u8(highs, count, shift, target)
        case 2:
            let base = unsafe base.loadUnaligned(as: UInt16.self)
            unsafe BitPacking.unpack(low, width: width, valueCount: valueCount, base: base, into: target)
            unsafe drumlin_join_u16(highs, count, shift, target)
        case 4:
            let base = unsafe base.loadUnaligned(as: UInt32.self)
            unsafe BitPacking.unpack(low, width: width, valueCount: valueCount, base: base, into: target)
            unsafe drumlin_join_u32(highs, count, shift, target)
        default:
            let base = unsafe base.loadUnaligned(as: UInt64.self)
            unsafe BitPacking.unpack(low, width: width, valueCount: valueCount, base: base, into: target)
            unsafe drumlin_join_u64(highs, count, shift, target)
        }
        return stepCount >= UInt32(valueCount)
    }

    /// Eight bytes from `byte` on, with zeros for those that are not there.
    @inline(__always)
    private static func word(_ source: UnsafeRawPointer, _ byte: Int, _ byteCount: Int) -> UInt64 {
        if byte &+ 8 <= byteCount { return unsafe source.loadUnaligned(fromByteOffset: byte, as: UInt64.self) }
        var word: UInt64 = 0
        for i in byte..<byteCount {
            word |= unsafe UInt64(source.load(fromByteOffset: i, as: UInt8.self)) &<< UInt64(8 &* (i &- byte))
        }
        return word
    }

    func load(_ row: Int, into destination: UnsafeMutableRawPointer) throws(FormatError) {
        let vector = row / PageLimits.vectorRowCount
        let index = row % PageLimits.vectorRowCount
        let width = low.width(vector)
        let start = stepOffsets[vector]
        let byteCount = stepOffsets[vector + 1] - start
        let source = unsafe steps + start
        var before = 0
        var byte = 0
        while byte < byteCount {
            var word = unsafe Self.word(source, byte, byteCount)
            let ones = word.nonzeroBitCount
            if before &+ ones > index {
                for _ in before..<index { word &= word &- 1 }
                let high = UInt64(byte &* 8 &+ word.trailingZeroBitCount &- index)
                let low = unsafe BitPacking.value(low.start(vector), width: width, at: index)
                var base: UInt64 = 0
                unsafe withUnsafeMutableBytes(of: &base) {
                    unsafe $0.baseAddress!.copyMemory(from: bases + vector * byteWidth, byteCount: byteWidth)
                }
                let value = base &+ low &+ (width >= 64 ? 0 : high &<< UInt64(width))
                unsafe destination.store(word: value, byteWidth: byteWidth)
                return
            }
            before &+= ones
            byte &+= 8
        }
        throw tooFewSteps
    }

    /// No value's high part is above the bits of the vector's steps.
    func bounds(ofVector vector: Int) -> (low: Int64, high: Int64)? {
        guard byteWidth == 8 else { return nil }
        let low = unsafe Int64(bitPattern: bases.loadUnaligned(fromByteOffset: vector &* 8, as: UInt64.self))
        let width = self.low.width(vector)
        let stepBits = (stepOffsets[vector + 1] - stepOffsets[vector]) * 8
        guard width < 40 else { return nil }
        let (high, overflow) = low.addingReportingOverflow(Int64(stepBits + 1) << Int64(width))
        return overflow ? nil : (low, high)
    }

    private var tooFewSteps: FormatError { FormatError(.invalid, "fewer steps than values in a vector") }
}
