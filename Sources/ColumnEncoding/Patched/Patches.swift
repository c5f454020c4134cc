import ColumnFormat

/// The rows of a page that a codec cannot express, with their values as they are.
///
///     varint patch count
///     rows     patch count × UInt16, strictly ascending
///     values   patch count × W bytes
@safe
struct Patches: Sendable {
    let rows: [UInt16]
    private let byteWidth: Int
    private nonisolated(unsafe) let values: UnsafeRawPointer?

    init(_ reader: inout ByteReader, byteWidth: Int, count: Int) throws(FormatError) {
        self.byteWidth = byteWidth
        let patchCount = try reader.readCount(limit: min(count, reader.remaining / 2), of: "patches")
        let start = reader.offset
        let bytes = unsafe try reader.readBytes(patchCount * 2)
        var rows: [UInt16] = []
        rows.reserveCapacity(patchCount)
        var previous = -1
        for i in 0..<patchCount {
            let row = unsafe bytes.loadUnaligned(fromByteOffset: i &* 2, as: UInt16.self)
            guard Int(row) > previous, Int(row) < count else {
                throw FormatError(.invalid, "patch of row \(row) after \(previous) of \(count)", at: start + i * 2)
            }
            previous = Int(row)
            rows.append(row)
        }
        self.rows = rows
        unsafe values = try reader.readBytes(patchCount * byteWidth).baseAddress
    }

    /// The index of the first patch at or after `row`.
    private func firstIndex(at row: Int) -> Int {
        var low = 0
        var high = rows.count
        while low < high {
            let middle = (low + high) / 2
            if Int(rows[middle]) < row { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The places in ``rows`` of the patches within `range`.
    func indices(of range: Range<Int>) -> Range<Int> {
        if rows.isEmpty { return 0..<0 }
        let first = firstIndex(at: range.lowerBound)
        var end = first
        while end < rows.count, Int(rows[end]) < range.upperBound { end += 1 }
        return first..<end
    }

    /// The value of a patch, zero-extended.
    func word(at index: Int) -> UInt64 {
        var word: UInt64 = 0
        guard let values = unsafe values else { return 0 }
        unsafe withUnsafeMutableBytes(of: &word) {
            unsafe $0.baseAddress!.copyMemory(from: values + index * byteWidth, byteCount: byteWidth)
        }
        return UInt64(littleEndian: word)
    }

    /// Writes the patched values of `range` over those in `destination`, whose first value is that of the range's
    /// first row.
    func apply(to range: Range<Int>, in destination: UnsafeMutableRawPointer) {
        guard !rows.isEmpty, let values = unsafe values else { return }
        let first = firstIndex(at: range.lowerBound)
        let last = firstIndex(at: range.upperBound)
        guard first < last else { return }
        switch byteWidth {
        case 1: unsafe apply(first..<last, of: values, at: range.lowerBound, in: destination, as: UInt8.self)
        case 2: unsafe apply(first..<last, of: values, at: range.lowerBound, in: destination, as: UInt16.self)
        case 4: unsafe apply(first..<last, of: values, at: range.lowerBound, in: destination, as: UInt32.self)
        default: unsafe apply(first..<last, of: values, at: range.lowerBound, in: destination, as: UInt64.self)
        }
    }

    @inline(__always)
    private func apply<Word: WordType>(
        _ patches: Range<Int>, of values: UnsafeRawPointer, at start: Int, in destination: UnsafeMutableRawPointer,
        as type: Word.Type
    ) {
        let target = unsafe destination.assumingMemoryBound(to: type)
        unsafe rows.withUnsafeBufferPointer { rows in
            for i in patches {
                unsafe target[Int(rows[i]) &- start] = values.loadUnaligned(
                    fromByteOffset: i &* MemoryLayout<Word>.size, as: type)
            }
        }
    }

    /// Appends patches of the given rows of `input`.
    static func encode(_ rows: [UInt16], of input: FixedInput, to writer: inout ByteWriter) {
        let byteWidth = input.shape.byteWidth
        writer.append(varint: UInt64(rows.count))
        for row in rows { writer.append(row) }
        for row in rows {
            unsafe writer.append(
                raw: UnsafeRawBufferPointer(start: input.base + Int(row) * byteWidth, count: byteWidth))
        }
    }
}
