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
        var position = 0
        for i in 0..<rows.count {
            if unsafe validity.map({ unsafe $0[i] != 0 }) ?? true, byteCount > 0 {
                unsafe (heap + position).copyMemory(from: text.baseAddress!, byteCount: byteCount)
                position &+= byteCount
            }
            unsafe ends[i] = UInt32(truncatingIfNeeded: start &+ position)
        }
        return position
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
