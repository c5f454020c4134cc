import ColumnFormat

extension PaneStore {
    /// Freezes the oldest groups, then the sums of the oldest supergroups, until an eighth of the limit is free.
    @inline(never)
    mutating func freezeColdPanes() {
        forgetPath()
        supergroups.sort()
        lastFreezeFailure = nil
        let target = byteLimit - byteLimit / 8
        let newestGroup = newestPane &>> 6
        for rank in 0..<supergroups.count where liveByteCount > target && lastFreezeFailure == nil {
            let supergroup = unsafe supergroups[rank]
            guard unsafe supergroup.pointee.page == nil else { continue }
            for position in unsafe 0..<supergroup.pointee.present.nonzeroBitCount where liveByteCount > target {
                let group = unsafe supergroup.pointee.children.unsafelyUnwrapped[position]
                guard unsafe group.pointee.page == nil, unsafe group.pointee.index != newestGroup else { continue }
                unsafe freezeChildren(of: unsafe group, .pane)
                if lastFreezeFailure != nil { break }
            }
        }
        for rank in 0..<supergroups.count where liveByteCount > target && lastFreezeFailure == nil {
            let supergroup = unsafe supergroups[rank]
            guard unsafe supergroup.pointee.page == nil else { continue }
            if unsafe supergroup.pointee.index == newestPane &>> 12 { continue }
            unsafe freezeChildren(of: unsafe supergroup, .group)
        }
        freezeThreshold = max(byteLimit, liveByteCount + liveByteCount / 8)
    }

    /// Writes the children to a page and frees them. A failure is kept, and changes nothing.
    private mutating func freezeChildren(of node: NodePointer, _ level: PaneRecord.Level) {
        do {
            let handle = try pages.write(unsafe encodeChildren(of: node, level))
            unsafe node.pointee.freeChildren(byteCount: &liveByteCount)
            unsafe node.pointee.page = handle
            frozenNodeCount += 1
        } catch {
            lastFreezeFailure = error
        }
    }

    /// The page with the children of a node, which are in memory.
    mutating func encodeChildren(of node: NodePointer, _ level: PaneRecord.Level) -> [UInt8] {
        let count = unsafe node.pointee.present.nonzeroBitCount
        var writer = ByteWriter(reservingCapacity: count * 32)
        writer.append(UInt8(count))
        for rank in 0..<count {
            let child = unsafe node.pointee.children.unsafelyUnwrapped[rank]
            scratchRecord.position = Int(unsafe child.pointee.index & 63)
            scratchRecord.summary = unsafe child.pointee.summary
            unsafe child.pointee.cells.collect(into: &scratchRecord.cells)
            if level == .group {
                scratchRecord.present = unsafe child.pointee.present
                scratchRecord.page = unsafe child.pointee.page ?? 0
            }
            scratchRecord.write(level, to: &writer)
        }
        return writer.bytes
    }

    /// Brings the children of a frozen node back into memory.
    mutating func thaw(_ node: NodePointer, _ level: PaneRecord.Level) throws(ViewError) {
        guard let handle = unsafe node.pointee.page else { return }
        let present = unsafe node.pointee.present
        // Read all of it before anything is changed.
        var records: [PaneRecord] = []
        try readPage(handle, level) { records.append($0) }
        unsafe node.pointee.present = 0
        unsafe node.pointee.page = nil
        for record in records {
            let index = unsafe (node.pointee.index &<< 6) + Int64(record.position)
            let child = unsafe PaneNode.make(index: index, byteCount: &liveByteCount)
            unsafe child.pointee.summary = record.summary
            unsafe child.pointee.cells.reserve(record.cells.count, byteCount: &liveByteCount)
            for change in record.cells {
                unsafe child.pointee.cells.add(change.delta, to: change.cell, byteCount: &liveByteCount)
            }
            if level == .group {
                unsafe child.pointee.present = record.present
                unsafe child.pointee.page = record.page
            }
            unsafe node.pointee.insert(child, at: record.position, byteCount: &liveByteCount)
        }
        assert(unsafe node.pointee.present == present, "a page holds the children that its node knows")
        pages.release(handle)
        frozenNodeCount -= 1
    }

    /// Calls `body` for every record of a page. A page that cannot be read or understood is an error that says so.
    func readPage(
        _ handle: PanePageHandle, _ level: PaneRecord.Level, _ body: (PaneRecord) -> Void
    ) throws(ViewError) {
        let bytes = try pages.read(handle)
        let outcome: Result<Void, FormatError> = unsafe bytes.withUnsafeBytes { raw in
            var reader = unsafe ByteReader(raw)
            do throws(FormatError) {
                let count = try PaneRecord.readCount(from: &reader)
                var record = PaneRecord()
                var previous = -1
                for _ in 0..<count {
                    try record.read(level, after: previous, from: &reader)
                    previous = record.position
                    body(record)
                }
                return .success(())
            } catch {
                return .failure(error)
            }
        }
        if case .failure(let error) = outcome {
            throw ViewError(.page, "page \(handle) of frozen panes is damaged: \(error)")
        }
    }

    /// Calls `body` for the records that together are the wanted panes below a frozen node.
    func visitFrozen(_ piece: FrozenPiece, _ body: (PaneRecord) -> Void) throws(ViewError) {
        var partial: [FrozenPiece] = []
        try readPage(piece.page, piece.level) { record in
            let index = (piece.index &<< 6) + Int64(record.position)
            let shift: Int64 = piece.level == .pane ? 0 : 6
            let span = (index &<< shift)..<((index + 1) &<< shift)
            let wanted = piece.panes.clamped(to: span)
            if wanted == span {
                body(record)
            } else if !wanted.isEmpty {
                partial.append(
                    FrozenPiece(page: record.page, level: .pane, index: index, panes: wanted, sign: piece.sign))
            }
        }
        for part in partial { try visitFrozen(part, body) }
    }

    /// Gives back all pages of a supergroup that is about to go.
    func releasePages(below supergroup: NodePointer) {
        if let handle = unsafe supergroup.pointee.page {
            // A page that cannot be read names no others: they stay in the page store, which is scratch.
            try? readPage(handle, .group) { pages.release($0.page) }
            pages.release(handle)
            return
        }
        for rank in 0..<(unsafe supergroup.pointee.present.nonzeroBitCount) {
            let group = unsafe supergroup.pointee.children.unsafelyUnwrapped[rank]
            if let handle = unsafe group.pointee.page { pages.release(handle) }
        }
    }
}
