package import ColumnEncoding
package import ColumnFormat
internal import Synchronization

/// One immutable segment file, mapped. Pages are checked and parsed when they are first read, and kept parsed.
///
/// Thread-safe: the parsed pages are behind a lock that is held for a look into an array.
package final class SegmentReader: Sendable {
    package let path: String
    package let footer: SegmentFooter
    package let byteCount: Int
    /// The checksum of the footer, which tells this segment from any other.
    package let footerChecksum: UInt64
    private let file: MappedFile
    private let columnNames: [String]
    private let pages: Mutex<[PageReader?]>
    /// What the file says, where ``footer`` is that of a later schema of the table.
    private let written: (segment: SegmentReader, mapping: ColumnMapping)?

    /// Opens a segment and checks header, footer and every place that the footer names; pages are not touched.
    package init(file: MappedFile, path: String) throws(StoreError) {
        self.path = path
        self.file = file
        written = nil
        byteCount = file.count
        try file.load(0..<SegmentFormat.headerByteCount)
        try file.load(max(0, byteCount - SegmentFormat.trailerByteCount)..<byteCount)
        let place = try Self.located(path) { () throws(FormatError) in unsafe try Self.footerPlace(file.bytes) }
        try file.load(place)
        footer = try Self.located(path) { () throws(FormatError) in unsafe try Self.readFooter(file.bytes, at: place) }
        let trailer = unsafe file.bytes.suffix(SegmentFormat.trailerByteCount)
        unsafe footerChecksum = trailer.prefix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
        columnNames = footer.schema.columns.map(\.name)
        pages = Mutex(Array(repeating: nil, count: footer.columns.count * footer.blockCount))
    }

    /// The same file, read with a later schema: its pages and zone maps are those that it would have had.
    private init(_ segment: SegmentReader, _ mapping: ColumnMapping, schema: Schema) {
        path = segment.path
        file = segment.file
        byteCount = segment.byteCount
        footerChecksum = segment.footerChecksum
        footer = mapping.footer(segment.footer, schema: schema)
        written = (segment, mapping)
        columnNames = footer.schema.columns.map(\.name)
        pages = Mutex(Array(repeating: nil, count: footer.columns.count * footer.blockCount))
    }

    /// The segment as it would be if it had been written with `schema`, a later one of its table (``ColumnMapping``).
    package func presented(as schema: Schema) -> SegmentReader {
        let original = written?.segment ?? self
        guard original.footer.schema != schema || original.footer.schema.columnIDs != schema.columnIDs else {
            return original
        }
        guard let mapping = ColumnMapping(from: original.footer.schema, to: schema) else {
            preconditionFailure("a segment of another table than \(original.footer.tableName)")
        }
        return SegmentReader(original, mapping, schema: schema)
    }

    /// Whether pages are made from others, because columns were added or widened since the file was written.
    package var isConverted: Bool {
        guard let written else { return false }
        return written.mapping.sources.contains { source in
            if case .same = source { false } else { true }
        }
    }

    private static func located<R>(_ path: String, _ body: () throws(FormatError) -> R) throws(StoreError) -> R {
        do throws(FormatError) { return try body() } catch { throw StoreError(error, path: path) }
    }

    /// Where the footer lies, by header and trailer.
    private static func footerPlace(_ bytes: UnsafeRawBufferPointer) throws(FormatError) -> Range<Int> {
        let minimum = SegmentFormat.headerByteCount + SegmentFormat.trailerByteCount
        try unsafe SegmentFormat.checkHeader(bytes)
        guard bytes.count >= minimum else {
            throw FormatError(.truncated, "\(bytes.count) bytes, a segment has at least \(minimum)", at: bytes.count)
        }
        let trailerStart = bytes.count - SegmentFormat.trailerByteCount
        var reader = unsafe ByteReader(UnsafeRawBufferPointer(rebasing: bytes[trailerStart...]))
        try reader.skip(8)
        let footerByteCount = try reader.read(UInt64.self)
        guard try reader.read(UInt64.self) == SegmentFormat.magic else {
            throw FormatError(.truncated, "the file does not end with a segment's trailer", at: trailerStart + 16)
        }
        let room = trailerStart - SegmentFormat.headerByteCount
        guard footerByteCount <= UInt64(min(room, SegmentFormat.maximumFooterByteCount)) else {
            throw FormatError(.invalid, "a footer of \(footerByteCount) bytes", at: trailerStart + 8)
        }
        return trailerStart - Int(footerByteCount)..<trailerStart
    }

    private static func readFooter(
        _ bytes: UnsafeRawBufferPointer, at place: Range<Int>
    ) throws(FormatError) -> SegmentFooter {
        var trailer = unsafe ByteReader(UnsafeRawBufferPointer(rebasing: bytes[place.upperBound...]))
        let checksum = try trailer.read(UInt64.self)
        let footerBytes = unsafe UnsafeRawBufferPointer(rebasing: bytes[place])
        guard unsafe Checksum.of(footerBytes, seed: SegmentFormat.magic) == checksum else {
            throw FormatError(.badChecksum, "the footer does not match its checksum", at: place.lowerBound)
        }
        do {
            return unsafe try SegmentFooter(reading: footerBytes, fileByteCount: place.lowerBound)
        } catch {
            throw error.shifted(by: place.lowerBound)
        }
    }

    /// Where in the file the footer begins.
    package var footerOffset: Int {
        let trailer = byteCount - SegmentFormat.trailerByteCount
        let length = unsafe UInt64(
            littleEndian: file.bytes.loadUnaligned(fromByteOffset: trailer + 8, as: UInt64.self))
        return trailer - Int(clamping: length)
    }

    package var firstRow: UInt64 { footer.firstRow }
    package var rowCount: Int { footer.rowCount }
    package var endRow: UInt64 { footer.firstRow + UInt64(footer.rowCount) }

    /// The page of one column of one block, checked against its checksum when it is first asked for. The pages that it is
    /// read with are opened, too.
    package func page(column: Int, block: Int) throws(StoreError) -> PageReader {
        try page(column: column, block: block, for: .itself)
    }

    private func page(column: Int, block: Int, for use: PageReferences.Use) throws(StoreError) -> PageReader {
        let slot = column * footer.blockCount + block
        if let page = pages.withLock({ $0[slot] }) { return page }
        let page = try openPage(column: column, block: block, for: use)
        pages.withLock { $0[slot] = page }
        return page
    }

    /// A page of a column that the file does not have, or has in another type: made from what is there, and kept.
    private func convertedPage(
        column: Int, block: Int, _ segment: SegmentReader, _ mapping: ColumnMapping
    ) throws(StoreError) -> PageReader {
        let type = footer.schema.columns[column].type
        let rows = footer.rows(ofBlock: block)
        let bytes: [UInt8]
        switch mapping.sources[column] {
        case .same(let position): return try segment.page(column: position, block: block)
        case .widened(let position):
            let builder = ColumnBuilder(
                type: segment.footer.schema.columns[position].type, capacity: rows.count)
            try segment.read(column: position, rows: rows, into: builder)
            bytes = PageEncoder.encode(builder.snapshot().widened(to: type)).bytes
        case .missing: bytes = PageEncoder.nulls(of: type)
        }
        let buffer = RawBuffer(byteCapacity: bytes.count)
        unsafe bytes.withUnsafeBytes { source in
            if let start = source.baseAddress { unsafe buffer.base.copyMemory(from: start, byteCount: source.count) }
        }
        do throws(FormatError) {
            return unsafe try PageReader(
                bytes: UnsafeRawBufferPointer(start: buffer.base, count: bytes.count), owner: buffer, type: type,
                rowCount: rows.count)
        } catch {
            throw StoreError(error, path: path)
        }
    }

    private func openPage(column: Int, block: Int, for use: PageReferences.Use) throws(StoreError) -> PageReader {
        if let written {
            return try convertedPage(column: column, block: block, written.segment, written.mapping)
        }
        let record = footer.columns[column][block]
        let definition = footer.schema.columns[column]
        let end = record.offset + record.byteCount
        try file.load(record.offset..<end)
        let bytes = unsafe UnsafeRawBufferPointer(rebasing: file.bytes[record.offset..<end])
        let references: PageReferences
        do throws(FormatError) {
            guard unsafe Checksum.of(bytes, seed: UInt64(record.offset)) == record.checksum else {
                throw FormatError(
                    .badChecksum, "block \(block) of column '\(definition.name)' does not match its checksum")
            }
            references = unsafe try PageReader.references(of: bytes, type: definition.type)
            try references.check(use, position: column, names: columnNames)
        } catch {
            throw StoreError(error.shifted(by: record.offset), path: path)
        }
        var siblings = PageSiblings()
        if let position = references.validity {
            siblings.validity = try sibling(position, block: block, for: .validity)
        }
        for position in references.sources {
            siblings.sources.append(try sibling(position, block: block, for: .source))
        }
        do throws(FormatError) {
            return unsafe try PageReader(
                bytes: bytes, owner: file, type: definition.type, rowCount: footer.rows(ofBlock: block).count,
                siblings: siblings)
        } catch {
            throw StoreError(error.shifted(by: record.offset), path: path)
        }
    }

    private func sibling(_ column: Int, block: Int, for use: PageReferences.Use) throws(StoreError) -> SiblingPage {
        SiblingPage(name: columnNames[column], page: try page(column: column, block: block, for: use))
    }

    /// The nodes of a page as they are in the file, the outermost ones: validity where some rows are null, and the values.
    /// Of a page that is not in the file, none.
    package func nodes(column: Int, block: Int) throws(StoreError) -> [NodeDescription] {
        if let written {
            switch written.mapping.sources[column] {
            case .same(let position), .widened(let position):
                return try written.segment.nodes(column: position, block: block)
            case .missing: return []
            }
        }
        // Opened anew, because a page that is kept was parsed before; not so those that it is read with.
        let page = try page(column: column, block: block)
        let (result, nodes) = NodeTrace.record {
            Result { () throws(StoreError) in try openPage(column: column, block: block, for: .itself) }
        }
        _ = try result.get()
        guard let keeper = page.validityKeeper else { return nodes }
        return [NodeDescription(name: "that of \(keeper)", count: page.rowCount, byteCount: 0, children: [])] + nodes
    }

    /// Appends rows `rows`, counted from the segment's first, of one column.
    package func read(column: Int, rows: Range<Int>, into builder: ColumnBuilder) throws(StoreError) {
        var row = rows.lowerBound
        while row < rows.upperBound {
            let block = row / SegmentFormat.blockRowCount
            let blockStart = block * SegmentFormat.blockRowCount
            let end = min(rows.upperBound, blockStart + SegmentFormat.blockRowCount)
            let page = try page(column: column, block: block)
            try attempt(block: block, column: column) { () throws(FormatError) in
                try page.decode(rows: (row - blockStart)..<(end - blockStart), into: builder)
            }
            row = end
        }
    }

    /// Calls `body` with the page that holds `row` and the row's place in it.
    @inline(__always)
    package func withPage<R>(
        column: Int, row: Int, _ body: (PageReader, Int) throws(FormatError) -> R
    ) throws(StoreError) -> R {
        let block = row / SegmentFormat.blockRowCount
        let page = try page(column: column, block: block)
        do {
            return try body(page, row - block * SegmentFormat.blockRowCount)
        } catch {
            throw StoreError(error.shifted(by: footer.columns[column][block].offset), path: path)
        }
    }

    private func attempt(block: Int, column: Int, _ body: () throws(FormatError) -> Void) throws(StoreError) {
        do {
            try body()
        } catch {
            throw StoreError(error.shifted(by: footer.columns[column][block].offset), path: path)
        }
    }
}
