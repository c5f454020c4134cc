import CommandSupport
import Drumlin
import Foundation
import TestSupport
import Testing

@testable import DrumlinCLI

@Suite struct ExportCommandTests {
    let folder: TestFolder

    init() throws { folder = try TestFolder() }

    private func makeTable(_ schema: Schema, _ rows: [[String: Value]]) throws {
        let store = try Store.open(folder.store)
        let table = try store.createTable("t", schema: schema)
        try table.append(rows: Array(rows[..<(rows.count / 2)]))
        try store.seal()
        try table.append(rows: Array(rows[(rows.count / 2)...]))
        try store.close()
    }

    /// Imported again, the rows are the same bit for bit, and exported again the file is the same byte for byte.
    @Test func everyTypeComesBackThroughCSV() throws {
        let rows = EveryType.rows(0..<600, seed: 21)
        try makeTable(EveryType.schema, rows)
        let first = try folder.export("t", "--format", "csv")
        try folder.write("t.csv", first)
        try folder.importing("again", "t.csv", "--schema", ColumnSpecification.text(EveryType.schema.columns))
        #expect(try Store.openReadOnly(folder.store).table("again").difference(from: rows) == nil)
        #expect(try folder.export("again") == first)
    }

    @Test func rowsThatAreGoneAreNotExported() throws {
        let rows = EveryType.rows(0..<60, seed: 22)
        try makeTable(EveryType.schema, rows)
        var exports: [String] = []
        var store = try Store.open(folder.store)
        let gone: [Value] = [0, 7, 29, 30, 59].map { rows[$0]["id"]! }
        #expect(try store.table("t").erase(where: .in("id", gone)) == 5)
        try store.close()
        exports.append(try folder.export("t"))
        store = try Store.open(folder.store)
        try store.seal()
        exports.append(try folder.export("t"))
        try store.compact()
        exports.append(try folder.export("t"))
        try store.close()
        #expect(Set(exports).count == 1)
        try folder.write("t.csv", exports[0])
        try folder.importing("again", "t.csv", "--schema", ColumnSpecification.text(EveryType.schema.columns))
        let left = rows.filter { !gone.contains($0["id"]!) }
        #expect(try Store.openReadOnly(folder.store).table("again").difference(from: left) == nil)
    }

    @Test func numbersAtTheirEdgesComeBackThroughCSV() throws {
        let doubles: [UInt64] = [
            0x7FF8_0000_0000_0000, 0xFFF8_0000_0000_0000, 0x7FF8_0000_0000_0001, 0x7FF0_0000_0000_0000,
            0xFFF0_0000_0000_0000, 1, 0x8000_0000_0000_0000, 0x7FEF_FFFF_FFFF_FFFF, 0x3FB9_9999_9999_999A,
        ]
        let floats: [UInt32] = [
            0x7FC0_0000, 0xFFC0_0000, 0x7FC0_0001, 0x7F80_0000, 1, 0x8000_0000, 0x7F7F_FFFF, 0x3DCC_CCCD,
        ]
        let schema = Schema([
            ColumnDefinition("d", .float64), ColumnDefinition("f", .float32),
            ColumnDefinition("v", .vector(dimension: 2)),
        ])
        let rows: [[String: Value]] = doubles.indices.map { index in
            let float = Float(bitPattern: floats[index % floats.count])
            return ["d": .float64(Double(bitPattern: doubles[index])), "f": .float32(float), "v": .vector([float, 1])]
        }
        try makeTable(schema, rows)
        try folder.write("t.csv", try folder.export("t"))
        try folder.importing("again", "t.csv", "--schema", ColumnSpecification.text(schema.columns))
        #expect(try Store.openReadOnly(folder.store).table("again").difference(from: rows) == nil)
    }

    @Test func oddNamesAndASingleColumnComeBack() throws {
        for name in ["PAR1", "\u{FEFF}a", "a,b\"c\nd", "é"] {
            let folder = try TestFolder()
            let schema = Schema([ColumnDefinition(name, .string)])
            let rows: [[String: Value]] = ["", nil, "x", "\n", "\u{0}", nil, nil].map { [name: $0] }
            let store = try Store.open(folder.store)
            try store.createTable("t", schema: schema).append(rows: rows)
            try store.close()
            try folder.write("t.csv", try folder.export("t"))
            try folder.importing("again", "t.csv")
            #expect(try Store.openReadOnly(folder.store).table("again").difference(from: rows) == nil, "\(name)")
        }
    }

