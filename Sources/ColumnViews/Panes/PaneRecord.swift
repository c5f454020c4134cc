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

    /// The greatest size of a record without its cells, and of a cell.
    static let headByteLimit = unsafe 1 + 8 + 4 * RecordWriter.varintByteLimit
    static let cellByteLimit = unsafe 4 + RecordWriter.varintByteLimit

    /// Writes the record of a node. `order` is memory that is used again.
    static func write(_ node: NodePointer, _ level: Level, to writer: inout RecordWriter, order: inout [UInt64]) {
        let summary = unsafe node.pointee.summary
        unsafe writer.append(UInt8(node.pointee.index & 63))
        unsafe writer.append(zigzag: summary.predictions)
        unsafe writer.append(zigzag: summary.unlabeled)
        if level == .group {
            unsafe writer.append(word: node.pointee.present)
            unsafe writer.append(varint: node.pointee.page ?? 0)
        }
        unsafe node.pointee.cells.sortedSlots(into: &order)
        unsafe writer.append(varint: UInt64(order.count))
        var next = UInt64(ReservedCell.firstFree)
        for i in 0..<order.count {
            let entry = order[i]
            let cell = entry &>> 32
            unsafe writer.append(varint: cell &- next)
            unsafe writer.append(zigzag: node.pointee.cells.value(inSlot: Int(truncatingIfNeeded: entry & 0xFFFF_FFFF)))
            next = cell &+ 1
        }
    }

    /// Reads the record after one at `position` (−1 before the first), reusing this one's memory.
    mutating func read(_ level: Level, after previous: Int, from reader: inout RecordReader) throws(FormatError) {
        position = Int(try reader.readByte())
        guard position > previous, position < 64 else {
            throw FormatError(.invalid, "pane \(position) of a group after \(previous)", at: reader.offset - 1)
        }
        summary.predictions = try reader.readZigzag()
        summary.unlabeled = try reader.readZigzag()
        var fingerprint =
            summary.predictions &* PaneSummary.weight(of: 0) &+ summary.unlabeled &* PaneSummary.weight(of: 1)
        if level == .group {
            present = try reader.readWord()
            page = try reader.readVarint()
        }
        let start = reader.offset
        let count = try reader.readVarint()
        guard count <= UInt64(reader.remaining / 2) else {
            throw FormatError(.invalid, "\(count) cells in \(reader.remaining) bytes", at: start)
        }
        cells.removeAll(keepingCapacity: true)
        cells.reserveCapacity(Int(count))
        var next = UInt64(ReservedCell.firstFree)
        for _ in 0..<count {
            let gap = try reader.readVarint()
            guard gap < UInt64(ReservedCell.limit) - next else {
                throw FormatError(.invalid, "a cell beyond \(ReservedCell.limit)", at: reader.offset)
            }
            let cell = UInt32(truncatingIfNeeded: next &+ gap)
            let value = try reader.readZigzag()
            guard value != 0 else { throw FormatError(.invalid, "a stored cell of value 0", at: reader.offset) }
            cells.append(CellChange(delta: value, cell: cell))
            fingerprint &+= value &* PaneSummary.weight(of: cell)
            next = UInt64(cell) &+ 1
        }
        summary.fingerprint = fingerprint
    }

    /// Adds the cells, all but the reserved ones, to a buffer that has a place for each.
    func accumulate(into buffer: UnsafeMutableBufferPointer<Int64>, sign: Int64) {
        for change in cells { unsafe buffer[Int(change.cell)] &+= sign &* change.delta }
    }

    /// All records of a page.
    static func readAll(_ level: Level, from reader: inout RecordReader) throws(FormatError) -> [PaneRecord] {
        let count = try readCount(from: &reader)
        var records: [PaneRecord] = []
        records.reserveCapacity(count)
        for _ in 0..<count {
            var record = PaneRecord()
            try record.read(level, after: records.last?.position ?? -1, from: &reader)
            records.append(record)
        }
        return records
    }

    static func readCount(from reader: inout RecordReader) throws(FormatError) -> Int {
        let count = Int(try reader.readByte())
        guard count >= 1, count <= 64 else {
            throw FormatError(.invalid, "\(count) records in a group of panes", at: reader.offset - 1)
        }
        return count
    }
}
