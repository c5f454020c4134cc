import ColumnEncoding
import ColumnFormat
import ColumnStore
import Foundation
import TestSupport
import Testing

/// Segments on disk, what segment.py has to print of them, and what it prints.
final class StrangersReader {
    /// The Python to run it with; nil where there is none.
    static let python: URL? = {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin").split(separator: ":")
        let candidates = folders.map { URL(fileURLWithPath: "\($0)/python3") }
        return candidates.first { FileManager.default.isExecutableFile(atPath: $0.path) }
    }()

    private static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("segment.py")

    private let folder = TemporaryFolder()
    private var files: [String] = []
    private var expected = CanonicalText()

    init() throws {}

    /// Writes a segment and notes what it holds: rows of `erased`, by their numbers, are null.
    func add(
        table: String, schema: Schema, firstRow: UInt64, columns: [ColumnSlice], erased: RowSet = RowSet()
    ) throws {
        let bytes = try SegmentBuilder.bytes(
            tableName: table, schema: schema, firstRow: firstRow, columns: columns, erased: erased)
        try add(file: bytes)
        let gone = RowSet(offsets: erased, from: firstRow)
        expected.append(
            table: table, schema: schema, firstRow: firstRow, columns: columns.map { $0.clearing(gone) }, gone: gone)
    }

    /// Notes what a file holds.
    func expect(table: String, schema: Schema, firstRow: UInt64, columns: [ColumnSlice]) {
        expected.append(table: table, schema: schema, firstRow: firstRow, columns: columns)
    }

    /// Writes a segment of one block around pages that are there already, one a column, and notes its rows.
    func add(pages: [[UInt8]], of columns: [ColumnSlice]) throws {
        var writer = ByteWriter()
        writer.append(bytes: SegmentFormat.header())
        var records: [[PageRecord]] = []
        for (page, rows) in zip(pages, columns) {
            writer.pad(to: SegmentFormat.pageAlignment)
            let offset = writer.count
            writer.append(bytes: page)
            let record = PageRecord(
                offset: offset, byteCount: page.count, rawByteCount: 0,
                checksum: Checksum.of(page, seed: UInt64(offset)), encoding: "", zone: ZoneMap(of: rows),
                vectorZones: VectorZones())
            records.append([record])
        }
        writer.pad(to: SegmentFormat.pageAlignment)
        let schema = Schema(columns.enumerated().map { ColumnDefinition("c\($0)", $1.type) })
        let footer = SegmentFooter(
            tableName: "pages", schema: schema, firstRow: 0, rowCount: columns[0].count, columns: records
        ).bytes()
        writer.append(bytes: footer)
        writer.append(bytes: SegmentFormat.trailer(footer: footer))
        try add(file: writer.bytes)
        expected.append(table: "pages", schema: schema, firstRow: 0, columns: columns, hasVectorZones: false)
    }

    /// Writes a file.
    func add(file bytes: [UInt8]) throws {
        let path = folder.path("\(files.count).seg")
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        files.append(path)
    }

    /// A file that is there already, and what is to be printed of it.
    func add(path: String, lines: [String]) {
        files.append(path)
        for line in lines { expected.append(line: line) }
    }

    /// Changes one byte of the last file.
    func damageLastFile(at offset: Int) throws {
        let file = URL(fileURLWithPath: try #require(files.last))
        var data = try Data(contentsOf: file)
        data[offset] ^= 1
        try data.write(to: file)
    }

    func expectSameValues() throws {
        let (status, message) = try run()
        #expect(status == 0, "\(message)")
        let found = try Data(contentsOf: output)
        if found == Data(expected.bytes) { return }
        let pairs = zip(
            found.split(separator: 10, omittingEmptySubsequences: false),
            expected.bytes.split(separator: 10, omittingEmptySubsequences: false))
        for (line, (left, right)) in pairs.enumerated() where !left.elementsEqual(right) {
            let (left, right) = (String(decoding: left, as: UTF8.self), String(decoding: right, as: UTF8.self))
            Issue.record("line \(line + 1): Python reads \(left), written was \(right)")
            return
        }
        Issue.record("Python prints \(found.count) bytes, expected \(expected.bytes.count)")
    }

    private var output: URL { URL(fileURLWithPath: folder.path("output")) }

    /// Runs the script on all files; its exit status and what it says on standard error.
    func run() throws -> (status: Int32, message: String) {
        let errors = URL(fileURLWithPath: folder.path("errors"))
        for file in [output, errors] { try Data().write(to: file) }
        let process = Process()
        process.executableURL = Self.python
        process.arguments = ["-B", Self.script.path] + files
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = try FileHandle(forWritingTo: errors)
        try process.run()
        process.waitUntilExit()
        return (process.terminationStatus, try String(contentsOf: errors, encoding: .utf8))
    }
}
