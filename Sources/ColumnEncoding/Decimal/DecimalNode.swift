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
        if byteWidth == 8 {
            unsafe Self.divideInt64(destination, rows.count, divisor)
        } else {
            unsafe Self.divideInt32(destination, rows.count, divisor)
        }
        unsafe patches.apply(to: rows, in: destination)
    }

    /// Int64 to Double, in place.
    private static func divideInt64(_ values: UnsafeMutableRawPointer, _ count: Int, _ divisor: Double) {
        let target = unsafe values.assumingMemoryBound(to: UInt64.self)
        if divisor == 1 {
            for i in 0..<count { unsafe target[i] = Double(Int64(bitPattern: target[i])).bitPattern }
        } else {
            for i in 0..<count { unsafe target[i] = (Double(Int64(bitPattern: target[i])) / divisor).bitPattern }
        }
    }

    /// Int32 to Float, in place.
    private static func divideInt32(_ values: UnsafeMutableRawPointer, _ count: Int, _ divisor: Double) {
        let target = unsafe values.assumingMemoryBound(to: UInt32.self)
        if divisor == 1 {
            for i in 0..<count { unsafe target[i] = Float(Int32(bitPattern: target[i])).bitPattern }
        } else {
            for i in 0..<count {
                unsafe target[i] = Float(Double(Int32(bitPattern: target[i])) / divisor).bitPattern
            }
        }
    }

    func load(_ row: Int, into destination: UnsafeMutableRawPointer) throws(FormatError) {
        unsafe try digits.load(row, into: destination)
        if byteWidth == 8 {
            unsafe Self.divideInt64(destination, 1, divisor)
        } else {
            unsafe Self.divideInt32(destination, 1, divisor)
        }
        unsafe patches.apply(to: row..<row + 1, in: destination)
    }
}
