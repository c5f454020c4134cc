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
                let places = Array(stride(from: step % 5, to: part.count, by: step))
                try expectGathered(cursor, vector..<vector + 1, [places], slice, context)
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
        // Rows of several vectors, some of which have none.
        let places = vectors.map { vector in
            vector % 3 == 1
                ? [] : Array(stride(from: vector * 7 % 50, to: min(1_024, slice.count - vector * 1_024), by: 61))
        }
        try expectGathered(cursor, 0..<min(vectors.count, 40), Array(places.prefix(40)), slice, context)
    }
    if slice.count <= 3_000 { expectMarks(reader, slice, context) }
}

/// The rows at `places` of each of `vectors` alone are those of `slice`, where the cursor gives them.
private func expectGathered(
    _ cursor: VectorCursor, _ vectors: Range<Int>, _ places: [[Int]], _ slice: ColumnSlice, _ context: String
) throws {
    let rows = places.flatMap { $0.map { UInt32($0) } }
    let starts = places.reduce(into: [0 as UInt32]) { $0.append($0[$0.count - 1] + UInt32($1.count)) }
    let expected = zip(vectors, places).flatMap { vector, places in places.map { vector * 1_024 + $0 } }
    guard !rows.isEmpty, let width = slice.type.byteWidth else { return }
    try unsafe rows.withUnsafeBufferPointer { rows throws in
        try unsafe starts.withUnsafeBufferPointer { starts throws in
            guard let base = rows.baseAddress, let first = starts.baseAddress else { return }
            let chosen = unsafe FewRows(vectors: vectors, places: base, starts: first)
            guard let found = unsafe try cursor.gather(chosen) else { return }
            for (i, row) in expected.enumerated() {
                let left = unsafe UnsafeRawBufferPointer(start: found + i * width, count: width)
                let right = unsafe UnsafeRawBufferPointer(start: slice.rawPointer(at: row), count: width)
                guard unsafe left.elementsEqual(right) else {
                    Issue.record("row \(row), read alone, is another: \(context)")
                    return
                }
            }
        }
    }
}

/// What the page marks are the values in the range, wherever it begins and ends. Whether it marks any.
@discardableResult
func expectMarks(_ reader: PageReader, _ slice: ColumnSlice, _ context: String) -> Bool {
    let count = slice.count
    let bits = UnsafeMutablePointer<UInt32>.allocate(capacity: (count + 1_023) / 1_024 * 32)
    defer { unsafe bits.deallocate() }
    let rows = [0, 1, count / 3, count / 2, count - 1].map { min($0, count - 1) }
    var marksAny = false
    func expect(_ range: SoughtRange, _ isIn: (Int) -> Bool) {
        guard unsafe reader.mark(range, into: bits) else { return }
        marksAny = true
        for row in 0..<(count + 31) / 32 * 32 {
            let isMarked = unsafe bits[row / 32] >> UInt32(row % 32) & 1 == 1
            if isMarked != (row < count && isIn(row)) {
                let value = row < count ? "\(slice.value(at: row))" : "behind the last"
                Issue.record("row \(row), \(value), marked: \(isMarked), sought: \(range), \(context)")
                return
            }
        }
    }
    switch slice.type {
    case .float32, .float64:
        let values = (0..<count).map { slice.double(at: $0) }
        let bounds =
            [-.infinity, -0.0, 0, .infinity, 1e300] + rows.map { values[$0] } + rows.map { values[$0].nextDown }
        for low in bounds {
            for high in bounds where low <= high {
                expect(.reals(low...high)) { low <= values[$0] && values[$0] <= high }
            }
        }
    case .string, .bytes, .uuid, .vector: break
    default:
        let values = (0..<count).map { integer(slice.value(at: $0)) }
        let bounds =
            [-1 << 100, Int128(Int64.min), 0, Int128(UInt64.max), 1 << 100] + rows.map { values[$0] }
            + rows.map { values[$0] - 1 }
        for low in bounds {
            for high in bounds where low <= high {
                expect(.integers(low...high)) { low <= values[$0] && values[$0] <= high }
            }
        }
    }
    return marksAny
}

private func integer(_ value: Value) -> Int128 {
    switch value {
    case .bool(let value): value ? 1 : 0
    case .int(let value): Int128(value)
    case .uint(let value): Int128(value)
    case .timestamp(let value): Int128(value.microseconds)
    default: 0
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
