package import ColumnFormat

/// Columns of the same block whose pages a page is read with, by their positions in the segment's schema.
///
/// A page whose values are derived is no source of another, and one that refers to any is nobody's validity: so a reader
/// follows two references at most, whatever the bytes are.
package struct PageReferences: Equatable, Sendable {
    /// The column that is null in the same rows, and keeps which these are.
    package var validity: Int?
    /// What the values are derived from, in the relation's order.
    package var sources: [Int] = []

    package init() {}

    /// What a page is opened for.
    package enum Use: Sendable {
        case itself, source, validity
    }

    /// Throws where a page that is opened for `use` refers to what it may not. Its column is at `position` of those that
    /// are called `names`.
    package func check(_ use: Use, position: Int, names: [String]) throws(FormatError) {
        guard sources.isEmpty || use == .itself else {
            throw FormatError(.invalid, "column '\(names[position])' is derived, and so nothing for another")
        }
        guard validity == nil || use != .validity else {
            throw FormatError(.invalid, "column '\(names[position])' has its validity from another itself")
        }
        for other in sources + (validity.map { [$0] } ?? []) where other >= names.count || other == position {
            throw FormatError(.invalid, "column '\(names[position])' is read with column \(other)")
        }
    }
}

/// The pages that ``PageReferences`` name.
package struct PageSiblings: Sendable {
    package var validity: SiblingPage?
    package var sources: [SiblingPage] = []

    package init() {}
}

/// A page of another column of the block, and the column's name, for people.
package struct SiblingPage: Sendable {
    package let name: String
    package let page: PageReader

    package init(name: String, page: PageReader) {
        self.name = name
        self.page = page
    }
}

extension PageReader {
    /// What a reader of these bytes needs besides them.
    package static func references(
        of bytes: UnsafeRawBufferPointer, type: ColumnType
    ) throws(FormatError) -> PageReferences {
        var references = PageReferences()
        var reader = unsafe ByteReader(bytes)
        switch try readFlags(&reader) {
        case .none: break
        case .own: try reader.skip(try reader.readCount(limit: reader.remaining, of: "bytes of a child"))
        case .shared: references.validity = try reader.readCount(limit: Int(UInt16.max), of: "columns")
        }
        guard type.fixedShape != nil, try reader.read(UInt8.self) == NodeCode.derived.rawValue else {
            return references
        }
        references.sources = try Relation.readSources(&reader)
        return references
    }
}
