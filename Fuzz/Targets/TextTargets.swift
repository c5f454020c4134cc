import CommandSupport

/// A CSV file, read field by field as everything that a field may be.
struct CSVTarget: FuzzTarget {
    func run(_ bytes: [UInt8]) {
        guard let first = bytes.first,
            let reader = try? CSVReader(bytes: Array(bytes.dropFirst()), name: "x.csv", allowsQuotedNUL: first & 1 != 0)
        else { return }
        reader.allowsEmptyExtraFields = first & 2 != 0
        reader.takesEmptyLinesAsRows = first & 4 != 0
        var rowCount = 0
        while rowCount < 10_000 {
            rowCount += 1
            do throws(CSVError) {
                guard try reader.nextRow() else { break }
            } catch {
                continue
            }
            for column in 0..<min(reader.columnCount, 16) {
                require(unsafe reader.field(column).count <= bytes.count, "a field longer than the file")
                _ = try? reader.float64(column)
                _ = try? reader.float32(column)
                _ = try? reader.int64(column)
                _ = try? reader.uint64(column)
                _ = try? reader.bool(column)
                _ = try? reader.timestamp(column)
                _ = reader.string(column)
                _ = reader.badValue(column, "a value").description
            }
        }
    }

    var seeds: [[UInt8]] {
        [
            "\0id,at,score\nride-1,2020-04-08T13:05:00Z,0.25\n\"a \"\"b\"\"\",1583020800000000,-1e-300\n,,\n",
            "\u{1}x\n\"multi\nline\"\nnan\n+inf\ntrue\n0x10\n18446744073709551616\n",
            "\u{6}a,b\r\n1,2,,\r\n\r\n3,4\r\n",
        ].map { Array($0.utf8) }
    }
}

/// A JSON document; what is read is written and read again as the same.
struct JSONTarget: FuzzTarget {
    func run(_ bytes: [UInt8]) {
        guard let value = try? JSONParser.parse(bytes) else { return }
        var writer = JSONWriter(.lines)
        Self.write(value, to: &writer)
        guard let again = try? JSONParser.parse(writer.text) else { fatalError("what was written is no JSON") }
        require(again == value, "what was written is another value")
    }

    private static func write(_ value: JSONValue, to writer: inout JSONWriter) {
        switch value {
        case .null: writer.null()
        case .bool(let value): writer.value(value)
        case .string(let text): writer.value(text)
        case .array(let values): writer.array { for value in values { write(value, to: &$0) } }
        case .object(let object):
            writer.object { writer in
                for member in object.members { writer.member(member.name) { write(member.value, to: &$0) } }
            }
        case .integer(let number): writer.value(number)
        case .unsigned(let number): writer.value(number)
        case .number(let number): writer.value(number)
        }
    }

    var seeds: [[UInt8]] {
        [
            #"{"prediction": {"id": "p1", "at": "2020-04-08T13:05Z", "score": 0.25, "features": {"a": null}}}"#,
            #"[1, -0.0, 1e308, 12345678901234567890, true, false, null, "\u00e9\ud83d\ude00\n\"", {}, []]"#,
        ].map { Array($0.utf8) }
    }
}
