package import ColumnFormat

/// One column of one block, encoded: a tree of nodes, each a codec's.
///
///     UInt8 flags     bit 0: some rows are null; all others are 0
///     validity        only with bit 0: varint byte count, node of one bit a row, 1 = valid
///     values          the rest: a node of the column's type
///
/// A node is the code of its codec (``NodeCode``), the codec's parameters and its children. A child that is not its
/// parent's last has its byte count, a varint, before it; the last one takes what remains. A node does not say what it
/// holds: the column's type and the number of rows, which the segment's footer keeps, fix it from the top down. No
/// more than four nodes lie one within another. The layout of each is in the documentation of its type: ``PlainNode``,
/// ``ConstantNode``, ``BitPackedNode``, ``DeltaNode``, ``RunLengthNode``, ``DictionaryNode``, ``DecimalNode``,
/// ``NarrowedNode``, ``PatchedNode``, ``ScaledNode``, ``HuffmanNode``, ``AscendingNode``, ``PrintedNode``, ``SparseNode``,
/// ``SplitNode``, ``SequenceNode``, ``DifferencesNode``, ``ComponentsNode``, ``BitmapNode``; for text ``ConstantTextNode``, ``PlainTextNode``, ``DictionaryTextNode``,
/// ``AlphabetNode``; and ``ByteSource`` at the bottom.
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
    /// What owns the page's memory.
    private let owner: AnyObject?

    enum Values {
        case fixed(any FixedNode)
        case text(any TextNode)
    }

    /// Checks the header of every node. O(header), which includes the values of dictionaries and the lengths of runs.
    ///
    /// The bytes must stay as they are until the reader is gone; `owner`, if given, is kept for that. `siblings` gives the
    /// other columns of the block to a node that is made from them.
    package init(
        bytes: UnsafeRawBufferPointer, owner: AnyObject?, type: ColumnType, rowCount: Int,
        siblings: (any SiblingPages)? = nil
    ) throws(FormatError) {
        guard (1...PageLimits.maximumRowCount).contains(rowCount) else {
            throw FormatError(.invalid, "a page of \(rowCount) rows")
        }
        self.type = type
        self.rowCount = rowCount
        self.owner = owner
        shape = type.fixedShape
        var reader = unsafe ByteReader(bytes)
        let flags = try reader.read(UInt8.self)
        guard flags <= 1 else { throw FormatError(.unsupported, "unknown flags \(flags) of a page") }
        validity =
            flags & 1 == 0 ? nil : try NodeParser.fixedChild(&reader, shape: .bit, count: rowCount, depth: 0)
        let offset = reader.offset
        let rest = unsafe try reader.readBytes(reader.remaining)
        do throws(FormatError) {
            let name: String
            if let shape {
                let node = unsafe try NodeParser.fixed(
                    rest, shape: shape, count: rowCount, depth: 0, siblings: siblings)
                values = .fixed(node)
                name = node.name
            } else {
                let node = unsafe try NodeParser.text(rest, count: rowCount, depth: 0)
                values = .text(node)
                name = node.name
            }
            encoding = validity.map { "\(name), validity: \($0.name)" } ?? name
        } catch { throw error.shifted(by: offset) }
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
