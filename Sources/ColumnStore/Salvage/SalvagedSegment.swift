internal import ColumnFormat

/// A segment of a damaged store in memory, with all put right that can be, and which of its blocks can be read.
final class SalvagedSegment {
    let path: String
    /// Not presented as a later schema: that is up to the table.
    let reader: SegmentReader
    /// The bytes, where they are as they were written, or were mended to be.
    let bytes: [UInt8]
    let repairs: [Damage]
    let unreadableSectors: [Int]

    /// Throws `.corrupt` where no footer can be read.
    init(
        _ path: String, _ record: SegmentRecord?, _ fileSystem: any FileSystem, _ search: BitSearch
    ) throws(StoreError) {
        self.path = path
        let file = SalvageFile(try fileSystem.open(path, .read))
        defer { file.close() }
        let contents = try file.contents()
        unreadableSectors = file.unreadableSectors
        if let reader = try? Self.reader(contents, path), Self.hasRightPages(reader),
            Self.hasRightPadding(reader, contents)
        {
            self.reader = reader
            bytes = contents
            repairs = []
            return
        }
        let repair = SegmentRepair(contents, path: path, footerChecksum: record?.footerChecksum, search: search)
        bytes = repair.bytes
        repairs = repair.findings
        reader = try Self.reader(bytes, path)
    }

    private static func reader(_ bytes: [UInt8], _ path: String) throws(StoreError) -> SegmentReader {
        let file = unsafe bytes.withUnsafeBytes { unsafe MappedFile(copying: $0) }
        return try SegmentReader(file: file, path: path)
    }

    private static func hasRightPages(_ reader: SegmentReader) -> Bool {
        for column in reader.footer.columns.indices {
            for block in 0..<reader.footer.blockCount
            where (try? reader.page(column: column, block: block)) == nil { return false }
        }
        return true
    }

    private static func hasRightPadding(_ reader: SegmentReader, _ bytes: [UInt8]) -> Bool {
        reader.footer.padding(before: reader.footerOffset).allSatisfy { gap in bytes[gap].allSatisfy { $0 == 0 } }
    }

    /// Why values of a block cannot be read, by column of `schema`; empty where all can. Kept.
    func failures(block: Int, as schema: Schema) -> [Int: StoreError] {
        if let known = checked[block] { return known }
        var failures: [Int: StoreError] = [:]
        let reader = presented(as: schema)
        for column in schema.columns.indices {
            do throws(StoreError) {
                let builder = ColumnBuilder(type: schema.columns[column].type)
                try reader.read(column: column, rows: reader.footer.rows(ofBlock: block), into: builder)
            } catch {
                failures[column] = error
            }
        }
        checked[block] = failures
        return failures
    }

    private var checked: [Int: [Int: StoreError]] = [:]

    /// Only for a schema that ``fits(_:)``.
    func presented(as schema: Schema) -> SegmentReader { reader.presented(as: schema) }

    func fits(_ schema: Schema) -> Bool { ColumnMapping(from: reader.footer.schema, to: schema) != nil }

    /// Whether every value of every block can be read.
    func isWhole(as schema: Schema) -> Bool {
        (0..<reader.footer.blockCount).allSatisfy { failures(block: $0, as: schema).isEmpty }
    }

    /// The block of a row of the table.
    func block(of row: UInt64) -> Int { Int(row - reader.firstRow) / SegmentFormat.blockRowCount }

    /// The rows of a block, by their numbers in the table.
    func rows(ofBlock block: Int) -> Range<UInt64> { reader.footer.rowNumbers(ofBlock: block) }
}
