/// A table of text with aligned columns.
///
/// Columns are two blanks apart; numbers go to the right. Control characters in cells are escaped. On a terminal that is
/// too narrow the columns that may shrink are cut with an ellipsis, widest first; in a pipe nothing is ever cut.
package struct TextTable {
    package enum Alignment: Sendable { case left, right }

    package struct Column: Sendable {
        package let title: String
        package let alignment: Alignment
        /// Whether the column may be cut where the terminal is narrow.
        package let canShrink: Bool

        /// A column of text.
        package static func text(_ title: String, canShrink: Bool = true) -> Column {
            Column(title: title, alignment: .left, canShrink: canShrink)
        }

        /// A column of numbers, which are never cut.
        package static func number(_ title: String) -> Column {
            Column(title: title, alignment: .right, canShrink: false)
        }
    }

    package struct Cell: Sendable, ExpressibleByStringInterpolation {
        package let text: String
        package let style: Terminal.Style

        package init(_ text: String, _ style: Terminal.Style = .plain) {
            self.text = PrintableText.escaping(text)
            self.style = style
        }

        package init(stringLiteral value: String) { self.init(value) }
    }

    private let columns: [Column]
    private var rows: [[Cell]] = []

    package init(_ columns: [Column]) { self.columns = columns }

    package var rowCount: Int { rows.count }

    /// Appends one row; missing cells at its end are empty.
    package mutating func add(_ cells: [Cell]) {
        precondition(cells.count <= columns.count, "\(cells.count) cells for \(columns.count) columns")
        rows.append(cells + Array(repeating: "", count: columns.count - cells.count))
    }

    /// Appends one row of plain text.
    package mutating func add(_ texts: [String]) { add(texts.map { Cell($0) }) }

    /// The table with its header, each line ended. O(all characters).
    package func rendered(for terminal: Terminal = .none) -> String {
        let titles = columns.map { Cell($0.title, .bold) }
        let widths = self.widths(titles, terminal.width)
        var text = ""
        for row in [titles] + rows { text += line(row, widths, terminal) + "\n" }
        return text
    }

    // MARK: Parts

    private static let gap = 2

    private func widths(_ titles: [Cell], _ available: Int?) -> [Int] {
        var widths = columns.indices.map { column in
            rows.reduce(DisplayWidth.of(titles[column].text)) { max($0, DisplayWidth.of($1[column].text)) }
        }
        guard let available else { return widths }
        let shrinkable = columns.indices.filter { columns[$0].canShrink }
        var excess = widths.reduce(0, +) + Self.gap * max(0, columns.count - 1) - available
        let narrowest = 6
        while excess > 0, let widest = shrinkable.max(by: { widths[$0] < widths[$1] }), widths[widest] > narrowest {
            // Down to the next widest column, then all of those together one by one.
            let next = shrinkable.map { widths[$0] }.filter { $0 < widths[widest] }.max() ?? narrowest
            let cut = min(excess, max(1, widths[widest] - max(next, narrowest)))
            widths[widest] -= cut
            excess -= cut
        }
        return widths
    }

    private func line(_ cells: [Cell], _ widths: [Int], _ terminal: Terminal) -> String {
        var text = ""
        // Blanks are held back until something follows, so that no line ends in them.
        var pending = 0
        for (column, cell) in cells.enumerated() {
            if column > 0 { pending += Self.gap }
            let shown = DisplayWidth.truncated(cell.text, to: widths[column])
            let blanks = widths[column] - DisplayWidth.of(shown)
            if columns[column].alignment == .right { pending += blanks }
            if !shown.isEmpty {
                text += String(repeating: " ", count: pending) + terminal.styled(shown, cell.style)
                pending = 0
            }
            if columns[column].alignment == .left { pending += blanks }
        }
        return text
    }
}
