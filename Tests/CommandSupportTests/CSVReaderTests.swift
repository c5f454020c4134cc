import CommandSupport
import Foundation
import Testing

@Suite struct CSVReaderTests {
    /// All rows as text, null as nil.
    func rows(_ text: String) throws -> [[String?]] {
        try rows(CSVReader(bytes: Array(text.utf8), name: "t.csv"))
    }

    func rows(_ reader: CSVReader) throws -> [[String?]] {
        var result: [[String?]] = []
        while try reader.nextRow() { result.append((0..<reader.columnCount).map { reader.string($0) }) }
        return result
    }

    func failure(_ text: String) -> CSVError? { failure(Array(text.utf8)) }

    func failure(_ bytes: [UInt8]) -> CSVError? {
        do {
            let reader = try CSVReader(bytes: bytes, name: "t.csv")
            while try reader.nextRow() {}
            return nil
        } catch {
            return error
        }
    }

    @Test func tellsQuotedFieldsFromOthers() throws {
        let text = "\"a\",b\n\"\",\n,\"\"\nx,\"y\"\n\"x\"\"\",y\n"
        for pieceByteCount in 16...40 {
            let path = NSTemporaryDirectory() + "quoted-\(UUID().uuidString).csv"
            try Data(text.utf8).write(to: URL(fileURLWithPath: path))
            defer { try? FileManager.default.removeItem(atPath: path) }
            let reader = try CSVReader(path: path, pieceByteCount: pieceByteCount)
            var found: [[Bool]] = []
            while try reader.nextRow() { found.append([reader.isQuoted(0), reader.isQuoted(1)]) }
            #expect(found == [[true, false], [false, true], [false, true], [true, false]])
        }
    }

    @Test func quotedFieldsMayHoldNULWhereThatIsAllowed() throws {
        let text = "a,b\n\"x\u{0}y\",1\n"
        #expect(failure(text)?.code == .notCSV)
        let reader = try CSVReader(bytes: Array(text.utf8), name: "t.csv", allowsQuotedNUL: true)
        #expect(try rows(reader) == [["x\u{0}y", "1"]])
        let bare = try CSVReader(bytes: Array("a,b\nx\u{0}y,1\n".utf8), name: "t.csv", allowsQuotedNUL: true)
        #expect(throws: CSVError.self) { try bare.nextRow() }
    }

    @Test func emptyLinesAreRowsWhereTheyAreTaken() throws {
        let reader = try CSVReader(bytes: Array("a\n1\n\n\"\"\n".utf8), name: "t.csv")
        reader.takesEmptyLinesAsRows = true
        var found: [Bool] = []
        while try reader.nextRow() { found.append(reader.isNull(0) && !reader.isQuoted(0)) }
        #expect(found == [false, true, false])
    }

    @Test func readsPlainRows() throws {
        let reader = try CSVReader(bytes: Array("a,b,c\n1,,3\nx,y,z\n".utf8), name: "t.csv")
        #expect(reader.header == ["a", "b", "c"])
        #expect(try reader.nextRow())
        #expect(reader.lineNumber == 2)
        #expect(reader.string(0) == "1" && reader.isNull(1) && reader.string(1) == nil)
        #expect(try reader.nextRow())
        #expect(reader.string(2) == "z" && reader.lineNumber == 3)
        #expect(try !reader.nextRow())
        #expect(try !reader.nextRow())
        #expect(reader.bytesRead == 17)
    }

    @Test(arguments: [
        "a,b\n1,2", "a,b\r\n1,2\r\n", "\u{FEFF}a,b\n1,2\n", "a,b\n1,2\n\n\r\n\n", "\n\na,b\n\n1,2\n", "a,b\r\n1,2\r",
    ])
    func lineEndsMarkAndEmptyLinesDoNotMatter(_ text: String) throws {
        let reader = try CSVReader(bytes: Array(text.utf8), name: "t.csv")
        #expect(reader.header == ["a", "b"])
        #expect(try rows(reader) == [["1", "2"]])
    }

    @Test func undoesQuotes() throws {
        #expect(try rows("a,b\n\"x,y\",\"say \"\"hi\"\"\"\n") == [["x,y", "say \"hi\""]])
        #expect(try rows("a,b\n\"\",\"\"\"\"\n") == [[nil, "\""]])
        #expect(try rows("a,b\r\n\"1\",\"2\"\r\n3,\"4\"") == [["1", "2"], ["3", "4"]])
        #expect(try rows("\"a\",\"b\"\nü,\"é\n☃\"\n") == [["ü", "é\n☃"]])
        #expect(try rows("a,b\n\"\"\"\"\"\",x\n") == [["\"\"", "x"]])
    }

