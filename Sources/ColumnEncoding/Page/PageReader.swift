package import ColumnFormat

/// One column of one block, encoded: a tree of nodes, each a codec's.
///
///     UInt8 flags     bit 0: some rows are null; bit 1, only with bit 0: so they are in another column
///     validity        only with bit 0: varint byte count, node of one bit a row, 1 = valid; with bit 1 a varint, that
///                     column's position
///     values          the rest: a node of the column's type
///
/// A node is the code of its codec (``NodeCode``), the codec's parameters and its children. A child that is not its
/// parent's last has its byte count, a varint, before it; the last one takes what remains. A node does not say what it
/// holds: the column's type and the number of rows, which the segment's footer keeps, fix it from the top down. No
/// more than four nodes lie one within another. The layout of each is in the documentation of its type: ``PlainNode``,
/// ``ConstantNode``, ``BitPackedNode``, ``DeltaNode``, ``RunLengthNode``, ``DictionaryNode``, ``DecimalNode``,
/// ``NarrowedNode``, ``PatchedNode``, ``ScaledNode``, ``HuffmanNode``, ``AscendingNode``, ``PrintedNode``, ``SparseNode``,
/// ``SplitNode``, ``SequenceNode``, ``DifferencesNode``, ``ComponentsNode``, ``BitmapNode``; for text ``ConstantTextNode``, ``PlainTextNode``, ``DictionaryTextNode``,
/// ``AlphabetNode``; and ``ByteSource`` at the bottom. ``DerivedNode`` needs the pages of other columns: ``PageReferences``.
///
/// Null rows have some value in the values node and come out as zero or empty.
///
/// The bytes are not trusted: whatever they are, every call returns or throws `FormatError`. (That they are the ones
/// that were written is for a checksum to say, which lies outside.) A reader may be used from several threads.
@safe
package final class PageReader: @unchecked Sendable {
    package let type: ColumnType
    package let rowCount: Int
    /// The codecs, outermost first.
    package let encoding: String
    let shape: FixedShape?
    let validity: (any FixedNode)?
    let values: Values
    /// Whether ``validity`` is another column's.
    let sharesValidity: Bool
    /// The column whose validity this one's is, where the page does not keep its own.
    package var validityKeeper: String? { sharesValidity ? siblings.validity?.name : nil }
    /// What owns the page's memory.
    private let owner: AnyObject?
    private let siblings: PageSiblings

    enum Values {
        case fixed(any FixedNode)
        case text(any TextNode)
    }

    /// Checks the header of every node. O(header), which includes the values of dictionaries and the lengths of runs.
    ///
    /// The bytes must stay as they are until the reader is gone; `owner`, if given, is kept for that. `siblings` are the
    /// pages of the columns that ``references(of:type:)`` names.
    package init(
        bytes: UnsafeRawBufferPointer, owner: AnyObject?, type: ColumnType, rowCount: Int,
        siblings: PageSiblings = PageSiblings()
    ) throws(FormatError) {
        guard (1...PageLimits.maximumRowCount).contains(rowCount) else {
            throw FormatError(.invalid, "a page of \(rowCount) rows")
        }
        self.type = type
        self.rowCount = rowCount
        self.owner = owner
        self.siblings = siblings
        shape = type.fixedShape
        var reader = unsafe ByteReader(bytes)
        let nulls = try Self.readFlags(&reader)
        sharesValidity = nulls == .shared
        switch nulls {
        case .none: validity = nil
        case .own: validity = try NodeParser.fixedChild(&reader, shape: .bit, count: rowCount, depth: 0)
        case .shared: validity = try Self.sharedValidity(&reader, siblings, rowCount: rowCount)
        }
        let offset = reader.offset
        let rest = unsafe try reader.readBytes(reader.remaining)
        do throws(FormatError) {
            let name: String
            if let shape {
                let node = unsafe try NodeParser.fixed(
                    rest, shape: shape, count: rowCount, depth: 0, sources: siblings.sources)
                values = .fixed(node)
                name = node.name
            } else {
                let node = unsafe try NodeParser.text(rest, count: rowCount, depth: 0)
                values = .text(node)
                name = node.name
            }
            encoding = name + Self.words(validity?.name, sharedWith: sharesValidity ? siblings.validity?.name : nil)
        } catch { throw error.shifted(by: offset) }
    }

    /// Where a page says which rows are null.
    enum NullFlags: UInt8 {
        case none = 0
        case own = 1
        case shared = 3
    }

    static func readFlags(_ reader: inout ByteReader) throws(FormatError) -> NullFlags {
        let raw = try reader.read(UInt8.self)
        guard let flags = NullFlags(rawValue: raw) else {
            throw FormatError(.unsupported, "unknown flags \(raw) of a page")
        }
        return flags
    }

    private static func sharedValidity(
        _ reader: inout ByteReader, _ siblings: PageSiblings, rowCount: Int
    ) throws(FormatError) -> any FixedNode {
        let start = reader.offset
        let position = try reader.readCount(limit: Int(UInt16.max), of: "columns")
        guard let page = siblings.validity?.page, let validity = page.validity, !page.sharesValidity, !page.isDerived,
            page.rowCount == rowCount
        else {
            throw FormatError(.invalid, "the validity of column \(position), which keeps none for others", at: start)
        }
        return validity
    }

    /// What ``encoding`` says of the validity.
    static func words(_ validity: String?, sharedWith name: String?) -> String {
        guard let name else { return validity.map { ", validity: \($0)" } ?? "" }
        // Names may be long, and the footer keeps 1,024 bytes.
        return ", validity of " + String(name.prefix(100))
    }

    /// Appends `rows` of the page to `builder`, which has its type; where it throws, it has appended nothing.
    ///
    /// O(rows), rounded out to vectors of 1,024: a call for a vector that begins at a multiple of 1,024 wastes nothing.
    package func decode(rows: Range<Int>, into builder: ColumnBuilder) throws(FormatError) {
        precondition(rows.lowerBound >= 0 && rows.upperBound <= rowCount, "rows \(rows) of a page of \(rowCount)")
        precondition(builder.type == type, "a page of \(type.name) into a column of \(builder.type.name)")
        guard !rows.isEmpty else { return }
        var nulls: UnsafeMutablePointer<UInt8>?
        defer { unsafe nulls?.deallocate() }
        if let validity {
            let flags = UnsafeMutablePointer<UInt8>.allocate(capacity: rows.count)
            unsafe nulls = flags
            unsafe try validity.decode(rows, into: UnsafeMutableRawPointer(flags))
        }
        let valid = unsafe nulls.map { unsafe UnsafePointer($0) }
        builder.reserve(rowCount: rows.count)
        switch values {
        case .fixed(let node):
            let target = unsafe builder.reservedValues
            unsafe try node.decode(rows, into: target)
            if let valid = unsafe valid, let shape {
                unsafe NullFilling.clear(target, count: rows.count, byteWidth: shape.byteWidth, validity: valid)
            }
            unsafe builder.commit(rowCount: rows.count, validity: valid)
        case .text(let node):
            let byteCount = unsafe try node.decode(rows, validity: valid, into: builder)
            unsafe builder.commit(rowCount: rows.count, heapByteCount: byteCount, validity: valid)
        }
    }
}
