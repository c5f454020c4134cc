import BenchmarkSupport
import Drumlin

/// Sums of encoded rows, read from a store and without zone maps, beside those of arrays.
struct SumFigures {
    private(set) var lines: [String] = []

    init(rowCount: Int) throws {
        let scratch = try ScratchFolder()
        let store = try Store.open(scratch.path("sums.drumlin"), options: .replay)
        let columns = [
            ColumnDefinition("packed", .int32, isNullable: false),
            ColumnDefinition("dictionary", .float64, isNullable: false),
            ColumnDefinition("single", .float32, isNullable: false),
        ]
        let table = try store.createTable("rows", schema: Schema(columns))
        let distinct = (0..<200).map { Double($0 * $0).squareRoot() * 1.0001 }
        var (packed, doubles, floats): ([Int32], [Double], [Float]) = ([], [], [])
        var words = SeededWords(state: 7)
        var buffer = try table.makeRowBuffer()
        for row in 0..<rowCount {
            packed.append(Int32(words.next(below: 1 << 11)))
            doubles.append(distinct[Int(words.next(below: 200))])
            floats.append(Float(Double(words.next(below: 1 << 40)) / 0x1p40))
            buffer.beginRow()
            try buffer.append(int: Int64(packed[row]))
            try buffer.append(float64: doubles[row])
            try buffer.append(float32: floats[row])
            try buffer.endRow()
            if buffer.rowCount == 65_536 || row == rowCount - 1 { try table.append(&buffer) }
        }
        try store.seal()
        try store.compact()
        let expected = packed.reduce(0) { $0 + Int64($1) }
        let found = try table.aggregate(.sum("packed"), zoneMaps: .none)[.sum("packed")]
        precondition(found == .int(expected), "the sum is \(found), expected \(expected)")
        try add("11 bits, int32", "packed", table) { Self.sum(packed) }
        try add("200 doubles, float64", "dictionary", table) { Self.sum(doubles) }
        try add("scores, float32", "single", table) { Self.sum(floats) }
        try store.close()
    }

    private mutating func add(
        _ name: String, _ column: String, _ table: Table, array: () -> Double
    ) throws {
        let encoded = try ProcessorTime.medianMilliseconds {
            _ = try table.aggregate(.sum(column), zoneMaps: .none)
        }
        var total = 0.0
        let plain = ProcessorTime.medianMilliseconds { total += array() }
        precondition(total.isFinite)
        let (a, b, c) = (
            DecodeFigure.rounded(encoded), DecodeFigure.rounded(plain), DecodeFigure.rounded(encoded / plain)
        )
        lines.append("| \(name) | \(column) | \(a) | \(b) | \(c) |")
    }

    // Sixteen lanes: as fast as memory gives the values.

    @inline(never)
    private static func sum(_ values: [Int32]) -> Double {
        var lanes = SIMD16<Int32>()
        var total: Int64 = 0
        for start in stride(from: 0, to: values.count & ~1_023, by: 1_024) {
            lanes = SIMD16<Int32>()
            for i in stride(from: start, to: start + 1_024, by: 16) {
                unsafe values.withUnsafeBytes {
                    unsafe lanes &+= $0.loadUnaligned(fromByteOffset: i * 4, as: SIMD16<Int32>.self)
                }
            }
            total += Int64(lanes.wrappedSum())
        }
        for i in values.count & ~1_023..<values.count { total += Int64(values[i]) }
        return Double(total)
    }

    @inline(never)
    private static func sum(_ values: [Double]) -> Double {
        var lanes = SIMD16<Double>()
        for i in stride(from: 0, to: values.count & ~15, by: 16) {
            unsafe values.withUnsafeBytes {
                unsafe lanes += $0.loadUnaligned(fromByteOffset: i * 8, as: SIMD16<Double>.self)
            }
        }
        return lanes.sum() + values[(values.count & ~15)...].reduce(0, +)
    }

    @inline(never)
    private static func sum(_ values: [Float]) -> Double {
        var lanes = SIMD16<Double>()
        for i in stride(from: 0, to: values.count & ~15, by: 16) {
            unsafe values.withUnsafeBytes {
                unsafe lanes += SIMD16<Double>($0.loadUnaligned(fromByteOffset: i * 4, as: SIMD16<Float>.self))
            }
        }
        return lanes.sum() + values[(values.count & ~15)...].reduce(0) { $0 + Double($1) }
    }
}