    @Test func countsLinesInsideQuotedFields() throws {
        let reader = try CSVReader(bytes: Array("a,b\n\"x\ny\nz\",1\n2,3\n".utf8), name: "t.csv")
        _ = try reader.nextRow()
        #expect(reader.lineNumber == 2)
        _ = try reader.nextRow()
        #expect(reader.lineNumber == 5)
    }

    @Test func findsColumnsByName() throws {
        let reader = try CSVReader(bytes: Array("a,b,b\n".utf8), name: "t.csv")
        #expect(try reader.column("a") == 0)
        #expect(try reader.columnIfPresent("z") == nil)
        let missing = #expect(throws: CSVError.self) { try reader.column("score") }
        #expect(missing?.description == "t.csv:1: there is no column \"score\"; the columns are: a, b, b")
        #expect(missing?.commandError.status == .wrongUse)
        #expect(throws: CSVError.self) { try reader.column("b") }
        #expect(throws: CSVError.self) { try reader.columnIfPresent("b") }
    }

    @Test func aRowOfAnotherLengthIsAnErrorAndTheNextIsRead() throws {
        let reader = try CSVReader(bytes: Array("a,b\n1\n1,2,3\n\"1\"\n4,5\n".utf8), name: "t.csv")
        let short = #expect(throws: CSVError.self) { try reader.nextRow() }
        #expect(short?.description == "t.csv:2: a row of 1 field, expected 2 as in the header")
        #expect(short?.isRowError == true)
        let long = #expect(throws: CSVError.self) { try reader.nextRow() }
        #expect(long?.description == "t.csv:3: a row of 3 fields, expected 2 as in the header")
        #expect(throws: CSVError.self) { try reader.nextRow() }
        #expect(try reader.nextRow())
        #expect(reader.string(1) == "5")
    }

    @Test func misplacedQuotesAreErrorsWithTheirLine() throws {
        #expect(failure("a,b\n1,2\nx\"y,2\n")?.line == 3)
        #expect(failure("a,b\n\"x\"y,2\n")?.code == .quoting)
        #expect(failure("a,b\n\"x\" ,2\n")?.code == .quoting)
        #expect(failure("a,b\n1,\"open\n2,3\n")?.code == .quoting)
        #expect(failure("a,b\n1,\"open\n2,3\n")?.line == 2)
        #expect(failure("a,b\n1,\"\n")?.code == .quoting)
        #expect(failure("a,b\n1,\"")?.code == .quoting)
        #expect(failure("a,b\n1\r2,3\n")?.code == .quoting)
        #expect(failure("a,b\n\"1\"\r2,3\n")?.code == .quoting)
        let reader = try CSVReader(bytes: Array("a,b\nx\"y,2\n3,4\n".utf8), name: "t.csv")
        #expect(throws: CSVError.self) { try reader.nextRow() }
        #expect(try rows(reader) == [["3", "4"]])
        #expect(reader.lineNumber == 4)
    }

    @Test func whatIsNoTextIsRefused() {
        #expect(failure("a,b\n1,\0\n")?.code == .notCSV)
        #expect(failure("a,b\n\"\0\",1\n")?.code == .notCSV)
        #expect(failure([0x61, 0x0A, 0xFF, 0x0A])?.line == 2)
        #expect(failure(Array("a\n\"".utf8) + [0xC3] + Array("\"\n".utf8))?.code == .notCSV)
        #expect(failure("PAR1....")?.description.contains("Parquet") == true)
        #expect(failure([0x1F, 0x8B, 8, 0, 0])?.description.contains("gzip") == true)
        #expect(failure([0xFF, 0xFE, 0x61, 0])?.description.contains("UTF-16") == true)
        for text in ["", "\n", "\r\n\n", "\u{FEFF}"] {
            #expect(failure(text)?.description == "t.csv: the file is empty")
        }
        for bad: [UInt8] in [[0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82], [0x80]] {
            #expect(failure(Array("a\n".utf8) + bad + [0x0A])?.code == .notCSV)
        }
    }

    @Test func filesThatCannotBeReadSayWhy() {
        let missing = #expect(throws: CSVError.self) { try CSVReader(path: "/nonexistent/x.csv") }
        #expect(missing?.commandError.status == .cannotRead)
        #expect(missing?.description == "/nonexistent/x.csv: cannot open this file: No such file or directory")
        let directory = #expect(throws: CSVError.self) { try CSVReader(path: "/tmp") }
        #expect(directory?.description == "/tmp: this is a directory, not a file")
    }

