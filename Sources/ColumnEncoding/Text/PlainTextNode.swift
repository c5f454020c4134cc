import ColumnFormat

/// Texts as their lengths and their bytes.
///
///     10, varint heap byte count
///     starts    V × UInt32: where each vector's texts begin in the heap     V = ⌈count ÷ 1,024⌉ vectors
///     lengths   varint byte count, node of count UInt32; those of a vector add up to the way to the next start
///     heap      the rest: ``ByteSource`` of heap byte count bytes
///
/// A point read sums the lengths before it in its vector (none where all lengths are equal) and, where the heap is
/// compressed, decompresses one frame.
@safe
final class PlainTextNode: TextNode {
    let count: Int
    private let heapByteCount: Int
    private let starts: [UInt32]
    private let lengths: any FixedNode
    /// The length of every text, where there is one.
    private let commonLength: Int?
    private let heap: ByteSource

    init(_ reader: inout ByteReader, count: Int, depth: Int) throws(FormatError) {
        self.count = count
        heapByteCount = try reader.readCount(limit: Int(UInt32.max), of: "bytes of text")
        var starts: [UInt32] = []
        for vector in 0..<PageLimits.vectorCount(count) {
            let start = try reader.read(UInt32.self)
            guard Int(start) <= heapByteCount, vector == 0 ? start == 0 : start >= starts[vector - 1] else {
                throw FormatError(.invalid, "texts of vector \(vector) start at \(start)", at: reader.offset - 4)
            }
            starts.append(start)
        }
        starts.append(UInt32(heapByteCount))
        self.starts = starts
        lengths = try NodeParser.fixedChild(&reader, shape: .count, count: count, depth: depth)
        commonLength = lengths is ConstantNode ? Int(try lengths.word(at: 0)) : nil
        if let commonLength, commonLength * count != heapByteCount {
            throw FormatError(.invalid, "\(count) texts of \(commonLength) bytes in \(heapByteCount)")
        }
        let offset = reader.offset
        do throws(FormatError) {
            var rest = unsafe ByteReader(try reader.readBytes(reader.remaining))
            heap = try ByteSource(&rest, count: heapByteCount)
        } catch { throw error.shifted(by: offset) }
    }

    var name: String {
        let parts = [lengths is ConstantNode ? nil : "lengths: \(lengths.name)", heap.name].compactMap { $0 }
        return parts.isEmpty ? "text" : "text(\(parts.joined(separator: ", ")))"
    }

    func decode(_ rows: Range<Int>, validity: UnsafePointer<UInt8>?, into builder: ColumnBuilder) throws(FormatError)
        -> Int
    {
        guard !rows.isEmpty else { return 0 }
        let range = unsafe try positions(of: rows, shift: builder.heapByteCount, into: builder.reservedEnds)
        try TextDecoding.reserve(range.count, in: builder)
        unsafe try heap.copy(range, to: builder.reservedHeap)
        return range.count
    }

    /// Writes where each of `rows`, which are not empty, ends in the heap, as if the first of them began at `shift`, or at its
    /// own place where that is nil. The part of the heap that they take.
    func positions(of rows: Range<Int>, shift: Int?, into ends: UnsafeMutablePointer<UInt32>) throws(FormatError)
        -> Range<Int>
    {
        let from = try start(of: rows.lowerBound)
        let scratch = UnsafeMutablePointer<UInt32>.allocate(capacity: PageLimits.vectorRowCount)
        defer { unsafe scratch.deallocate() }
        let distance = (shift ?? from) - from
        var to = from
        var row = rows.lowerBound
        while row < rows.upperBound {
            let vector = row / PageLimits.vectorRowCount
            let end = min(rows.upperBound, (vector + 1) * PageLimits.vectorRowCount)
            unsafe try lengths.decode(row..<end, into: UnsafeMutableRawPointer(scratch))
            let limit = Int(starts[vector + 1])
            for i in 0..<end &- row {
                unsafe to &+= Int(scratch[i])
                unsafe ends[row &- rows.lowerBound &+ i] = UInt32(truncatingIfNeeded: distance &+ to)
            }
            let isWhole = end == min((vector + 1) * PageLimits.vectorRowCount, count)
            guard isWhole ? to == limit : to <= limit else { throw badLengths(vector) }
            row = end
        }
        return from..<to
    }

