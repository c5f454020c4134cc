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
    func apply(to places: FewRows, in destination: UnsafeMutableRawPointer) {
        guard !rows.isEmpty, let values = unsafe values else { return }
        switch byteWidth {
        case 1: unsafe apply(to: places, of: values, in: destination, as: UInt8.self)
        case 2: unsafe apply(to: places, of: values, in: destination, as: UInt16.self)
        case 4: unsafe apply(to: places, of: values, in: destination, as: UInt32.self)
        default: unsafe apply(to: places, of: values, in: destination, as: UInt64.self)
        }
    }

    /// Each place is looked for by bisection without a branch that depends on where it is: those would be guessed wrong.
    @inline(__always)
    private func apply<Word: WordType>(
        to places: FewRows, of values: UnsafeRawPointer, in destination: UnsafeMutableRawPointer, as type: Word.Type
    ) {
        let target = unsafe destination.assumingMemoryBound(to: type)
        unsafe rows.withUnsafeBufferPointer { rows in
            for vector in places.vectors {
                let indices = indices(ofVector: vector)
                if indices.isEmpty { continue }
                let first = vector &* PageLimits.vectorRowCount
                for i in places.range(ofVector: vector) {
                    let row = unsafe first &+ Int(places.places[i])
                    var (index, length) = (indices.lowerBound, indices.count)
                    while length > 1 {
                        let half = length &>> 1
                        // All ones where the patch is before the row.
                        let isBefore = unsafe (Int(rows[index &+ half &- 1]) &- row) &>> 63
                        index &+= half & isBefore
                        length &-= half
                    }
                    let patch = unsafe values.loadUnaligned(fromByteOffset: index &* MemoryLayout<Word>.size, as: type)
                    let isPatched = unsafe Word(truncatingIfNeeded: ((Int(rows[index]) ^ row) &- 1) &>> 63)
                    unsafe target[i] = patch & isPatched | target[i] & ~isPatched
                }
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

    /// Marks each patched row by whether its value, an integer of `shape`, lies in `range`.
    func mark(_ range: ClosedRange<Int128>, shape: FixedShape, into bits: UnsafeMutablePointer<UInt32>) {
        let bounds = shape.bounds
        guard range.overlaps(bounds) else { return unsafe mark(into: bits) { _ in false } }
        let sought = range.clamped(to: bounds)
        // Signed words are moved to the unsigned ones in their order.
        let unused = UInt64(64 - shape.bitWidth)
        let flipped: UInt64 = shape.kind == .signed ? 1 << 63 : 0
        let low = (UInt64(truncatingIfNeeded: sought.lowerBound) << unused) ^ flipped
        let high = (UInt64(truncatingIfNeeded: sought.upperBound) << unused) ^ flipped
        unsafe mark(into: bits) { word in
            let moved = (word &<< unused) ^ flipped
            return low <= moved && moved <= high
        }
    }

    /// The same of floats.
    func mark(_ range: ClosedRange<Double>, into bits: UnsafeMutablePointer<UInt32>) {
        let (low, high) = (range.lowerBound, range.upperBound)
        if byteWidth == 4 {
            unsafe mark(into: bits) { word in
                let value = Double(Float(bitPattern: UInt32(truncatingIfNeeded: word)))
                return low <= value && value <= high
            }
        } else {
            unsafe mark(into: bits) { word in
                let value = Double(bitPattern: word)
                return low <= value && value <= high
            }
        }
    }

    /// Marks each patched row by what `isIn` says of its bits, zero-extended.
    @inline(__always)
    private func mark(into bits: UnsafeMutablePointer<UInt32>, _ isIn: (UInt64) -> Bool) {
        guard let values = unsafe values else { return }
        switch byteWidth {
        case 1: unsafe mark(values, as: UInt8.self, into: bits, isIn)
        case 2: unsafe mark(values, as: UInt16.self, into: bits, isIn)
        case 4: unsafe mark(values, as: UInt32.self, into: bits, isIn)
        default: unsafe mark(values, as: UInt64.self, into: bits, isIn)
        }
    }

    @inline(__always)
    private func mark<Word: WordType>(
        _ values: UnsafeRawPointer, as type: Word.Type, into bits: UnsafeMutablePointer<UInt32>,
        _ isIn: (UInt64) -> Bool
    ) {
        unsafe rows.withUnsafeBufferPointer { rows in
            for i in 0..<rows.count {
                let word = unsafe values.loadUnaligned(fromByteOffset: i &* MemoryLayout<Word>.size, as: type)
                unsafe RowBits.set(bits, Int(rows[i]), isIn(UInt64(truncatingIfNeeded: word)))
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
