import ColumnFormat

/// One pane or group as it stands in a page and in a checkpoint.
///
///     position     UInt8    among the 64 children of its parent
///     predictions  zigzag
///     unlabeled    zigzag
///     [present     UInt64   groups only: which panes exist
///      page        varint]  groups only: the handle of the page with the panes
///     cell count   varint
///     then per cell, ascending: gap to the cell before, less one (varint); value, not 0 (zigzag)
///
/// A page is the number of records (UInt8, 1…64) and the records in ascending order of position.
struct PaneRecord {
    enum Level { case pane, group }

    var position = 0
    var summary = PaneSummary()
    var present: UInt64 = 0
    var page: PanePageHandle = 0
    var cells: [CellChange] = []

    func write(_ level: Level, to writer: inout ByteWriter) {
        writer.append(UInt8(position))
        writer.append(zigzag: summary.predictions)
        writer.append(zigzag: summary.unlabeled)
        if level == .group {
            writer.append(present)
            writer.append(varint: page)
        }
        writer.append(varint: UInt64(cells.count))
        var next = UInt32(ReservedCell.firstFree)
        for change in cells {
            writer.append(varint: UInt64(change.cell - next))
            writer.append(zigzag: change.delta)
            next = change.cell + 1
        }
    }

    /// Reads the record after one at `position` (−1 before the first), reusing this one's memory.
    mutating func read(_ level: Level, after previous: Int, from reader: inout ByteReader) throws(FormatError) {
        position = Int(try reader.read(UInt8.self))
        guard position > previous, position < 64 else {
            throw FormatError(.invalid, "pane \(position) of a group after \(previous)", at: reader.offset - 1)
        }
        summary.predictions = try reader.readZigzag()
        summary.unlabeled = try reader.readZigzag()
        summary.fingerprint =
            summary.predictions &* PaneSummary.weight(of: 0) &+ summary.unlabeled &* PaneSummary.weight(of: 1)
        if level == .group {
            present = try reader.read(UInt64.self)
            page = try reader.readVarint()
        }
        let count = try reader.readCount(limit: reader.remaining / 2, of: "cells")
        cells.removeAll(keepingCapacity: true)
        var next = UInt64(ReservedCell.firstFree)
        for _ in 0..<count {
            let gap = try reader.readVarint()
            guard gap < UInt64(ReservedCell.limit) - next else {
                throw FormatError(.invalid, "a cell beyond \(ReservedCell.limit)", at: reader.offset)
            }
            let cell = UInt32(next + gap)
            let value = try reader.readZigzag()
            guard value != 0 else { throw FormatError(.invalid, "a stored cell of value 0", at: reader.offset) }
            cells.append(CellChange(delta: value, cell: cell))
            summary.fingerprint &+= value &* PaneSummary.weight(of: cell)
            next = UInt64(cell) + 1
        }
    }

    /// Adds the cells, all but the reserved ones, to a buffer that has a place for each.
    func accumulate(into buffer: UnsafeMutableBufferPointer<Int64>, sign: Int64) {
        for change in cells { unsafe buffer[Int(change.cell)] &+= sign &* change.delta }
    }

    static func readCount(from reader: inout ByteReader) throws(FormatError) -> Int {
        let count = Int(try reader.read(UInt8.self))
        guard count >= 1, count <= 64 else {
            throw FormatError(.invalid, "\(count) records in a group of panes", at: reader.offset - 1)
        }
        return count
    }
}
