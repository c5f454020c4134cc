import ColumnEncoding
import ColumnFormat
import Testing

/// Bytes with an owner, for readers that outlive a scope; not one byte more than there are, so that a sanitizer sees any
/// read beyond them.
@safe final class PageMemory {
    private let base: UnsafeMutableRawPointer
    private let count: Int

    init(_ bytes: [UInt8]) {
        count = bytes.count
        unsafe base = UnsafeMutableRawPointer.allocate(byteCount: max(count, 1), alignment: 8)
        unsafe bytes.withUnsafeBytes { source in
            if let start = source.baseAddress { unsafe base.copyMemory(from: start, byteCount: source.count) }
        }
    }

    deinit { unsafe base.deallocate() }

    func reader(
        type: ColumnType, rowCount: Int, siblings: PageSiblings = PageSiblings()
    ) throws(FormatError) -> PageReader {
        unsafe try PageReader(
            bytes: UnsafeRawBufferPointer(start: base, count: count), owner: self, type: type,
            rowCount: rowCount, siblings: siblings)
    }

    func references(type: ColumnType) throws(FormatError) -> PageReferences {
        unsafe try PageReader.references(of: UnsafeRawBufferPointer(start: base, count: count), type: type)
    }
}

/// Two slices hold the same rows, bit for bit.
func expectSame(_ left: ColumnSlice, _ right: ColumnSlice, _ context: String) {
    guard left.count == right.count else {
        Issue.record("\(left.count) rows, expected \(right.count): \(context)")
        return
    }
    for row in 0..<left.count where !isSame(left, row, right, row) {
        Issue.record("row \(row) is \(left.value(at: row)), expected \(right.value(at: row)): \(context)")
        return
    }
}

/// Row `i` of one slice is row `j` of the other, bit for bit.
func isSame(_ left: ColumnSlice, _ i: Int, _ right: ColumnSlice, _ j: Int) -> Bool {
    if left.isNull(i) != right.isNull(j) { return false }
    if let width = left.type.byteWidth {
        let a = unsafe UnsafeRawBufferPointer(start: left.rawPointer(at: i), count: width)
        let b = unsafe UnsafeRawBufferPointer(start: right.rawPointer(at: j), count: width)
        return unsafe a.elementsEqual(b)
    }
    return unsafe left.variableBytes(at: i).elementsEqual(right.variableBytes(at: j))
}

/// Encodes, decodes in one go, in pieces and row by row, and expects the same rows each time. Returns the page.
@discardableResult
func expectRoundTrip(_ slice: ColumnSlice, _ context: String) throws -> EncodedPage {
    let page = PageEncoder.encode(slice)
    let memory = PageMemory(page.bytes)
    let reader = try memory.reader(type: slice.type, rowCount: slice.count)
    let context = "\(context), \(slice.type.name) × \(slice.count), \(page.encoding)"
    #expect(reader.encoding == page.encoding, "\(context)")

    let whole = ColumnBuilder(type: slice.type)
    try reader.decode(rows: 0..<slice.count, into: whole)
    expectSame(whole.snapshot(), slice, "whole, \(context)")

    // Pieces that begin and end anywhere, into a builder that has rows already.
    let pieces = ColumnBuilder(type: slice.type)
    pieces.appendNull()
    var row = 0
    for length in [1, 1_022, 2, 1_024, 7, 3_000, 65_536] where row < slice.count {
        let end = min(slice.count, row + length)
        try reader.decode(rows: row..<end, into: pieces)
        row = end
    }
    let glued = pieces.snapshot()
    expectSame(glued.slice(1..<glued.count), slice, "pieces, \(context)")

    try expectSameVectors(reader, slice, context)

    let points = ColumnBuilder(type: slice.type)
    let step = max(1, slice.count / 97)
    var expected: [Int] = []
    for row in [0, slice.count - 1] + Array(stride(from: 0, to: slice.count, by: step)) {
        try reader.append(row: row, to: points)
        expected.append(row)
        #expect(try reader.isNull(at: row) == slice.isNull(row), "\(context)")
    }
    let read = points.snapshot()
    for (i, row) in expected.enumerated() where !isSame(read, i, slice, row) {
        Issue.record("point read of row \(row) gives \(read.value(at: i)), not \(slice.value(at: row)): \(context)")
        break
    }
    return page
}