    @Test func fieldsAreParsedWithErrorsThatNameThePlace() throws {
        let reader = try CSVReader(
            bytes: Array(
                "n,x,t,b\n7,2.5,2020-04-08 13:05:00Z,true\n7.5,abc,2020-13-01,maybe\n,,,\n3.0,-1e3,12,F\n".utf8),
            name: "t.csv")
        _ = try reader.nextRow()
        #expect(try reader.int64(0) == 7 && reader.uint64(0) == 7 && reader.float64(1) == 2.5 && reader.bool(3) == true)
        #expect(try reader.timestamp(2) == 1_586_351_100_000_000)
        _ = try reader.nextRow()
        let error = #expect(throws: CSVError.self) { try reader.float64(1) }
        #expect(error?.description == "t.csv:3, column \"x\": \"abc\" is not a number")
        #expect(throws: CSVError.self) { try reader.float32(1) }
        #expect(throws: CSVError.self) { try reader.int64(0) }
        #expect(throws: CSVError.self) { try reader.uint64(0) }
        #expect(throws: CSVError.self) { try reader.bool(3) }
        let time = #expect(throws: CSVError.self) { try reader.timestamp(2) }
        #expect(time?.description == "t.csv:3, column \"t\": \"2020-13-01\" is not a time")
        _ = try reader.nextRow()
        #expect(
            try reader.int64(0) == nil && reader.float64(1) == nil && reader.timestamp(2) == nil
                && reader.bool(3) == nil)
        _ = try reader.nextRow()
        #expect(try reader.int64(0) == 3 && reader.float32(1) == -1_000 && reader.timestamp(2) == 12)
    }

    @Test func errorsEscapeWhatATerminalWouldObey() throws {
        let reader = try CSVReader(bytes: Array("x\n\u{1B}[31mred\n".utf8), name: "t.csv")
        _ = try reader.nextRow()
        let error = #expect(throws: CSVError.self) { try reader.float64(0) }
        #expect(error?.commandError.report.contains("\u{1B}") == false)
    }

    /// Random rows, quoted at random, written to a file and read in pieces of every small size.
    @Test func piecesOfAnySizeGiveTheSameRows() throws {
        var random = SeededGenerator(seed: 11)
        let alphabet: [String] = ["a", "7", ",", "\"", "\n", "\r\n", "é", "☃", "-", " ", "😀", ""]
        var expected: [[String?]] = []
        var text = "one,two,three\r\n"
        for _ in 0..<200 {
            var row: [String?] = ["k\(Int.random(in: 0..<1000, using: &random))"]
            for _ in 0..<2 {
                let value = (0..<Int.random(in: 0..<9, using: &random)).map { _ in
                    alphabet.randomElement(using: &random)!
                }
                .joined()
                row.append(value.isEmpty ? nil : value)
            }
            expected.append(row)
            let line = row.map { field -> String in
                guard let field else { return Bool.random(using: &random) ? "" : "\"\"" }
                let plain =
                    field.unicodeScalars.allSatisfy { !["\"", ",", "\n", "\r"].contains($0) }
                    && Bool.random(using: &random)
                return plain ? field : "\"" + field.replacingOccurrences(of: "\"", with: "\"\"") + "\""
            }
            text += line.joined(separator: ",") + (Bool.random(using: &random) ? "\n" : "\r\n")
        }
        let path = NSTemporaryDirectory() + "pieces-\(UUID().uuidString).csv"
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        for size in Array(16...40) + [64, 100, 1_000, 1 << 20] {
            let reader = try CSVReader(path: path, pieceByteCount: size)
            let read = try rows(reader)
            #expect(read == expected, "pieces of \(size) bytes")
            #expect(reader.bytesRead == text.utf8.count)
        }
        #expect(try rows(text) == expected)
    }

    @Test func manyColumnsAreRead() throws {
        let header = (0..<500).map { "c\($0)" }.joined(separator: ",")
        let values = (0..<500).map { String($0) }.joined(separator: ",")
        let quoted = (0..<500).map { "\"\($0)\"" }.joined(separator: ",")
        let read = try rows(header + "\n" + values + "\n" + quoted + "\n")
        #expect(read.count == 2 && read[0] == read[1] && read[0][499] == "499")
    }

    /// Every cut and every change of one byte gives rows or an error, never a trap, and rows never have other counts.
    @Test func damageNeverTraps() throws {
        let text = Array("\u{FEFF}id,\"a \"\"b\"\"\",c\r\n1,\"x,\ny\",é\n\n2,,3.5\r\n\"4\",\"\",\"\"".utf8)
        func read(_ bytes: [UInt8]) {
            guard let reader = try? CSVReader(bytes: bytes, name: "t.csv") else { return }
            var calls = 0
            while calls < 200 {
                calls += 1
                do {
                    guard try reader.nextRow() else { break }
                    for column in 0..<reader.columnCount { _ = (reader.string(column), try? reader.float64(column)) }
                } catch {
                    if !error.isRowError { break }
                }
            }
            #expect(calls < 200, "the reader does not move on")
        }
        for length in 0...text.count { read(Array(text[..<length])) }
        for index in text.indices {
            for byte: UInt8 in [0, 0x0A, 0x0D, 0x22, 0x2C, 0x41, 0x80, 0xC3, 0xFF] {
                var changed = text
                changed[index] = byte
                read(changed)
            }
        }
    }
}