    @Test func jsonIsOneArray() throws {
        let schema = Schema([
            ColumnDefinition("id", .string), ColumnDefinition("f", .float64),
            ColumnDefinition("v", .vector(dimension: 2)),
            ColumnDefinition("at", .timestamp), ColumnDefinition("b", .bytes), ColumnDefinition("ok", .bool),
        ])
        try makeTable(schema, [])
        #expect(try folder.export("t", "--format", "json") == "[\n]\n")
        let store = try Store.open(folder.store)
        try store.table("t").append(rows: [
            [
                "id": "a\"\n\u{1B}", "f": .float64(.nan), "v": .vector([1, -.infinity]),
                "at": .timestamp(Timestamp(microseconds: 1)), "b": .bytes([0, 255]), "ok": true,
            ], [:],
        ])
        try store.close()
        let text = try folder.export("t", "--format", "json")
        #expect(
            text == """
                [
                {"id":"a\\"\\n\\u001b","f":"NaN","v":[1.0,"-Infinity"],"at":"1970-01-01T00:00:00.000001Z","b":"00ff","ok":true},
                {"id":null,"f":null,"v":null,"at":null,"b":null,"ok":null}
                ]

                """)
        guard case .array(let rows) = try JSONParser.parse(text) else { throw CommandError(.refused, "no array") }
        #expect(rows.count == 2)
    }

    @Test func selectsColumnsAndRows() throws {
        try folder.write("a.csv", "id,at,n\na,2020-03-01,1\nb,2020-03-02,2\nc,2020-03-03,3\n")
        try folder.importing("t", "a.csv")
        #expect(try folder.export("t", "--columns", "n,id", "--where", "n >= 2 and id != 'c'") == "n,id\n2,b\n")
        #expect(try folder.export("t", "--columns", "id", "--from", "2020-03-02") == "id\nb\nc\n")
        #expect(try folder.export("t", "--columns", "id", "--from", "2020-03-02", "--to", "2020-03-03") == "id\nb\n")
        let column = folder.failure { _ = try folder.export("t", "--columns", "id,x") }
        #expect(
            column?.text
                == "error: --columns: there is no column \"x\" in table t\n  remedy: the columns are id, at, n\n")
        let table = folder.failure { _ = try folder.export("nope") }
        #expect(table?.text.hasSuffix("there is no table 'nope'\n  remedy: the tables are t\n") == true)
        #expect(table?.status == .wrongUse)
        #expect(
            folder.failure { _ = try folder.export("t", "--from", "2020-03-02", "--to", "2020-03-01") }?.status
                == .wrongUse)
    }

    @Test func aTerminalGetsNoControlCharacters() throws {
        try folder.write("a.csv", "id\n\u{1B}[31mred\n")
        try folder.importing("t", "a.csv")
        #expect(try folder.export("t") == "id\n\"\u{1B}[31mred\"\n")
        #expect(try folder.export(escaped: true, "t") == "id\n\\u{1B}[31mred\n")
    }

    @Test func predictionsComeWithTheirLabels() throws {
        try folder.write("task.json", SmallTask.specification)
        try folder.write("ref.csv", SmallTask.reference)
        try folder.write("p.csv", SmallTask.predictions(0..<50))
        try folder.write("l.csv", SmallTask.labels(0..<20))
        try folder.replay(
            "--spec", "task.json", "--reference", "ref.csv", "--predictions", "p.csv", "--labels", "l.csv")
        for name in ["tips/predictions_with_labels", "predictions_with_labels"] {
            let text = try folder.export(name, "--columns", "_id,_label,zone,tip")
            let lines = text.split(separator: "\n")
            #expect(lines.count == 51 && lines[1] == "p0,0,\"z,0\"," && lines[2] == "p1,0,\"z,1\",1.25")
            #expect(lines[21] == "p20,,\"z,2\",")
        }
        #expect(
            try folder.export("predictions", "--where", "_score > 0.5", "--columns", "_id").split(separator: "\n").count
                == 26)
        #expect(folder.failure { _ = try folder.export("nope/predictions_with_labels") }?.status == .wrongUse)
    }

    @Test func aFileAppearsWhenItIsWhole() throws {
        try folder.write("a.csv", "id,n\na,1\n")
        try folder.importing("t", "a.csv")
        let path = try folder.write("out.csv", "old")
        do {
            let file = try OutputFile(path: path)
            let half = Array("half".utf8)
            _ = unsafe try half.withUnsafeBytes { unsafe try file.write($0) }
            #expect(FileManager.default.fileExists(atPath: path + ".partial"))
        }
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "old")
        #expect(!FileManager.default.fileExists(atPath: path + ".partial"))
        let summary = try folder.exportSummary("t", to: path)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "id,n\na,1\n")
        #expect(summary.rowCount == 1 && summary.byteCount == 9 && summary.schema == "id:string,n:int64")
        #expect(summary.json(output: path).contains("\"rows\":1,\"bytes\":9,"))
        #expect(summary.text(.none, output: "out.csv").hasPrefix("t to out.csv\n  rows     1\n  text     9 B\n"))
    }
}
