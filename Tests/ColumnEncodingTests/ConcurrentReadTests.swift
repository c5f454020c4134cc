import ColumnEncoding
import ColumnFormat
import Testing

/// A reader is shared by the threads of a scan; compressed pages keep the last frame for all of them.
@Suite struct ConcurrentReadTests {
    @Test func manyTasksReadOnePage() async throws {
        let builder = ColumnBuilder(type: .string)
        for row in 0..<9_000 {
            builder.append(
                string: "some text that repeats " + String(repeating: "and again ", count: row % 40) + "\(row)")
        }
        let slice = builder.snapshot()
        let page = PageEncoder.encode(slice)
        #expect(page.encoding.contains("lz4"))
        let reader = try PageMemory(page.bytes).reader(type: .string, rowCount: slice.count)
        let mistakes = await withTaskGroup(of: Int.self) { group in
            for task in 0..<8 {
                group.addTask {
                    (try? Self.mistakes(reader, slice, from: task * 1_000)) ?? -1
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(mistakes == Array(repeating: 0, count: 8))
    }

    private static func mistakes(_ reader: PageReader, _ slice: ColumnSlice, from first: Int) throws -> Int {
        var mistakes = 0
        for row in stride(from: first, to: first + 1_000, by: 9) {
            let builder = ColumnBuilder(type: .string)
            try reader.decode(rows: row..<row + 3, into: builder)
            let decoded = builder.snapshot()
            for i in 0..<3 where !isSame(decoded, i, slice, row + i) { mistakes += 1 }
            if try reader.value(at: row) != slice.value(at: row) { mistakes += 1 }
        }
        return mistakes
    }
}
