package import ColumnFormat

/// The pages of the same rows: what the page of a column needs whose values are made from those of others.
package protocol SiblingPages: Sendable {
    /// The page of column `column` of the same block. Throws where it is damaged, or is `column` itself.
    func page(column: Int) throws(FormatError) -> PageReader
}
