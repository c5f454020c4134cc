import CommandSupport
import Foundation
import Testing

@Suite struct LineReaderTests {
    func lines(_ bytes: [UInt8]) throws -> [String] {
        let path = NSTemporaryDirectory() + "lines-\(UUID().uuidString)"
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let reader = try LineReader(path: path)
        var result: [String] = []
        while let line = try reader.next() { result.append(String(decoding: line, as: UTF8.self)) }
        #expect(reader.lineNumber == result.count)
        return result
    }

    @Test func readsLinesWithEitherEndAndWithoutAnEndAtTheEnd() throws {
        #expect(try lines(Array("a\r\nb\n\nc".utf8)) == ["a", "b", "", "c"])
        #expect(try lines(Array("a\n".utf8)) == ["a"])
        #expect(try lines([]) == [])
    }

    @Test func readsLinesLongerThanItsBuffer() throws {
        let expected = [1, 300_000, 0, 600_000, 262_144, 262_143, 5].map { String(repeating: "x", count: $0) }
        #expect(try lines(Array(expected.joined(separator: "\n").utf8)) == expected)
    }

    @Test func refusesALineWithoutEnd() throws {
        let path = NSTemporaryDirectory() + "lines-\(UUID().uuidString)"
        try Data(("short\n" + String(repeating: "x", count: 5_000)).utf8).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let reader = try LineReader(path: path, maximumLineByteCount: 4_096)
        #expect(try reader.next()?.count == 5)
        let error = #expect(throws: CommandError.self) { try reader.next() }
        #expect(error?.place == "\(path):2" && error?.message == "a line of more than 4096 bytes")
    }
}