    /// Bytes of the texts of a vector.
    func heapByteCount(ofVector vector: Int) -> Int { Int(starts[vector + 1] - starts[vector]) }

    /// All texts one after the other, where they need no decompression: valid while the page is.
    var storedHeap: UnsafeRawBufferPointer? { unsafe heap.stored }

    /// Where the text of `row` begins in the heap.
    private func start(of row: Int) throws(FormatError) -> Int {
        if let commonLength { return row * commonLength }
        let vector = row / PageLimits.vectorRowCount
        let first = vector * PageLimits.vectorRowCount
        var position = Int(starts[vector])
        guard row > first else { return position }
        let scratch = UnsafeMutablePointer<UInt32>.allocate(capacity: PageLimits.vectorRowCount)
        defer { unsafe scratch.deallocate() }
        unsafe try lengths.decode(first..<row, into: UnsafeMutableRawPointer(scratch))
        for i in 0..<row &- first { unsafe position &+= Int(scratch[i]) }
        guard position <= Int(starts[vector + 1]) else { throw badLengths(vector) }
        return position
    }

    /// Where the text of `row` lies in the heap.
    func heapRange(of row: Int) throws(FormatError) -> Range<Int> {
        let from = try start(of: row)
        if let commonLength { return from..<from + commonLength }
        let length = Int(try lengths.word(at: row))
        let vector = row / PageLimits.vectorRowCount
        guard length <= Int(starts[vector + 1]) - from else { throw badLengths(vector) }
        return from..<from + length
    }

    func bytes(at row: Int, scratch: inout TextScratch) throws(FormatError) -> UnsafeRawBufferPointer {
        unsafe try heap.bytes(try heapRange(of: row), scratch: &scratch)
    }

    func isEqual(at row: Int, to bytes: UnsafeRawBufferPointer) throws(FormatError) -> Bool {
        let range = try heapRange(of: row)
        guard range.count == bytes.count else { return false }
        if let stored = unsafe storedHeap {
            return unsafe equalTexts(UnsafeRawBufferPointer(rebasing: stored[range]), bytes)
        }
        var scratch = TextScratch()
        let isEqual = unsafe equalTexts(try heap.bytes(range, scratch: &scratch), bytes)
        withExtendedLifetime(scratch) {}
        return isEqual
    }

    private func badLengths(_ vector: Int) -> FormatError {
        FormatError(.invalid, "the texts of vector \(vector) do not add up to their bytes")
    }

    // MARK: Encoding

    static func encode(_ input: TextInput, options: EncodingOptions, depth: Int) -> EncodedNode {
        let lengths = RawBuffer(byteCapacity: input.count * 4)
        var writer = ByteWriter(reservingCapacity: input.heapByteCount + input.count)
        writer.append(code: .text)
        writer.append(varint: UInt64(input.heapByteCount))
        var start = 0
        for row in 0..<input.count {
            if row % PageLimits.vectorRowCount == 0 { writer.append(UInt32(start)) }
            let length = input.length(at: row)
            unsafe lengths.base.storeBytes(of: UInt32(length), toByteOffset: row * 4, as: UInt32.self)
            start += length
        }
        let lengthInput = FixedInput(lengths, count: input.count, shape: .count)
        let node = withExtendedLifetime(lengths) {
            FixedEncoder.encode(lengthInput, depth: depth + 1, options: options)
        }
        writer.append(child: node)
        let compressed = unsafe ByteSource.encode(
            input.heap, options: options, to: &writer)
        let parts = [node.name == "constant" ? nil : "lengths: \(node.name)", compressed ? "lz4" : nil]
        let text = parts.compactMap { $0 }.joined(separator: ", ")
        return EncodedNode(bytes: writer.bytes, name: text.isEmpty ? "text" : "text(\(text))")
    }
}
