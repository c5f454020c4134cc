import ColumnFormat

/// The rows of a page that a codec cannot express, with their values as they are.
///
///     varint patch count
///     rows     patch count × UInt16, strictly ascending
///     values   patch count × W bytes
@safe
struct Patches: Sendable {
    let rows: PatchRows
    private let byteWidth: Int
    private nonisolated(unsafe) let values: UnsafeRawPointer?

    init(_ reader: inout ByteReader, byteWidth: Int, count: Int) throws(FormatError) {
        self.byteWidth = byteWidth
        rows = try PatchRows(&reader, count: count)
        unsafe values = try reader.readBytes(rows.count * byteWidth).baseAddress
    }

    /// The places in ``rows`` of the patches of a vector.
    @inline(__always)
    func indices(ofVector vector: Int) -> Range<Int> {
        rows.isEmpty ? 0..<0 : rows.indices(ofVector: vector)
    }

    /// Calls `body` with the place within its vector and the value, zero-extended, of each patch in `indices`, which are
    /// those of vector `vector`, until one returns false. Whether none did.
    @inline(__always)
    func all(_ indices: Range<Int>, ofVector vector: Int, _ body: (Int, UInt64) -> Bool) -> Bool {
        guard let values = unsafe values else { return true }
        let first = vector &* PageLimits.vectorRowCount
        switch byteWidth {
        case 1: return unsafe all(indices, of: values, first, as: UInt8.self, body)
        case 2: return unsafe all(indices, of: values, first, as: UInt16.self, body)
        case 4: return unsafe all(indices, of: values, first, as: UInt32.self, body)
        default: return unsafe all(indices, of: values, first, as: UInt64.self, body)
        }
    }

    @inline(__always)
    private func all<Word: WordType>(
        _ indices: Range<Int>, of values: UnsafeRawPointer, _ first: Int, as type: Word.Type,
        _ body: (Int, UInt64) -> Bool
    ) -> Bool {
        unsafe rows.withUnsafeBufferPointer { rows in
            for i in indices {
                let word = unsafe values.loadUnaligned(fromByteOffset: i &* MemoryLayout<Word>.size, as: type)
                if unsafe !body(Int(rows[i]) &- first, UInt64(truncatingIfNeeded: word)) { return false }
            }
            return true
        }
    }

    /// Writes the value of `row` if it is patched; false where it is not.
    @inline(__always)
    func load(_ row: Int, into destination: UnsafeMutableRawPointer) -> Bool {
        guard let index = rows.index(of: row), let values = unsafe values else { return false }
        unsafe destination.copyMemory(from: values + index * byteWidth, byteCount: byteWidth)
        return true
    }

    /// Writes the patched values of vector `vector` over those in `destination`, which begins with its first row.
    func apply(toVector vector: Int, in destination: UnsafeMutableRawPointer) {
        let indices = indices(ofVector: vector)
        guard !indices.isEmpty, let values = unsafe values else { return }
        unsafe apply(indices, of: values, at: vector &* PageLimits.vectorRowCount, in: destination)
    }

    /// Writes the patched values of `range` over those in `destination`, whose first value is that of the range's
    /// first row.
    func apply(to range: Range<Int>, in destination: UnsafeMutableRawPointer) {
        guard !rows.isEmpty, let values = unsafe values else { return }
        let patches = rows.indices(in: range)
        guard !patches.isEmpty else { return }
        unsafe apply(patches, of: values, at: range.lowerBound, in: destination)
    }

    /// Writes the patched values at `places` over those in `destination`, which has one value for each place.
    func apply(to places: VectorPlaces, in destination: UnsafeMutableRawPointer) {
        let indices = indices(ofVector: places.vector)
        guard !indices.isEmpty, let values = unsafe values else { return }
        let first = places.vector &* PageLimits.vectorRowCount
        var index = indices.lowerBound
        unsafe rows.withUnsafeBufferPointer { rows in
            for i in 0..<places.count {
                let row = unsafe first &+ Int(places.places[i])
                while index < indices.upperBound, unsafe Int(rows[index]) < row { index &+= 1 }
                if index == indices.upperBound { return }
                guard unsafe Int(rows[index]) == row else { continue }
                unsafe (destination + i &* byteWidth).copyMemory(
                    from: values + index &* byteWidth, byteCount: byteWidth)
            }
        }
    }

    private func apply(
        _ patches: Range<Int>, of values: UnsafeRawPointer, at start: Int, in destination: UnsafeMutableRawPointer
    ) {
        switch byteWidth {
        case 1: unsafe apply(patches, of: values, at: start, in: destination, as: UInt8.self)
        case 2: unsafe apply(patches, of: values, at: start, in: destination, as: UInt16.self)
        case 4: unsafe apply(patches, of: values, at: start, in: destination, as: UInt32.self)
        default: unsafe apply(patches, of: values, at: start, in: destination, as: UInt64.self)
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
