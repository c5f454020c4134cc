internal import CDrumlinShims
import ColumnFormat

/// float64 values that were once float32 and then text: the shortest decimal that reads back as some float32. What a
/// model computed, a CSV or JSON file carried and a parser of doubles read. The float32 has all there is to know.
///
///     18, UInt8 lowest exponent a, UInt8 highest exponent b     a ≤ b ≤ 22, b − a ≤ 3
///     patches   see ``Patches``: the values that the floats do not give bit for bit
///     floats    the rest: node of count float32 values; anything where patched
///
/// For an exponent e let n be the integer nearest to f · 10^e, and q = n ÷ 10^e, the product and the quotient in double precision,
/// rounded once. The value is the q of the lowest exponent of a…b whose q, rounded to float32, is f; if none is, that of b.
/// Where |f · 10^b| is 2^50 or more, or f not finite, there is a patch.
@safe
final class PrintedNode: FixedNode {
    static let maximumSpread = 3
    static let childShape = FixedShape(kind: .float, byteWidth: 4)

    let count: Int
    private let exponents: ClosedRange<Int>
    private let patches: Patches
    private let floats: any FixedNode

    init(_ reader: inout ByteReader, count: Int, depth: Int) throws(FormatError) {
        self.count = count
        let lowest = Int(try reader.read(UInt8.self))
        let highest = Int(try reader.read(UInt8.self))
        guard lowest <= highest, highest <= DecimalNode.maximumExponent, highest - lowest <= Self.maximumSpread else {
            throw FormatError(.invalid, "decimal exponents \(lowest) to \(highest)", at: reader.offset - 2)
        }
        exponents = lowest...highest
        patches = try Patches(&reader, byteWidth: 8, count: count)
        floats = try NodeParser.lastFixedChild(&reader, shape: Self.childShape, count: count, depth: depth)
    }

    var name: String { patches.rows.isEmpty ? "printed(\(floats.name))" : "printed(\(floats.name), patches)" }

    func decode(_ rows: Range<Int>, into destination: UnsafeMutableRawPointer) throws(FormatError) {
        let scratch = UnsafeMutableRawPointer.allocate(byteCount: PageLimits.vectorRowCount * 4, alignment: 64)
        defer { unsafe scratch.deallocate() }
        var row = rows.lowerBound
        while row < rows.upperBound {
            let end = min(rows.upperBound, (row / PageLimits.vectorRowCount + 1) * PageLimits.vectorRowCount)
            unsafe try floats.decode(row..<end, into: scratch)
            unsafe Self.shortest(scratch, end - row, exponents, into: destination + (row - rows.lowerBound) * 8)
            row = end
        }
        unsafe patches.apply(to: rows, in: destination)
    }

    func decode(vector: Int, into destination: UnsafeMutableRawPointer, scratch: VectorScratch) throws(FormatError) {
        let rows = rows(ofVector: vector)
        unsafe try scratch.withRoom { room throws(FormatError) in
            unsafe try floats.decode(vector: vector, into: room, scratch: scratch)
            unsafe Self.shortest(room, rows.count, exponents, into: destination)
        }
        unsafe patches.apply(to: rows, in: destination)
    }

    func load(_ row: Int, into destination: UnsafeMutableRawPointer) throws(FormatError) {
        if unsafe patches.load(row, into: destination) { return }
        let bits = UInt32(truncatingIfNeeded: try floats.word(at: row))
        let value = Self.shortest(Float(bitPattern: bits), exponents)
        unsafe destination.storeBytes(of: value, as: Double.self)
    }

    /// Adding and taking away 1.5 · 2^52 rounds to the nearest integer, ties to even.
    private static let rounder = 6_755_399_441_055_744.0

    static func shortest(
        _ floats: UnsafeRawPointer, _ count: Int, _ exponents: ClosedRange<Int>,
        into destination: UnsafeMutableRawPointer
    ) {
        unsafe DecimalNode.powers.withUnsafeBufferPointer {
            unsafe drumlin_shortest(
                floats, UInt32(count), $0.baseAddress! + exponents.lowerBound, UInt32(exponents.count), destination)
        }
    }

    @inline(__always)
    static func shortest(_ float: Float, _ exponents: ClosedRange<Int>) -> Double {
        var result = 0.0
        for exponent in exponents {
            result = quotient(float, exponent)
            if Float(result) == float { break }
        }
        return result
    }

    @inline(__always)
    static func quotient(_ float: Float, _ exponent: Int) -> Double {
        let power = DecimalNode.powers[exponent]
        return ((Double(float) * power + rounder) - rounder) / power
    }
}
