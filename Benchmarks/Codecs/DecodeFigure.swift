import BenchmarkSupport
import ColumnEncoding
import ColumnFormat

/// How fast a page decodes.
struct DecodeFigure {
    let line: String

    init(_ sample: CodecSample) {
        let rows = sample.rows
        let type = rows.type
        let page = PageEncoder.encode(rows)
        let valueByteCount = rows.count * (type.byteWidth ?? 0)
        let repeats = 64
        let milliseconds = unsafe page.bytes.withUnsafeBytes { bytes -> Double in
            guard let reader = unsafe try? PageReader(bytes: bytes, owner: nil, type: type, rowCount: rows.count)
            else { preconditionFailure("a page of \(sample.name) is not read") }
            return ProcessorTime.medianMilliseconds {
                for _ in 0..<repeats {
                    let builder = ColumnBuilder(type: type, capacity: rows.count)
                    if (try? reader.decode(rows: 0..<rows.count, into: builder)) == nil {
                        preconditionFailure("a page of \(sample.name) is not decoded")
                    }
                }
            }
        }
        let speed = Double(valueByteCount * repeats) / milliseconds / 1e6
        let bytes = Self.rounded(Double(page.bytes.count) / Double(rows.count))
        line = "| \(sample.name), \(type.name) | \(page.encoding) | \(bytes) | \(Self.rounded(speed)) |"
    }

    static func rounded(_ value: Double) -> Double { (value * 100).rounded() / 100 }
}
