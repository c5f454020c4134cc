import ColumnFormat
import ColumnStore
import Foundation
import Testing

@testable import ColumnEncoding

/// Format.md keeps up: its worked example is what this code writes, byte for byte, and every node has its layout there.
@Suite struct FormatExampleTests {
    private static let schema = Schema([
        ColumnDefinition("at", .timestamp, isNullable: false), ColumnDefinition("note", .string),
    ])

    private static func columns() -> [ColumnSlice] {
        let at = ColumnBuilder(type: .timestamp)
        for minute in 0..<3 { at.append(Int64(1_583_020_800 + 60 * minute) * 1_000_000) }
        let note = ColumnBuilder(type: .string)
        note.append(string: "late")
        note.appendNull()
        note.append(string: "ok")
        return [at.snapshot(), note.snapshot()]
    }

    @Test func theExampleIsWhatIsWritten() throws {
        let written = try SegmentBuilder.bytes(
            tableName: "rides", schema: Self.schema, firstRow: 0, columns: Self.columns())
        let shown = try Self.bytesShown()
        for (offset, pair) in zip(written, shown).enumerated() where pair.0 != pair.1 {
            Issue.record("byte \(String(offset, radix: 16)) is \(pair.0), Format.md shows \(pair.1)")
            break
        }
        #expect(written.count == shown.count)
    }

    @Test(.enabled(if: StrangersReader.python != nil, "python3 is not installed"))
    func theExampleHoldsWhatItSays() throws {
        let reader = try StrangersReader()
        try reader.add(file: Self.bytesShown())
        reader.expect(table: "rides", schema: Self.schema, firstRow: 0, columns: Self.columns())
        try reader.expectSameValues()
    }

    @Test func everyNodeIsDescribed() throws {
        let page = try Self.page()
        for code in UInt8.min...UInt8.max where NodeCode(rawValue: code) != nil {
            #expect(page.contains("`\(code)`") || page.contains("`u8 \(code)`"), "node \(code)")
        }
    }

    private static func page() throws -> String {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        return try String(contentsOf: folder.appendingPathComponent("../../../Format.md"), encoding: .utf8)
    }

    /// The bytes of the dump: an offset of three digits, two blanks, bytes up to the next two blanks; `00 × n` is n zeros.
    private static func bytesShown() throws -> [UInt8] {
        let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "../../../Format.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        let example = try #require(text.range(of: "\n## Example\n")).upperBound
        var bytes: [UInt8] = []
        for line in text[example...].split(separator: "\n") {
            let parts = line.components(separatedBy: "  ")
            guard parts.count > 1, parts[0].count == 3, let offset = Int(parts[0], radix: 16) else { continue }
            try #require(offset == bytes.count, "\(line)")
            let words = parts[1].split(separator: " ")
            if words.count == 3, words[1] == "×" {
                bytes += [UInt8](repeating: 0, count: try #require(Int(words[2])))
            } else {
                bytes += try words.map { try #require(UInt8($0, radix: 16), "\(line)") }
            }
        }
        return bytes
    }
}
