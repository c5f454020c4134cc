internal import CDrumlinShims
import ColumnFormat

/// The same text in every row.
///
///     2, the text's bytes
@safe
final class ConstantTextNode: TextNode {
    let count: Int
    private nonisolated(unsafe) let text: UnsafeRawBufferPointer

    init(_ reader: inout ByteReader, count: Int) throws(FormatError) {
        self.count = count
        unsafe text = try reader.readBytes(reader.remaining)
    }

    var name: String { "constant" }

    func decode(_ rows: Range<Int>, validity: UnsafePointer<UInt8>?, into builder: ColumnBuilder) throws(FormatError)
        -> Int
    {
        let byteCount = unsafe text.count
        try TextDecoding.reserve(rows.count * byteCount, in: builder)
        let heap = unsafe builder.reservedHeap
        let ends = unsafe builder.reservedEnds
        let start = builder.heapByteCount
        var end = start
        if let validity = unsafe validity {
            for i in 0..<rows.count {
                unsafe end &+= validity[i] == 0 ? 0 : byteCount
                unsafe ends[i] = UInt32(truncatingIfNeeded: end)
            }
        } else {
            unsafe drumlin_ramp_u32(
                UInt32(truncatingIfNeeded: start), UInt32(truncatingIfNeeded: byteCount), UInt32(rows.count), ends)
            end &+= rows.count &* byteCount
        }
        let total = end &- start
        if let source = unsafe text.baseAddress, total > 0 {
            // Once, and then what is there as often as there is room: half of it is copied at the end.
            unsafe heap.copyMemory(from: source, byteCount: byteCount)
            var written = byteCount
            while written < total {
                let piece = min(written, total &- written)
                unsafe (heap + written).copyMemory(from: heap, byteCount: piece)
                written &+= piece
            }
        }
        return total
    }

    func codes(ofVector vector: Int, into buffer: VectorBuffer) throws(FormatError) -> ColumnSlice? {
        let builder = ColumnBuilder(type: .bytes, capacity: 1)
        guard unsafe builder.canAppend(byteCount: text.count) else { return nil }
        unsafe builder.append(bytes: text)
        unsafe buffer.narrow.update(repeating: 0, count: rows(ofVector: vector).count)
        return builder.snapshot()
    }

    func bytes(at row: Int, scratch: inout TextScratch) throws(FormatError) -> UnsafeRawBufferPointer { unsafe text }

    static func encode(_ text: UnsafeRawBufferPointer) -> EncodedNode {
        var writer = ByteWriter(reservingCapacity: 1 + text.count)
        writer.append(code: .constant)
        unsafe writer.append(raw: text)
        return EncodedNode(bytes: writer.bytes, name: "constant")
    }
}
