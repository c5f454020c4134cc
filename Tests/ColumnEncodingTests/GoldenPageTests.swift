import ColumnEncoding
import ColumnFormat
import Foundation
import Testing

/// Pages as they were first written, in hexadecimal: a file of any released version stays readable for ever, and equal rows
/// give equal bytes (but for LZ4's, which another version of the library may choose otherwise).
///
/// `DRUMLIN_WRITE_GOLDEN=1 swift test --filter GoldenPageTests` writes those that are missing; it never changes one.
@Suite struct GoldenPageTests {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures/encoding")

    @Test(arguments: CodecSample.all)
    func committedBytesStillHoldTheirRows(sample: CodecSample) throws {
        let file = Self.folder.appendingPathComponent("\(sample.name).hex")
        if ProcessInfo.processInfo.environment["DRUMLIN_WRITE_GOLDEN"] == "1",
            !FileManager.default.fileExists(atPath: file.path)
        {
            try FileManager.default.createDirectory(at: Self.folder, withIntermediateDirectories: true)
            let what = "\(sample.slice.type.name) × \(sample.slice.count), \(sample.encoding)"
            try Self.hexadecimal(PageEncoder.encode(sample.slice).bytes, what)
                .write(to: file, atomically: true, encoding: .utf8)
        }
        let bytes = try Self.committedBytes(of: sample)
        let reader = try PageMemory(bytes).reader(type: sample.slice.type, rowCount: sample.slice.count)
        #expect(reader.encoding == sample.encoding)
        let builder = ColumnBuilder(type: sample.slice.type)
        try reader.decode(rows: 0..<sample.slice.count, into: builder)
        expectSame(builder.snapshot(), sample.slice, sample.name)
        if sample.isStillChosen, !sample.encoding.contains("lz4") {
            #expect(PageEncoder.encode(sample.slice).bytes == bytes)
        }
    }

    static func committedBytes(of sample: CodecSample) throws -> [UInt8] {
        try bytes(of: String(contentsOf: folder.appendingPathComponent("\(sample.name).hex"), encoding: .utf8))
    }

    /// The first line says what the page is; the others are 32 bytes each.
    static func hexadecimal(_ bytes: [UInt8], _ what: String) -> String {
        var text = "# \(what)\n"
        for (i, byte) in bytes.enumerated() {
            text += String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
            if i % 32 == 31 || i == bytes.count - 1 { text += "\n" }
        }
        return text
    }

    static func bytes(of text: String) throws -> [UInt8] {
        let digits = text.split(separator: "\n").filter { !$0.hasPrefix("#") }.joined()
        let values = try digits.map { try #require($0.hexDigitValue) }
        return stride(from: 0, to: values.count - 1, by: 2).map { UInt8(values[$0] << 4 | values[$0 + 1]) }
    }
}
