import ColumnFormat

/// The same value in every row.
///
///     2, the value in as many bytes as it has in memory
@safe
final class ConstantNode: FixedNode {
    let count: Int
    private let value: [UInt8]
    private let kind: FixedShape.Kind

    init(_ reader: inout ByteReader, shape: FixedShape, count: Int) throws(FormatError) {
        self.count = count
        kind = shape.kind
        var value = unsafe Array(try reader.readBytes(shape.byteWidth))
        if shape.kind == .bit { value[0] &= 1 }
        self.value = value
        try NodeParser.expectEnd(reader)
    }

    var name: String { "constant" }

    func decode(_ rows: Range<Int>, into destination: UnsafeMutableRawPointer) throws(FormatError) {
        let byteWidth = value.count
        switch byteWidth {
        case 1: unsafe fill(rows.count, UInt8.self, destination)
        case 2: unsafe fill(rows.count, UInt16.self, destination)
        case 4: unsafe fill(rows.count, UInt32.self, destination)
        case 8: unsafe fill(rows.count, UInt64.self, destination)
        default:
            for i in 0..<rows.count {
                unsafe value.withUnsafeBytes {
                    unsafe (destination + i * byteWidth).copyMemory(from: $0.baseAddress!, byteCount: byteWidth)
                }
            }
        }
    }

    private func fill<Word: WordType>(_ count: Int, _: Word.Type, _ destination: UnsafeMutableRawPointer) {
        let word = unsafe value.withUnsafeBytes { unsafe $0.loadUnaligned(as: Word.self) }
        let target = unsafe destination.assumingMemoryBound(to: Word.self)
        unsafe target.update(repeating: word, count: count)
    }

    func load(_ row: Int, into destination: UnsafeMutableRawPointer) throws(FormatError) {
        unsafe value.withUnsafeBytes {
            unsafe destination.copyMemory(from: $0.baseAddress!, byteCount: $0.count)
        }
    }

    func load(vector: Int, into buffer: VectorBuffer) throws(FormatError) -> VectorForm {
        unsafe buffer.words.storeBytes(of: 0, as: UInt64.self)
        unsafe try load(0, into: buffer.words)
        return .constant
    }

    func gather(
        _ places: FewRows, byteWidth: Int, into destination: UnsafeMutableRawPointer, scratch: VectorScratch
    ) throws(FormatError) {
        unsafe try decode(0..<places.count, into: destination)
    }

    func mark(_ range: SoughtRange, into bits: UnsafeMutablePointer<UInt32>) -> Bool {
        guard value.count <= 8, let isIn = isIn(range) else { return false }
        unsafe RowBits.fill(bits, isIn, valueCount: count)
        return true
    }

    /// Whether the value lies in `range`; nil where it is of another kind.
    private func isIn(_ range: SoughtRange) -> Bool? {
        let word = value.reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
        switch (range, kind) {
        case (.integers(let range), .signed), (.integers(let range), .unsigned):
            return range.contains(FixedShape(kind: kind, byteWidth: value.count).integer(word))
        case (.integers(let range), .bit): return range.contains(Int128(word))
        case (.reals(let range), .float):
            let real = value.count == 4 ? Double(Float(bitPattern: UInt32(word))) : Double(bitPattern: word)
            return range.lowerBound <= real && real <= range.upperBound
        default: return nil
        }
    }

    // MARK: Encoding

    /// True where every value equals the first, bit for bit. O(n), and O(1) where the second already differs.
    static func analyze(_ input: FixedInput) -> Bool {
        let byteWidth = input.shape.byteWidth
        return unsafe isPeriodic(input.bytes, period: byteWidth)
    }

    private static func isPeriodic(_ bytes: UnsafeRawBufferPointer, period: Int) -> Bool {
        guard bytes.count > period, let base = bytes.baseAddress else { return true }
        return unsafe equalBytes(base, base + period, bytes.count - period)
    }

    static func encode(_ input: FixedInput) -> EncodedNode {
        var writer = ByteWriter(reservingCapacity: 1 + input.shape.byteWidth)
        writer.append(code: .constant)
        unsafe writer.append(raw: UnsafeRawBufferPointer(rebasing: input.bytes[0..<input.shape.byteWidth]))
        return EncodedNode(bytes: writer.bytes, name: "constant")
    }
}

/// Whether two pieces of memory hold the same bytes; eight at a time.
func equalBytes(_ left: UnsafeRawPointer, _ right: UnsafeRawPointer, _ byteCount: Int) -> Bool {
    var i = 0
    while i &+ 8 <= byteCount {
        let a = unsafe left.loadUnaligned(fromByteOffset: i, as: UInt64.self)
        let b = unsafe right.loadUnaligned(fromByteOffset: i, as: UInt64.self)
        if a != b { return false }
        i &+= 8
    }
    while i < byteCount {
        let a = unsafe left.load(fromByteOffset: i, as: UInt8.self)
        let b = unsafe right.load(fromByteOffset: i, as: UInt8.self)
        if a != b { return false }
        i &+= 1
    }
    return true
}
