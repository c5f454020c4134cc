package import ColumnFormat

/// One segment file as its footer, and the manifest where there is one, describe it.
package struct SegmentInspection: Sendable {
    package let path: String
    /// Relative to the store, or the bare name of a file without its store.
    package let fileName: String
    package let byteCount: Int
    package let firstRow: UInt64
    package let rowCount: Int
    /// What the manifest says; nil without a store.
    package let record: SegmentRecord?
    /// Nil where the footer cannot be read.
    package let reader: SegmentReader?

    package var footer: SegmentFooter? { reader?.footer }
    package var endRow: UInt64 { firstRow + UInt64(rowCount) }

    /// Bytes of the values without any encoding.
    package var rawByteCount: Int { sum(\.rawByteCount) }
    /// Bytes of the pages: the file without header, footer and padding.
    package var encodedByteCount: Int { sum(\.byteCount) }

    private func sum(_ key: KeyPath<PageRecord, Int>) -> Int {
        footer?.columns.reduce(0) { $0 + $1.reduce(0) { $0 + $1[keyPath: key] } } ?? 0
    }

    /// The smallest and greatest value of a column of times, without the rows of `removed`; nil where it has none. Only a page
    /// that still holds such a row is read.
    package func timeRange(column: Int, without removed: RowSet) -> ClosedRange<Timestamp>? {
        guard let footer, column < footer.columns.count else { return nil }
        var range: ClosedRange<Timestamp>?
        for block in footer.columns[column].indices {
            let zone = (try? zones(column: column, block: block, without: removed))?.block
            guard case .timestamp(let low)? = zone?.minimum, case .timestamp(let high)? = zone?.maximum, low <= high
            else { continue }
            range = min(range?.lowerBound ?? low, low)...max(range?.upperBound ?? high, high)
        }
        return range
    }

    /// A file by itself. Throws as ``SegmentReader`` does.
    init(path: String, _ fileSystem: any FileSystem) throws(StoreError) {
        let reader = try SegmentReader(file: try fileSystem.mapped(path), path: path)
        self.path = path
        self.reader = reader
        fileName = FilePath.name(of: path)
        byteCount = reader.byteCount
        firstRow = reader.firstRow
        rowCount = reader.rowCount
        record = nil
    }

    /// A file of a store. What is wrong with it goes to `damages`.
    init(
        record: SegmentRecord, schema: Schema, directory: String, _ fileSystem: any FileSystem,
        damages: inout [Damage]
    ) {
        let path = FilePath.join(directory, record.fileName)
        self.path = path
        self.record = record
        fileName = record.fileName
        byteCount = Int(clamping: record.byteCount)
        firstRow = record.firstRow
        rowCount = Int(clamping: record.rowCount)
        do throws(StoreError) {
            let reader = try SegmentReader(file: try fileSystem.mapped(path), path: path)
            try record.check(reader, schema: schema)
            self.reader = reader.presented(as: schema)
        } catch {
            reader = nil
            damages.append(Damage(error, path: path))
        }
    }
}

extension SegmentRecord {
    /// Throws `.corrupt` where a segment is not the one that was recorded.
    func check(_ segment: SegmentReader, schema: Schema) throws(StoreError) {
        guard segment.firstRow == firstRow, UInt64(segment.rowCount) == rowCount,
            UInt64(segment.byteCount) == byteCount, segment.footerChecksum == footerChecksum,
            ColumnMapping(from: segment.footer.schema, to: schema) != nil
        else { throw .corrupt("the segment is not the one that the manifest names", path: segment.path) }
    }
}

extension FileSystem {
    /// A file's bytes as they are now.
    func mapped(_ path: String) throws(StoreError) -> MappedFile {
        let file = try open(path, .read)
        defer { file.close() }
        return try file.map()
    }
}
