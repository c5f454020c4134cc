internal import ColumnEncoding
internal import ColumnFormat

/// The pages of one block before they reach a file, and the rows that they were made of.
struct EncodedBlock {
    private let pages: [EncodedPage]
    private let columns: [ColumnSlice]
    private let names: [String]

    init(_ pages: [EncodedPage], of columns: [ColumnSlice], names: [String]) {
        self.pages = pages
        self.columns = columns
        self.names = names
    }

    /// Decodes every page and compares it with its rows. Throws `StoreError.corrupt` where they differ.
    func verify() throws(StoreError) {
        var readers = [PageReader?](repeating: nil, count: pages.count)
        for column in columns.indices {
            let builder = ColumnBuilder(type: columns[column].type, capacity: columns[column].count)
            do throws(FormatError) {
                let reader = try reader(column, for: .itself, &readers)
                try reader.decode(rows: 0..<reader.rowCount, into: builder)
            } catch {
                throw defect(column, "does not decode: \(error)")
            }
            guard columns[column].holdsSameValues(as: builder.snapshot()) else {
                throw defect(column, "decodes to other values")
            }
        }
    }

    private func defect(_ column: Int, _ what: String) -> StoreError {
        StoreError(
            .corrupt, "column '\(names[column])' encoded as \(pages[column].encoding) \(what)",
            remedy: "nothing was written; please report this as a defect of Drumlin")
    }

    /// A reader of a page as a segment's reader makes it, with readers of those that it is read with.
    private func reader(
        _ column: Int, for use: PageReferences.Use, _ readers: inout [PageReader?]
    ) throws(FormatError) -> PageReader {
        if let reader = readers[column] { return reader }
        let memory = PageBytes(pages[column].bytes)
        let references = unsafe try PageReader.references(of: memory.bytes, type: columns[column].type)
        try references.check(use, position: column, names: names)
        var siblings = PageSiblings()
        if let position = references.validity {
            siblings.validity = SiblingPage(
                name: names[position], page: try reader(position, for: .validity, &readers))
        }
        for position in references.sources {
            siblings.sources.append(
                SiblingPage(name: names[position], page: try reader(position, for: .source, &readers)))
        }
        let reader = unsafe try PageReader(
            bytes: memory.bytes, owner: memory, type: columns[column].type, rowCount: columns[column].count,
            siblings: siblings)
        readers[column] = reader
        return reader
    }

    /// Bytes that stay in one place as long as a reader needs them.
    private final class PageBytes {
        private let buffer: RawBuffer
        private let count: Int

        init(_ bytes: [UInt8]) {
            buffer = RawBuffer(byteCapacity: bytes.count)
            count = bytes.count
            unsafe bytes.withUnsafeBytes { source in
                guard let start = source.baseAddress else { return }
                unsafe buffer.base.copyMemory(from: start, byteCount: source.count)
            }
        }

        var bytes: UnsafeRawBufferPointer { unsafe UnsafeRawBufferPointer(start: buffer.base, count: count) }
    }
}
