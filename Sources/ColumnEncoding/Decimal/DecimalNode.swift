import ColumnFormat

/// Floating-point values that are decimals of a few digits: prices, rounded distances, counts, and whatever was once
/// text. They are kept as integers n, so that value = n ÷ 10^e.
///
///     7, UInt8 exponent e, 0…22
///     patches   see ``Patches``: the values that n and e do not give bit for bit
///     digits    the rest: node of count signed integers of as many bytes as a value has; anything where patched
///
/// float64: Double(n) ÷ 10^e, rounded once. Both operands are exact (|n| ≤ 2^53, e ≤ 22), so the quotient is the double
/// nearest to the decimal: what a correct parser of its text returns. float32: that quotient, rounded to float32.
/// −0.0, NaN, infinities and values with too many digits are patches. (ALP, A. Afroozeh et al., SIGMOD 2023,
/// multiplies by a rounded 10^−e and needs a second exponent to make up for it.)
@safe
final class DecimalNode: FixedNode {
    static let maximumExponent = 22

    let count: Int
    private let byteWidth: Int
    private let divisor: Double
    private let patches: Patches
    private let digits: any FixedNode

    init(_ reader: inout ByteReader, shape: FixedShape, count: Int, depth: Int) throws(FormatError) {
        self.count = count
        byteWidth = shape.byteWidth
        let exponent = Int(try reader.read(UInt8.self))
        guard exponent <= Self.maximumExponent else {
            throw FormatError(.invalid, "decimal exponent \(exponent)", at: reader.offset - 1)
        }
        divisor = Self.powers[exponent]
        patches = try Patches(&reader, byteWidth: byteWidth, count: count)
        digits = try NodeParser.lastFixedChild(
            &reader, shape: FixedShape(kind: .signed, byteWidth: byteWidth), count: count, depth: depth)
    }

    /// 10^0 … 10^22, all of which a double holds exactly.
    static let powers: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22,
    ]

    var name: String { patches.rows.isEmpty ? "decimal(\(digits.name))" : "decimal(\(digits.name), patches)" }

    func decode(_ rows: Range<Int>, into destination: UnsafeMutableRawPointer) throws(FormatError) {
        unsafe try digits.decode(rows, into: destination)
        // By vectors, whose digits are divided in the cheapest way that is exact for them.
        for start in stride(from: 0, to: rows.count, by: PageLimits.vectorRowCount) {
            let part = min(PageLimits.vectorRowCount, rows.count - start)
            unsafe VectorBuffer.divide(
                destination + start * byteWidth, byteWidth: byteWidth, count: part, divisor: divisor)
        }
        unsafe patches.apply(to: rows, in: destination)
    }

    func decode(vector: Int, into destination: UnsafeMutableRawPointer, scratch: VectorScratch) throws(FormatError) {
        let rows = rows(ofVector: vector)
        unsafe try digits.decode(vector: vector, into: destination, scratch: scratch)
        unsafe VectorBuffer.divide(destination, byteWidth: byteWidth, count: rows.count, divisor: divisor)
        unsafe patches.apply(toVector: vector, in: destination)
    }

    func load(vector: Int, into buffer: VectorBuffer) throws(FormatError) -> VectorForm {
        let rows = rows(ofVector: vector)
        let hasPatches = !patches.indices(ofVector: vector).isEmpty
        let form = try digits.load(vector: vector, into: buffer)
        if case .frame(var frame) = form, !hasPatches {
            frame.divisor = divisor
            frame.isReal = true
            frame.isSingle = byteWidth == 4
            return .frame(frame)
        }
        if case .constant = form, !hasPatches {
            buffer.divide(byteWidth: byteWidth, count: 1, divisor: divisor)
            return .constant
        }
        buffer.expand(form, byteWidth: byteWidth, count: rows.count)
        buffer.divide(byteWidth: byteWidth, count: rows.count, divisor: divisor)
        unsafe patches.apply(toVector: vector, in: buffer.words)
        return .words
    }

    func gather(
        _ places: FewRows, byteWidth: Int, into destination: UnsafeMutableRawPointer, scratch: VectorScratch
    ) throws(FormatError) {
        unsafe try digits.gather(places, byteWidth: byteWidth, into: destination, scratch: scratch)
        unsafe VectorBuffer.divide(destination, byteWidth: byteWidth, count: places.count, divisor: divisor)
        unsafe patches.apply(to: places, in: destination)
    }

    func mark(_ range: SoughtRange, into bits: UnsafeMutablePointer<UInt32>) -> Bool {
        guard case .reals(let range) = range else { return false }
        if let sought = DecimalDigits.within(range, divisor: divisor, isSingle: byteWidth == 4) {
            let integers = Int128(sought.lowerBound)...Int128(sought.upperBound)
            guard unsafe digits.mark(.integers(integers), into: bits) else { return false }
        } else {
            unsafe RowBits.fill(bits, false, valueCount: count)
        }
        unsafe patches.mark(range, into: bits)
        return true
    }

    func load(_ row: Int, into destination: UnsafeMutableRawPointer) throws(FormatError) {
        if unsafe patches.load(row, into: destination) { return }
        unsafe try digits.load(row, into: destination)
        unsafe VectorBuffer.divide(destination, byteWidth: byteWidth, count: 1, divisor: divisor)
    }
}
