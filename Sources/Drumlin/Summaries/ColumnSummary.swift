/// What a set of rows is like in one column, in integers that only ever add: of any parts of the rows the summaries merge to
/// that of the whole, bit for bit, in whatever order.
///
/// Numbers are counted by ``ValueCell``; of each cell also the sum of places within it and of their squares is kept, from which
/// the mean follows to 1e-11 and the deviation to 1e-7 of its values, and every quantile to 1/128. Values of all kinds are
/// counted by ten bits of their hash besides: a value that comes more often than it used to shows there.
struct ColumnSummary: Sendable, Equatable {
    enum Form: UInt8, Sendable { case number, text, opaque }

    /// One cell of numbers.
    struct Cell: Sendable, Equatable {
        var key: UInt32
        var count: Int64
        /// Σ of the upper 16 bits of the places in the cell, which are in 2⁻³² of its width.
        var coarse: Int64
        /// Σ of their lower 16 bits.
        var fine: Int64
        /// Σ of the squares of their upper 16 bits.
        var squares: Int64

        mutating func add(_ other: Cell, sign: Int64) {
            count &+= sign &* other.count
            coarse &+= sign &* other.coarse
            fine &+= sign &* other.fine
            squares &+= sign &* other.squares
        }

        /// The mean of its values.
        var mean: Double {
            let place = (Double(coarse) * 65_536 + Double(fine)) / Double(count)
            return ValueCell.value(key, at: place / 4_294_967_296)
        }

        /// The variance of its values, to 2⁻¹⁶ of the cell's width.
        var variance: Double {
            let n = Double(count)
            let mean = Double(coarse) / n
            let variance = Double(squares) / n - mean * mean
            // Whole numbers of which one differs have more.
            guard variance * n > 0.25 else { return 0 }
            let width = ValueCell.width(key) / 65_536
            return variance * width * width
        }

        /// Whether its values are equal, to 2⁻¹⁶ of the cell's width.
        var isConstant: Bool { variance == 0 }
    }

    static let hashCount = 1_024

    let form: Form
    /// All rows, those without a value included.
    var rowCount: Int64 = 0
    var nullCount: Int64 = 0
    var nanCount: Int64 = 0
    /// In the order of their values; none is empty.
    var cells: [Cell] = []
    /// How many values have each hash; empty where they are not counted so.
    var hashes: [Int64]

    /// - Parameter countsValues: whether numbers are counted by their hashes too, which only ``ColumnGroups`` of text need.
    init(_ form: Form, countsValues: Bool = true) {
        self.form = form
        let isCounted = form == .text || form == .number && countsValues
        hashes = isCounted ? Array(repeating: 0, count: Self.hashCount) : []
    }

    /// Rows with a value: for numbers, one that is a number.
    var valueCount: Int64 { rowCount - nullCount - nanCount }

    static func += (left: inout ColumnSummary, right: ColumnSummary) { left.merge(right, sign: 1) }

    /// Takes away rows that were added before.
    static func -= (left: inout ColumnSummary, right: ColumnSummary) { left.merge(right, sign: -1) }

    private mutating func merge(_ other: ColumnSummary, sign: Int64) {
        precondition(form == other.form, "summaries of a \(form) and a \(other.form) column")
        rowCount += sign * other.rowCount
        nullCount += sign * other.nullCount
        nanCount += sign * other.nanCount
        if other.hashes.isEmpty { hashes = [] }
        for place in hashes.indices { hashes[place] &+= sign &* other.hashes[place] }
        guard !other.cells.isEmpty else { return }
        var merged: [Cell] = []
        merged.reserveCapacity(cells.count + other.cells.count)
        var (i, j) = (0, 0)
        while i < cells.count || j < other.cells.count {
            var cell: Cell
            if j == other.cells.count || i < cells.count && cells[i].key < other.cells[j].key {
                cell = cells[i]
                i += 1
            } else if i == cells.count || other.cells[j].key < cells[i].key {
                cell = Cell(key: other.cells[j].key, count: 0, coarse: 0, fine: 0, squares: 0)
                cell.add(other.cells[j], sign: sign)
                j += 1
            } else {
                cell = cells[i]
                cell.add(other.cells[j], sign: sign)
                i += 1
                j += 1
            }
            if cell.count != 0 { merged.append(cell) }
        }
        cells = merged
    }
}
