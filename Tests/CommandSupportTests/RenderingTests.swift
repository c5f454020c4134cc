import CommandSupport
import Testing

@Suite struct TextTableTests {
    func sample() -> TextTable {
        var table = TextTable([.text("column"), .number("bytes"), .text("encoding")])
        table.add(["id", "1,234", "plain"])
        table.add(["日本", "5", "délta"])
        table.add(["x\u{1B}[0m\n", "77"])
        return table
    }

    @Test func alignsColumnsByWhatIsSeen() {
        #expect(
            sample().rendered() == """
                column        bytes  encoding
                id            1,234  plain
                日本              5  délta
                x\\u{1B}[0m\\n     77

                """)
    }

    @Test func isCutToATerminalOnly() {
        let text = sample().rendered(for: Terminal(width: 24, hasColour: false))
        #expect(
            text == """
                column   bytes  encoding
                id       1,234  plain
                日本         5  délta
                x\\u{1B…     77

                """)
        for line in text.split(separator: "\n") { #expect(DisplayWidth.of(String(line)) <= 24) }
    }

    @Test func numbersAreNeverCut() {
        let text = sample().rendered(for: Terminal(width: 5, hasColour: false))
        #expect(text.contains("1,234"))
    }

    @Test func coloursOnlyWhereTheTerminalHasThem() {
        var table = TextTable([.text("state")])
        table.add([TextTable.Cell("bad", .red)])
        #expect(table.rendered() == "state\nbad\n")
        #expect(
            table.rendered(for: Terminal(width: 80, hasColour: true))
                == "\u{1B}[1mstate\u{1B}[0m\n\u{1B}[31mbad\u{1B}[0m\n")
    }
}

@Suite struct DisplayWidthTests {
    @Test(arguments: [
        ("", 0), ("abc", 3), ("é", 1), ("e\u{301}", 1), ("日本", 4), ("😀", 2), ("👨‍👩‍👧", 2), ("🇩🇪", 2), ("✓", 1), ("❤️", 2),
        ("µs", 2), ("…", 1), ("█", 1),
    ])
    func countsColumns(_ text: String, _ width: Int) { #expect(DisplayWidth.of(text) == width) }

    @Test func cutsToAWidth() {
        #expect(DisplayWidth.truncated("abcdef", to: 6) == "abcdef")
        #expect(DisplayWidth.truncated("abcdef", to: 4) == "abc…")
        #expect(DisplayWidth.truncated("日本語", to: 4) == "日…")
        #expect(DisplayWidth.truncated("abc", to: 0) == "")
        #expect(DisplayWidth.truncated("abc", to: 1) == "…")
    }
}

@Suite struct UnitsTests {
    @Test func bytes() {
        let expected = [
            (0, "0 B"), (999, "999 B"), (1_000, "1.00 kB"), (12_345, "12.3 kB"), (999_499, "999 kB"),
            (999_500, "1.00 MB"),
            (12_345_678, "12.3 MB"), (-2_500, "-2.50 kB"), (9_990_000_000, "9.99 GB"), (Int.max, "9223 PB"),
        ]
        for (count, text) in expected { #expect(Units.bytes(count) == text) }
    }

    @Test func counts() {
        #expect(Units.count(0) == "0" && Units.count(999) == "999" && Units.count(1_000) == "1,000")
        #expect(Units.count(-1_234_567) == "-1,234,567" && Units.count(Int64.min) == "-9,223,372,036,854,775,808")
    }

    @Test func durations() {
        let expected: [(Double, String)] = [
            (0, "0 s"), (8.5e-7, "850 ns"), (1e-6, "1.00 µs"), (0.0123, "12.3 ms"), (0.99949, "999 ms"),
            (4.52, "4.52 s"), (59.94, "59.9 s"),
            (60, "1 min"), (123, "2 min 3 s"), (3_599.6, "1 h"), (11_100, "3 h 5 min"), (187_200, "2 d 4 h"),
            (-5, "-5.00 s"), (.nan, "–"),
        ]
        for (seconds, text) in expected { #expect(Units.duration(seconds: seconds) == text) }
    }

    @Test func numbers() {
        #expect(
            Units.fixed(0.8731, digits: 2) == "0.87" && Units.fixed(-0.001, digits: 2) == "0.00"
                && Units.fixed(2.5, digits: 0) == "3")
        #expect(Units.fixed(0.05, digits: 1) == "0.1" && Units.fixed(99.999, digits: 2) == "100.00")
        #expect(Units.percent(0.8731) == "87.3 %" && Units.percent(.nan) == "–")
        #expect(
            Units.number(0.87654321) == "0.8765" && Units.number(0) == "0.0000" && Units.number(1.5e-7) == "1.500e-7")
        #expect(
            Units.number(123_456_789_012) == "1.235e11" && Units.number(.infinity) == "∞" && Units.number(.nan) == "NaN"
        )
        #expect(Units.number(9.99999e20) == "1.000e21")
    }
}

@Suite struct ProgressBarTests {
    @Test func showsShareRateAndTimeLeft() {
        let state = ProgressBar.State(
            label: "predictions", share: 0.5, count: 1_204_331, unit: "rows", elapsedSeconds: 4)
        #expect(
            ProgressBar.line(state, width: 100)
                == "predictions  [██████████··········] 50 %  1,204,331 rows  301,082/s  4.00 s left")
        #expect(DisplayWidth.of(ProgressBar.line(state, width: 40)) == 39)
        let unknown = ProgressBar.State(label: "log", share: nil, count: 7, unit: "events", elapsedSeconds: 0.1)
        #expect(ProgressBar.line(unknown, width: 80) == "log  7 events")
    }
}

@Suite struct PrintableTextTests {
    @Test func escapesWhatATerminalObeys() {
        #expect(PrintableText.escaping("plain é 😀") == "plain é 😀")
        #expect(PrintableText.escaping("a\u{1B}[2Jb\t\r\n\u{7F}\u{202E}") == "a\\u{1B}[2Jb\\t\\r\\n\\u{7F}\\u{202E}")
        #expect(PrintableText.excerpt(String(repeating: "x", count: 100), count: 5) == "xxxx…")
    }
}

@Suite struct CSVWriterTests {
    @Test func readsBackWhatItWrites() throws {
        let rows: [[String?]] = [
            ["a", nil, "x,y"], ["\"q\"", "line\nend", "é"], [nil, nil, nil], ["\r", " b ", "0"],
        ]
        var writer = CSVWriter()
        writer.row(["one", "two", "three"])
        for row in rows { writer.row(row) }
        let reader = try CSVReader(bytes: Array(writer.text.utf8), name: "t.csv")
        var read: [[String?]] = []
        while try reader.nextRow() { read.append((0..<3).map { reader.string($0) }) }
        #expect(read == rows)
        #expect(writer.take().isEmpty == false && writer.text.isEmpty)
    }

    @Test func aSingleNullIsARow() {
        var writer = CSVWriter()
        writer.row([nil])
        #expect(writer.text == "\"\"\n")
    }
}
