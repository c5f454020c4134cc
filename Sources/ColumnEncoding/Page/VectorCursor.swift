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
    // Kept private, and read through functions: access to them is then known not to overlap when they are compiled, and not
    // checked each time.
    private var loadedVector = -1
    private var rowCount = 0
    private var loadedForm = VectorForm.words
    private var wordsPlace: UnsafeRawPointer
    private var codedTexts: ColumnSlice?
    private var plainTexts: ColumnSlice?
    private var nulls = 0
    private var validityPlace: UnsafePointer<UInt8>

    /// Which vector is loaded; −1: none.
    package var vector: Int { loadedVector }
    /// Rows of the loaded vector.
    package var count: Int { rowCount }
    /// The form of the loaded values; ``VectorForm/words`` for text.
    package var form: VectorForm { loadedForm }
    /// Where ``VectorForm/words`` are.
    package var words: UnsafeRawPointer { unsafe wordsPlace }
    /// The distinct texts that the codes of the loaded vector of text stand for; the same object for all vectors of a page.
    package var distinctTexts: ColumnSlice? { codedTexts }
    /// The loaded vector's rows where it is text without codes.
    package var textRows: ColumnSlice? { plainTexts }
    /// How many rows of the loaded vector are null.
    package var nullCount: Int { nulls }

    private enum Source {
        case none
        case page(PageReader)
        case memory(ColumnSlice)
    }

    /// A cursor that looks for columns that its own is made from among those in `loaded`, and is one of them.
    package init(type: ColumnType, loaded: LoadedVectors? = nil) {
        self.type = type
        shape = type.fixedShape
        buffer = VectorBuffer(byteWidth: type.byteWidth ?? 8)
        flags = RawBuffer(byteCapacity: PageLimits.vectorRowCount + 64)
        unsafe wordsPlace = UnsafeRawPointer(buffer.words)
        unsafe validityPlace = UnsafePointer(flags.base.assumingMemoryBound(to: UInt8.self))
        buffer.scratch.loaded = loaded
        loaded?.add(self)
    }

    deinit { buffer.scratch.loaded?.remove(self) }

    /// Reads vectors of `page` from now on, which has the cursor's type.
    package func open(_ page: PageReader) {
        precondition(page.type == type, "a page of \(page.type.name) for a cursor of \(type.name)")
        source = .page(page)
        loadedVector = -1
    }

    /// Reads vectors of rows in memory from now on.
    package func open(_ slice: ColumnSlice) {
        precondition(slice.type == type, "rows of \(slice.type.name) for a cursor of \(type.name)")
        source = .memory(slice)
        loadedVector = -1
    }

    /// One byte a row of the loaded vector, 1 = valid; nil where none is null.
    package var validity: UnsafePointer<UInt8>? { nullCount == 0 ? nil : unsafe validityPlace }

    /// The words of ``VectorForm/frame(_:)`` and the codes of ``VectorForm/codes(_:)``, and of ``distinctTexts``.
    package var narrow: UnsafePointer<UInt32> { unsafe UnsafePointer(buffer.narrow) }

    /// Loads vector `number` of what was opened last, unless it is loaded.
    package func load(_ number: Int) throws(FormatError) {
        if number == loadedVector { return }
        loadedVector = -1
        switch source {
        case .none: preconditionFailure("a cursor that was not opened")
        case .page(let page): try load(number, of: page)
        case .memory(let slice): load(number, of: slice)
        }
        loadedVector = number
    }

    /// Whether vector `number` of a page of these values is loaded, none of which is null.
    func holds(_ number: Int, of values: any FixedNode) -> Bool {
        guard number == loadedVector, case .page(let page) = source, page.validity == nil,
            case .fixed(let own) = page.values
        else { return false }
        return own === values
    }

    /// The values of a few rows alone, one after the other, until something is loaded again; nil where the column has
    /// nulls, or none are words.
    package func gather(_ places: FewRows) throws(FormatError) -> UnsafeRawPointer? {
        guard case .page(let page) = source, page.validity == nil, case .fixed(let node) = page.values, let shape,
            shape.isWord
        else { return nil }
        loadedVector = -1
        unsafe try node.gather(
            places, byteWidth: shape.byteWidth, into: buffer.words, scratch: buffer.scratch)
        return unsafe UnsafeRawPointer(buffer.words)
    }

    /// Marks the rows of what was opened last whose values lie in `range`: see ``PageReader/mark(_:into:)``.
    package func mark(_ range: SoughtRange, into bits: UnsafeMutablePointer<UInt32>) -> Bool {
        guard case .page(let page) = source else { return false }
        return unsafe page.mark(range, into: bits)
    }

    /// Two integers that all values of a vector that are not null lie between, where the page says such.
    package func bounds(ofVector number: Int) -> (low: Int64, high: Int64)? {
        guard case .page(let page) = source, case .fixed(let node) = page.values else { return nil }
        return node.bounds(ofVector: number)
    }

    /// Whether the page may have nulls.
    package var mayBeNull: Bool {
        switch source {
        case .none: false
        case .page(let page): page.validity != nil
        case .memory(let slice): unsafe slice.validityPointer != nil
        }
    }

    private func load(_ number: Int, of page: PageReader) throws(FormatError) {
        rowCount = PageLimits.valueCount(ofVector: number, of: page.rowCount)
        nulls = 0
        if let validity = page.validity {
            unsafe try validity.decode(vector: number, into: flags.base, scratch: buffer.scratch)
            let flags = unsafe flags.base.assumingMemoryBound(to: UInt8.self)
            for i in 0..<count { unsafe flags[i] &= 1 }
            unsafe nulls = count - Int(drumlin_mask_count(flags, UInt32(count)))
            unsafe validityPlace = UnsafePointer(flags)
        }
        unsafe wordsPlace = UnsafeRawPointer(buffer.words)
        switch page.values {
        case .fixed(let node):
            if let shape, shape.kind == .block {
                unsafe try node.decode(vector: number, into: buffer.words, scratch: buffer.scratch)
                loadedForm = .words
            } else {
                loadedForm = try node.load(vector: number, into: buffer)
            }
        case .text(let node):
            loadedForm = .words
            codedTexts = try node.codes(ofVector: number, into: buffer)
            if codedTexts == nil { try decodeTexts(number, of: node) }
        }
    }

    private func decodeTexts(_ number: Int, of node: any TextNode) throws(FormatError) {
        // A fresh builder where somebody may hold the rows of the last one.
        plainTexts = nil
        let builder = ColumnBuilder(type: type, capacity: count)
        texts = builder
        let byteCount = unsafe try node.decode(node.rows(ofVector: number), validity: validity, into: builder)
        unsafe builder.commit(rowCount: count, heapByteCount: byteCount)
        plainTexts = builder.snapshot()
    }

    private func load(_ number: Int, of slice: ColumnSlice) {
        let first = number * PageLimits.vectorRowCount
        rowCount = min(PageLimits.vectorRowCount, slice.count - first)
        loadedForm = .words
        nulls = 0
        if let validity = unsafe slice.validityPointer {
            unsafe validityPlace = validity + first
            unsafe nulls = count - Int(drumlin_mask_count(validityPlace, UInt32(count)))
        }
        if type.isVariableLength {
            codedTexts = nil
            plainTexts = slice.slice(first..<first + count)
        } else {
            unsafe wordsPlace = slice.rawPointer(at: first)
        }
    }

    /// Decodes the loaded vector: ``words`` then holds its values, those of null rows being anything. Not for text.
    package func expand() {
        guard let shape else { preconditionFailure("words of a \(type.name) column") }
        if case .words = form { return }
        buffer.expand(form, byteWidth: shape.byteWidth, count: count)
        loadedForm = .words
    }
}
