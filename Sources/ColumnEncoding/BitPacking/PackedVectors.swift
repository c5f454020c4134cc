import ColumnFormat

/// The packed bits of a node's vectors, each with its own width: what ``BitPackedNode`` and ``DeltaNode`` share.
@safe
struct PackedVectors: Sendable {
    private nonisolated(unsafe) let widths: UnsafeRawPointer
    private nonisolated(unsafe) let packed: UnsafeRawPointer
    /// Where each vector begins in `packed`.
    private let offsets: [Int]

    /// Checks `widths` (one byte a vector) and takes the rest of `reader` as the packed bytes.
    init(_ reader: inout ByteReader, widths bytes: UnsafeRawBufferPointer, count: Int, bitWidth: Int)
        throws(FormatError)
    {
        var offsets = [0]
        offsets.reserveCapacity(bytes.count + 1)
        var total = 0
        for vector in 0..<bytes.count {
            let width = unsafe Int(bytes[vector])
            guard width <= bitWidth else {
                throw FormatError(.invalid, "\(width) bits for values of \(bitWidth)", at: reader.offset)
            }
            total += BitPacking.byteCount(PageLimits.valueCount(ofVector: vector, of: count), width: width)
            offsets.append(total)
        }
        guard total == reader.remaining else {
            throw FormatError(.invalid, "\(reader.remaining) packed bytes, expected \(total)", at: reader.offset)
        }
        let rest = unsafe try reader.readBytes(total)
        // A node of widths 0 has no packed bytes; nothing is then read through this pointer.
        guard let widthBase = bytes.baseAddress else { throw FormatError(.invalid, "no vectors") }
        unsafe widths = widthBase
        unsafe packed = rest.baseAddress ?? widthBase
        self.offsets = offsets
    }

    @inline(__always)
    func width(_ vector: Int) -> Int { unsafe Int(widths.load(fromByteOffset: vector, as: UInt8.self)) }

    @inline(__always)
    func start(_ vector: Int) -> UnsafeRawPointer { unsafe packed + offsets[vector] }

    /// The packed words themselves, at most 32 bits each.
    @inline(__always)
    func unpack(_ vector: Int, valueCount: Int, into words: UnsafeMutablePointer<UInt32>) {
        unsafe BitPacking.unpack(
            start(vector), width: width(vector), valueCount: valueCount, base: 0 as UInt32,
            into: UnsafeMutableRawPointer(words))
    }
}

/// Calls `body` for each vector that `rows` touch, so that it writes the vector's rows within them to their place in
/// `destination`: directly where the whole vector is wanted, else by way of a scratch vector.
@inline(__always)
func forEachVector<Word: WordType>(
    of rows: Range<Int>, count: Int, into destination: UnsafeMutableRawPointer, as _: Word.Type,
    _ body: (_ vector: Int, _ valueCount: Int, _ target: UnsafeMutableRawPointer) -> Void
) {
    guard !rows.isEmpty else { return }
    let size = MemoryLayout<Word>.size
    var scratch: UnsafeMutableRawPointer?
    defer { unsafe scratch?.deallocate() }
    let first = rows.lowerBound / PageLimits.vectorRowCount
    let last = (rows.upperBound &- 1) / PageLimits.vectorRowCount
    for vector in first...last {
        let start = vector &* PageLimits.vectorRowCount
        let valueCount = PageLimits.valueCount(ofVector: vector, of: count)
        let from = max(rows.lowerBound, start)
        let to = min(rows.upperBound, start &+ valueCount)
        let target = unsafe destination + (from &- rows.lowerBound) &* size
        if to &- from == PageLimits.vectorRowCount {
            unsafe body(vector, valueCount, target)
        } else {
            if unsafe scratch == nil {
                unsafe scratch = UnsafeMutableRawPointer.allocate(
                    byteCount: PageLimits.vectorRowCount &* size, alignment: 64)
            }
            unsafe body(vector, valueCount, scratch!)
            unsafe target.copyMemory(from: scratch! + (from &- start) &* size, byteCount: (to &- from) &* size)
        }
    }
}
