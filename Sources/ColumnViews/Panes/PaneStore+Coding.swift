package import ColumnFormat

extension PaneStore {
    /// Writes all panes, in order of time: the same panes give the same bytes, however they came about.
    ///
    ///     cell count   varint
    ///     group count  varint
    ///     per group    index, less that of the group before (zigzag); byte count (varint); the page of its panes
    ///
    /// Roll-ups are not written: they are sums. Groups that did not change since the last call are copied. Throws where
    /// a frozen pane cannot be read.
    package mutating func encode(to writer: inout ByteWriter) throws(ViewError) {
        writer.append(varint: UInt64(cellCount))
        supergroups.sort()
        forgetPath()  // so that the next change forgets the encoding of its group
        var body = ByteWriter()
        var groupCount = 0
        var previous: Int64 = 0
        for rank in 0..<supergroups.count {
            let supergroup = unsafe supergroups[rank]
            if let handle = unsafe supergroup.pointee.page {
                let first = unsafe supergroup.pointee.index &<< 6
                let groups = try readPage(handle, .group)
                for group in groups {
                    append(first + Int64(group.position), try pageBytes(group.page), after: &previous, to: &body)
                }
                groupCount += groups.count
                continue
            }
            let count = unsafe supergroup.pointee.present.nonzeroBitCount
            for position in 0..<count {
                let group = unsafe supergroup.pointee.children.unsafelyUnwrapped[position]
                let page = unsafe try groupPage(group)
                append(unsafe group.pointee.index, page, after: &previous, to: &body)
            }
            groupCount += count
        }
        writer.append(varint: UInt64(groupCount))
        writer.append(bytes: body.bytes)
    }

    /// The page of a group's panes, from where it is cheapest.
    private mutating func groupPage(_ group: NodePointer) throws(ViewError) -> [UInt8] {
        if let handle = unsafe group.pointee.page { return try pageBytes(handle) }
        if let page = unsafe group.pointee.encoding { return page }
        let page = unsafe encodeChildren(of: group, .pane)
        // The newest group changes behind the back of the path.
        if unsafe group.pointee.index != newestPane &>> 6 {
            unsafe group.pointee.encoding = page
            liveByteCount += page.count
        }
        return page
    }

    private func append(_ index: Int64, _ page: [UInt8], after previous: inout Int64, to body: inout ByteWriter) {
        body.append(zigzag: index - previous)
        body.append(varint: UInt64(page.count))
        body.append(bytes: page)
        previous = index
    }

    /// The greatest index of a group that panes of a second can have.
    private static let groupLimit: Int64 = 1 << 40

    /// Reads what ``encode(to:)`` wrote into this store, which must be empty. The byte limit holds meanwhile.
    package mutating func decode(from reader: inout ByteReader) throws(FormatError) {
        precondition(supergroups.count == 0, "only an empty store can take a checkpoint")
        let storedCellCount = try reader.readCount(limit: ReservedCell.limit, of: "cells")
        let groupCount = try reader.readCount(limit: reader.remaining, of: "groups of panes")
        var previous: Int64?
        for _ in 0..<groupCount {
            let start = reader.offset
            let (index, overflow) = (previous ?? 0).addingReportingOverflow(try reader.readZigzag())
            let range = -PaneStore.groupLimit...PaneStore.groupLimit
            guard !overflow, range.contains(index), previous.map({ index > $0 }) ?? true else {
                throw FormatError(.invalid, "a group of panes out of order", at: start)
            }
            previous = index
            let byteCount = try reader.readCount(limit: reader.remaining, of: "bytes of a group of panes")
            let offset = reader.offset
            var records = unsafe RecordReader(try reader.readBytes(byteCount))
            do throws(FormatError) {
                try decodeGroup(index, from: &records)
                guard records.remaining == 0 else {
                    throw FormatError(.invalid, "\(records.remaining) bytes after a group of panes", at: records.offset)
                }
            } catch {
                throw error.shifted(by: offset)
            }
            if liveByteCount > freezeThreshold { freezeColdPanes() }
        }
        guard storedCellCount >= cellCount else {
            throw FormatError(.invalid, "cell \(cellCount - 1) in a store of \(storedCellCount) cells", at: 0)
        }
        cellCount = storedCellCount
    }

    private mutating func decodeGroup(_ index: Int64, from reader: inout RecordReader) throws(FormatError) {
        let count = try PaneRecord.readCount(from: &reader)
        var supergroup = unsafe supergroups.find(index &>> 6)
        if unsafe supergroup == nil {
            let node = unsafe PaneNode.make(index: index &>> 6, byteCount: &liveByteCount)
            unsafe supergroups.insert(unsafe node)
            unsafe supergroup = node
        }
        let parent = unsafe supergroup.unsafelyUnwrapped
        let group = unsafe PaneNode.make(index: index, byteCount: &liveByteCount)
        unsafe parent.pointee.insert(group, at: Int(index & 63), byteCount: &liveByteCount)
        var position = -1
        for _ in 0..<count {
            try scratchRecord.read(.pane, after: position, from: &reader)
            position = scratchRecord.position
            let pane = unsafe PaneNode.make(index: (index &<< 6) + Int64(position), byteCount: &liveByteCount)
            unsafe group.pointee.insert(pane, at: position, byteCount: &liveByteCount)
            unsafe pane.pointee.summary = scratchRecord.summary
            unsafe group.pointee.summary.add(scratchRecord.summary)
            unsafe pane.pointee.cells.reserve(scratchRecord.cells.count, byteCount: &liveByteCount)
            for change in scratchRecord.cells {
                unsafe pane.pointee.cells.add(change.delta, to: change.cell, byteCount: &liveByteCount)
                unsafe group.pointee.cells.add(change.delta, to: change.cell, byteCount: &liveByteCount)
            }
            if let last = scratchRecord.cells.last { cellCount = max(cellCount, Int(last.cell) + 1) }
        }
        newestPane = max(newestPane, (index &<< 6) + Int64(position))
        unsafe addSum(of: group, to: parent)
        unsafe addSum(of: group, to: root)
    }
}
