import ColumnFormat
import Testing

@testable import ColumnEncoding

/// Columns that are null in the same rows keep these once, and no bytes make a reader go astray.
@Suite struct SharedValidityTests {
    /// Rows that are null here and there in the first five columns together, `d` following from `a`, and in the sixth elsewhere.
    static func block(rowCount: Int) -> TestBlock {
        var random = SplitMix(state: 31)
        let isNull = (0..<rowCount).map { _ in random.next() % 5 == 0 }
        let isOther = (0..<rowCount).map { _ in random.next() % 5 == 0 }
        var block = TestBlock()
        block.add("a", .int32, count: rowCount) {
            isNull[$1] ? $0.appendNull() : $0.append(Int32(random.next() % 1_000))
        }
        let a = block.columns[0]
        block.add("d", .float64, count: rowCount) {
            isNull[$1] ? $0.appendNull() : $0.append(a.double(at: $1) * 3 + 7)
        }
        block.add("text", .string, count: rowCount) {
            isNull[$1] ? $0.appendNull() : $0.append(string: "x\(random.next() % 9)")
        }
        block.add("id", .uuid, count: rowCount) { builder, row in
            if isNull[row] { return builder.appendNull() }
            _ = builder.append(value: .uuid((0..<16).map { _ in UInt8(truncatingIfNeeded: random.next()) }))
        }
        block.add("flag", .bool, count: rowCount) {
            isNull[$1] ? $0.appendNull() : $0.append(UInt8(random.next() & 1))
        }
        block.add("other", .int8, count: rowCount) {
            isOther[$1] ? $0.appendNull() : $0.append(Int8(random.next() % 100))
        }
        block.add("none", .int8, count: rowCount) { $0.append(Int8($1 % 100)) }
        return block
    }

    @Test func columnsThatAreNullTogetherKeepThatOnce() throws {
        let block = Self.block(rowCount: 3_000)
        let pages = block.encoded()
        #expect(pages.map(\.references.validity) == [nil, 0, 0, 0, 0, nil, nil])
        #expect(pages[1].encoding == "3 · a + 7, validity of a", "\(pages[1].encoding)")
        #expect(pages[1].bytes.count < 30)
        for column in block.columns.indices { try block.expectRows(column, of: pages, "shared") }
    }

    /// A derived column keeps no other's validity: it gives way to the next.
    @Test func aDerivedColumnIsNobodysValidity() throws {
        var block = Self.block(rowCount: 3_000)
        block.names.swapAt(0, 1)
        block.columns.swapAt(0, 1)
        let pages = block.encoded()
        #expect(!pages[0].references.sources.isEmpty || !pages[1].references.sources.isEmpty)
        let keeper = try #require(pages.firstIndex { $0.references == PageReferences() })
        #expect(pages[0].references.validity == (keeper == 0 ? nil : keeper))
        for column in block.columns.indices { try block.expectRows(column, of: pages, "swapped") }
    }

    @Test func fewNullsAreNotWorthAnotherPage() throws {
        var block = TestBlock()
        for name in ["a", "b"] {
            block.add(name, .int32, count: 3_000) {
                $1 == 1_500 ? $0.appendNull() : $0.append(Int32(truncatingIfNeeded: $1 &* 77_777_777))
            }
        }
        #expect(block.encoded().allSatisfy { $0.references.validity == nil })
    }

    @Test func whatMakesNoSenseIsRefused() throws {
        let block = Self.block(rowCount: 3_000)
        let pages = block.encoded()
        /// The page of `flag` with the validity of another column.
        func refusal(_ position: [UInt8], pages: [EncodedPage]) -> FormatError? {
            var bytes = pages[4].bytes
            bytes.replaceSubrange(1..<2, with: position)
            do throws(FormatError) {
                _ = try block.reader(bytes: bytes, of: pages, 4)
                return nil
            } catch { return error }
        }
        #expect(refusal([0], pages: pages) == nil)
        #expect(refusal([5], pages: pages) == nil, "its rows are other ones, but it keeps them")
        #expect(refusal([4], pages: pages)?.message.contains("column 4") == true)
        #expect(refusal([7], pages: pages)?.message.contains("column 7") == true)
        #expect(refusal([6], pages: pages)?.message.contains("validity of column 6") == true, "it has no nulls")
        #expect(refusal([2], pages: pages)?.message.contains("'text'") == true, "it has its validity from another")
        #expect(refusal([0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1], pages: pages) != nil)
        for flags in [2, 4, 5, 7, 255] as [UInt8] {
            var bytes = pages[4].bytes
            bytes[0] = flags
            let memory = PageMemory(bytes)
            let error = #expect(throws: FormatError.self) { try memory.reader(type: .bool, rowCount: 3_000) }
            #expect(error?.code == .unsupported)
        }
        // Without the page that it is read with.
        #expect(throws: FormatError.self) { try PageMemory(pages[4].bytes).reader(type: .bool, rowCount: 3_000) }
        // That of a block with other rows.
        let short = Self.block(rowCount: 2_000)
        var siblings = PageSiblings()
        siblings.validity = SiblingPage(name: "a", page: try short.reader(short.encoded(), 0))
        #expect(throws: FormatError.self) {
            try PageMemory(pages[4].bytes).reader(type: .bool, rowCount: 3_000, siblings: siblings)
        }
        // That of one that is derived.
        siblings.validity = SiblingPage(name: "d", page: try block.reader(pages, 1))
        #expect(throws: FormatError.self) {
            try PageMemory(pages[4].bytes).reader(type: .bool, rowCount: 3_000, siblings: siblings)
        }
    }
}