/// A cursor over the page, and one over the rows in memory, give the rows of `slice`, whatever form the vectors have, in
/// any order.
func expectSameVectors(_ reader: PageReader, _ slice: ColumnSlice, _ context: String) throws {
    let cursor = VectorCursor(type: slice.type)
    let vectors = Array(0..<(slice.count + 1_023) / 1_024)
    for isPage in [true, false] {
        if isPage { cursor.open(reader) } else { cursor.open(slice) }
        for vector in vectors.reversed() + vectors {
            let part = slice.slice(vector * 1_024..<min(slice.count, (vector + 1) * 1_024))
            for step in [1, 3, 97, 2_000] {
                try expectGathered(
                    cursor, vector, Array(stride(from: step % 5, to: part.count, by: step)), part, context)
            }
            if slice.type == .int64 || slice.type == .timestamp, let bounds = cursor.bounds(ofVector: vector) {
                for row in 0..<part.count where !part.isNull(row) {
                    let value = unsafe part.pointer(as: Int64.self)[row]
                    #expect(bounds.low <= value && value <= bounds.high, "bounds of vector \(vector), \(context)")
                }
            }
            try cursor.load(vector)
            expectSame(rows(of: cursor), part, "vector \(vector), \(context)")
        }
    }
}

/// The rows at `places` of a vector alone are those of `part`, where the cursor gives them.
private func expectGathered(
    _ cursor: VectorCursor, _ vector: Int, _ places: [Int], _ part: ColumnSlice, _ context: String
) throws {
    let rows = places.map { UInt32($0) }
    try unsafe rows.withUnsafeBufferPointer { rows throws in
        guard let base = rows.baseAddress, !rows.isEmpty else { return }
        let chosen = unsafe VectorPlaces(vector: vector, places: base, count: rows.count)
        guard let found = unsafe try cursor.gather(chosen), let width = part.type.byteWidth else { return }
        for (i, place) in places.enumerated() {
            let left = unsafe UnsafeRawBufferPointer(start: found + i * width, count: width)
            let right = unsafe UnsafeRawBufferPointer(start: part.rawPointer(at: place), count: width)
            guard unsafe left.elementsEqual(right) else {
                Issue.record("row \(place) of vector \(vector) alone is another: \(context)")
                return
            }
        }
    }
}

/// The rows of the loaded vector.
private func rows(of cursor: VectorCursor) -> ColumnSlice {
    let builder = ColumnBuilder(type: cursor.type)
    let validity = unsafe cursor.validity
    if !cursor.type.isVariableLength { cursor.expand() }
    for row in 0..<cursor.count {
        if unsafe validity.map({ unsafe $0[row] == 0 }) ?? false {
            builder.appendNull()
        } else if let width = cursor.type.byteWidth {
            unsafe builder.append(fixedBytes: cursor.words + row * width)
        } else if let texts = cursor.distinctTexts {
            unsafe builder.append(bytes: texts.variableBytes(at: Int(cursor.narrow[row])))
        } else if let texts = cursor.textRows {
            unsafe builder.append(bytes: texts.variableBytes(at: row))
        }
    }
    return builder.snapshot()
}

/// A small generator that gives every platform the same numbers.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// Which rows are null.
enum NullPattern: CaseIterable {
    case none, all, alternating, rare, leading

    func isNull(_ row: Int) -> Bool {
        switch self {
        case .none: false
        case .all: true
        case .alternating: row % 2 == 1
        case .rare: row % 97 == 5
        case .leading: row < 40
        }
    }
}

let allScalarTypes: [ColumnType] = [
    .bool, .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64, .float32, .float64, .string, .bytes,
    .timestamp, .uuid, .vector(dimension: 3),
]
