import ColumnFormat

/// float64 values that float32 holds exactly.
///
///     8, node of count float32 values
///
/// Each value is the float32 widened; NaN payloads are only narrowed where widening gives them back bit for bit.
@safe
final class NarrowedNode: FixedNode {
    let count: Int
    private let child: any FixedNode

    static let childShape = FixedShape(kind: .float, byteWidth: 4)

    init(_ reader: inout ByteReader, count: Int, depth: Int) throws(FormatError) {
        self.count = count
        child = try NodeParser.lastFixedChild(&reader, shape: Self.childShape, count: count, depth: depth)
    }

    var name: String { "narrowed(\(child.name))" }

    func decode(_ rows: Range<Int>, into destination: UnsafeMutableRawPointer) throws(FormatError) {
        // The float32 values go to the second half of the destination. Widened from the front, value i is written
        // up to byte 8i + 8 after value i was read from byte 4n + 4i, and never over one that is still to be read.
        let floats = unsafe destination + rows.count * 4
        unsafe try child.decode(rows, into: floats)
        var i = 0
        while i &+ 8 <= rows.count {
            let narrow = unsafe floats.loadUnaligned(fromByteOffset: i &* 4, as: SIMD8<Float>.self)
            let wide = SIMD8<Double>(narrow)
            unsafe destination.storeBytes(of: wide, toByteOffset: i &* 8, as: SIMD8<Double>.self)
            i &+= 8
        }
        while i < rows.count {
            let narrow = unsafe floats.load(fromByteOffset: i &* 4, as: Float.self)
            unsafe destination.storeBytes(of: Double(narrow), toByteOffset: i &* 8, as: Double.self)
            i &+= 1
        }
    }

    func load(vector: Int, into buffer: VectorBuffer) throws(FormatError) -> VectorForm {
        let count = rows(ofVector: vector).count
        let form = try child.load(vector: vector, into: buffer)
        switch form {
        case .frame: return form
        case .constant:
            buffer.widen(count: 1)
            return .constant
        case .words, .codes:
            buffer.expand(form, byteWidth: 4, count: count)
            buffer.widen(count: count)
            return .words
        }
    }

    func load(_ row: Int, into destination: UnsafeMutableRawPointer) throws(FormatError) {
        let bits = UInt32(truncatingIfNeeded: try child.word(at: row))
        unsafe destination.storeBytes(of: Double(Float(bitPattern: bits)), as: Double.self)
    }

    // MARK: Encoding

    /// The values as float32 where all are exactly that, else nil. O(n), and O(1) where an early one is not.
    static func analyze(_ input: FixedInput) -> RawBuffer? {
        let values = unsafe input.words(as: UInt64.self)
        let buffer = RawBuffer(byteCapacity: input.count * 4)
        let floats = unsafe buffer.base.assumingMemoryBound(to: Float.self)
        for i in 0..<input.count {
            let bits = unsafe values[i]
            let narrow = Float(Double(bitPattern: bits))
            guard Double(narrow).bitPattern == bits else { return nil }
            unsafe floats[i] = narrow
        }
        return buffer
    }

    static func encode(_ floats: RawBuffer, count: Int, depth: Int, options: EncodingOptions) -> EncodedNode {
        let input = FixedInput(floats, count: count, shape: childShape)
        let child = withExtendedLifetime(floats) {
            FixedEncoder.encode(input, depth: depth + 1, options: options)
        }
        var writer = ByteWriter(reservingCapacity: 1 + child.byteCount)
        writer.append(code: .narrowed)
        writer.append(bytes: child.bytes)
        return EncodedNode(
            bytes: writer.bytes, name: "narrowed(\(child.name))",
            decodeCost: DecodeCost.narrowed + child.decodeCost)
    }
}
