import ColumnFormat
import Testing

@testable import ColumnEncoding

/// A few columns of one block with names, for tests of relations between them.
struct TestBlock {
    var names: [String] = []
    var columns: [ColumnSlice] = []

    mutating func add(_ name: String, _ type: ColumnType, count: Int, _ append: (ColumnBuilder, Int) -> Void) {
        let builder = ColumnBuilder(type: type)
        for row in 0..<count { append(builder, row) }
        names.append(name)
        columns.append(builder.snapshot())
    }

    mutating func add(_ name: String, _ type: ColumnType, _ values: [Value]) {
        add(name, type, count: values.count) { builder, row in
            precondition(builder.append(value: values[row]), "\(values[row]) in a \(type.name) column")
        }
    }

    /// The pages as a segment would have them.
    func encoded() -> [EncodedPage] {
        var encoder = BlockEncoder(names: names)
        return encoder.encode(columns)
    }

    /// The pages of a block of these rows.
    func encoded(rows: Range<Int>) -> [EncodedPage] {
        var encoder = BlockEncoder(names: names)
        return encoder.encode(columns.map { $0.slice(rows) })
    }

    /// A reader of the page, with readers of what it is derived from.
    func reader(_ pages: [EncodedPage], _ column: Int) throws(FormatError) -> PageReader {
        try reader(bytes: pages[column].bytes, of: pages, column)
    }

    func reader(bytes: [UInt8], of pages: [EncodedPage], _ column: Int) throws(FormatError) -> PageReader {
        try reader(bytes: bytes, of: pages, column, for: .itself)
    }

    private func reader(
        bytes: [UInt8], of pages: [EncodedPage], _ column: Int, for use: PageReferences.Use
    ) throws(FormatError) -> PageReader {
        let memory = PageMemory(bytes)
        let references = try memory.references(type: columns[column].type)
        try references.check(use, position: column, names: names)
        var siblings = PageSiblings()
        if let position = references.validity {
            siblings.validity = SiblingPage(
                name: names[position],
                page: try reader(bytes: pages[position].bytes, of: pages, position, for: .validity))
        }
        for position in references.sources {
            let page = try reader(bytes: pages[position].bytes, of: pages, position, for: .source)
            siblings.sources.append(SiblingPage(name: names[position], page: page))
        }
        return try memory.reader(type: columns[column].type, rowCount: columns[column].count, siblings: siblings)
    }

    /// The column's page as `relation`, which is expected to hold but for few rows.
    func page(_ column: Int, as relation: Relation) throws -> EncodedPage {
        try #require(
            PageEncoder.encode(columns[column], as: relation, columns: columns, names: names, options: .init()))
    }

    /// Encodes `column` as `relation`, and expects its rows back in one go, in pieces and one by one.
    @discardableResult
    func expectRoundTrip(_ column: Int, as relation: Relation, _ context: String) throws -> EncodedPage {
        var pages = columns.map { PageEncoder.encode($0) }
        pages[column] = try page(column, as: relation)
        try expectRows(column, of: pages, context)
        return pages[column]
    }

    func expectRows(_ column: Int, of pages: [EncodedPage], _ context: String) throws {
        let reader = try reader(pages, column)
        let slice = columns[column]
        let context = "\(context): \(names[column]) as \(reader.encoding)"
        #expect(reader.encoding == pages[column].encoding, "\(context)")
        #expect(reader.isDerived == !pages[column].references.sources.isEmpty)
        let whole = ColumnBuilder(type: slice.type)
        try reader.decode(rows: 0..<slice.count, into: whole)
        expectSame(whole.snapshot(), slice, "whole, \(context)")
        let pieces = ColumnBuilder(type: slice.type)
        var row = 0
        for length in [1, 1_022, 2, 1_024, 7, 3_000, 65_536] where row < slice.count {
            let end = min(slice.count, row + length)
            try reader.decode(rows: row..<end, into: pieces)
            row = end
        }
        expectSame(pieces.snapshot(), slice, "pieces, \(context)")
        try expectSameVectors(reader, slice, context)
        let points = ColumnBuilder(type: slice.type)
        let rows = [0, slice.count - 1] + Array(stride(from: 0, to: slice.count, by: max(1, slice.count / 97)))
        for row in rows { try reader.append(row: row, to: points) }
        let read = points.snapshot()
        for (i, row) in rows.enumerated() where !isSame(read, i, slice, row) {
            Issue.record("row \(row) is \(read.value(at: i)), not \(slice.value(at: row)): \(context)")
            return
        }
    }
}
