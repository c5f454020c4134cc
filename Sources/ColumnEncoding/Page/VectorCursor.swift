internal import CDrumlinShims
package import ColumnFormat

/// Reads one column vector by vector, of a page or of rows in memory, into memory that is used again: no allocation a
/// vector. For one thread.
///
/// ``load(_:)`` gives a vector in whatever form is cheapest; ``expand()`` decodes it where the form is of no use.
@safe
package final class VectorCursor {
    package let type: ColumnType
    private let shape: FixedShape?
    private let buffer: VectorBuffer
    private let flags: RawBuffer
    private var texts: ColumnBuilder?
    private var source = Source.none
    /// Which vector is loaded; −1: none.
    package private(set) var vector = -1
    /// Rows of the loaded vector.
    package private(set) var count = 0
    /// The form of the loaded values; ``VectorForm/words`` for text.
    package private(set) var form = VectorForm.words
    /// Where ``VectorForm/words`` are.
    package private(set) var words: UnsafeRawPointer
    /// The distinct texts that the codes of the loaded vector of text stand for; the same object for all vectors of a page.
    package private(set) var distinctTexts: ColumnSlice?
    /// The loaded vector's rows where it is text without codes.
    package private(set) var textRows: ColumnSlice?
    /// How many rows of the loaded vector are null.
    package private(set) var nullCount = 0
    private var validityPlace: UnsafePointer<UInt8>

    private enum Source {
        case none
        case page(PageReader)
        case memory(ColumnSlice)
    }

    package init(type: ColumnType) {
        self.type = type
        shape = type.fixedShape
        buffer = VectorBuffer(byteWidth: type.byteWidth ?? 8)
        flags = RawBuffer(byteCapacity: PageLimits.vectorRowCount + 64)
        unsafe words = UnsafeRawPointer(buffer.words)
        unsafe validityPlace = UnsafePointer(flags.base.assumingMemoryBound(to: UInt8.self))
    }

    /// Reads vectors of `page` from now on, which has the cursor's type.
    package func open(_ page: PageReader) {
        precondition(page.type == type, "a page of \(page.type.name) for a cursor of \(type.name)")
        source = .page(page)
        vector = -1
    }

    /// Reads vectors of rows in memory from now on.
    package func open(_ slice: ColumnSlice) {
        precondition(slice.type == type, "rows of \(slice.type.name) for a cursor of \(type.name)")
        source = .memory(slice)
        vector = -1
    }

    /// One byte a row of the loaded vector, 1 = valid; nil where none is null.
    package var validity: UnsafePointer<UInt8>? { nullCount == 0 ? nil : unsafe validityPlace }

    /// The words of ``VectorForm/frame(_:)`` and the codes of ``VectorForm/codes(_:)``, and of ``distinctTexts``.
    package var narrow: UnsafePointer<UInt32> { unsafe UnsafePointer(buffer.narrow) }

    /// Loads vector `number` of what was opened last, unless it is loaded.
    package func load(_ number: Int) throws(FormatError) {
        if number == vector { return }
        vector = -1
        switch source {
        case .none: preconditionFailure("a cursor that was not opened")
        case .page(let page): try load(number, of: page)
        case .memory(let slice): load(number, of: slice)
        }
        vector = number
    }

    private func load(_ number: Int, of page: PageReader) throws(FormatError) {
        count = PageLimits.valueCount(ofVector: number, of: page.rowCount)
        nullCount = 0
        if let validity = page.validity {
            unsafe try validity.decode(vector: number, into: flags.base, scratch: buffer.scratch)
            let flags = unsafe flags.base.assumingMemoryBound(to: UInt8.self)
            for i in 0..<count { unsafe flags[i] &= 1 }
            unsafe nullCount = count - Int(drumlin_mask_count(flags, UInt32(count)))
            unsafe validityPlace = UnsafePointer(flags)
        }
        unsafe words = UnsafeRawPointer(buffer.words)
        switch page.values {
        case .fixed(let node):
            if let shape, shape.kind == .block {
                unsafe try node.decode(vector: number, into: buffer.words, scratch: buffer.scratch)
                form = .words
            } else {
                form = try node.load(vector: number, into: buffer)
            }
        case .text(let node):
            form = .words
            distinctTexts = try node.codes(ofVector: number, into: buffer)
            if distinctTexts == nil { try decodeTexts(number, of: node) }
        }
    }

    private func decodeTexts(_ number: Int, of node: any TextNode) throws(FormatError) {
        // A fresh builder where somebody may hold the rows of the last one.
        textRows = nil
        let builder = ColumnBuilder(type: type, capacity: count)
        texts = builder
        let byteCount = unsafe try node.decode(node.rows(ofVector: number), validity: validity, into: builder)
        unsafe builder.commit(rowCount: count, heapByteCount: byteCount)
        textRows = builder.snapshot()
    }

    private func load(_ number: Int, of slice: ColumnSlice) {
        let first = number * PageLimits.vectorRowCount
        count = min(PageLimits.vectorRowCount, slice.count - first)
        form = .words
        nullCount = 0
        if let validity = unsafe slice.validityPointer {
            unsafe validityPlace = validity + first
            unsafe nullCount = count - Int(drumlin_mask_count(validityPlace, UInt32(count)))
        }
        if type.isVariableLength {
            distinctTexts = nil
            textRows = slice.slice(first..<first + count)
        } else {
            unsafe words = slice.rawPointer(at: first)
        }
    }

    /// Decodes the loaded vector: ``words`` then holds its values, those of null rows being anything. Not for text.
    package func expand() {
        guard let shape else { preconditionFailure("words of a \(type.name) column") }
        if case .words = form { return }
        buffer.expand(form, byteWidth: shape.byteWidth, count: count)
        form = .words
    }
}
