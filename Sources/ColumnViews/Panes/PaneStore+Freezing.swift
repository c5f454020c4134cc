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
            let page = unsafe node.pointee.encoding ?? encodeChildren(of: node, level)
            let handle = try pages.write(PaneStore.seal(page))
            liveByteCount -= unsafe node.pointee.encoding?.count ?? 0
            unsafe node.pointee.encoding = nil
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
        let children = unsafe node.pointee.children.unsafelyUnwrapped
        var byteLimit = 1
        for rank in 0..<count {
            byteLimit += unsafe PaneRecord.headByteLimit + children[rank].pointee.cells.count * PaneRecord.cellByteLimit
        }
        if byteLimit > pageScratch.count {
            pageScratch = [UInt8](repeating: 0, count: byteLimit + byteLimit / 2)
        }
        return unsafe pageScratch.withUnsafeMutableBufferPointer { memory in
            var writer = unsafe RecordWriter(memory.baseAddress.unsafelyUnwrapped)
            unsafe writer.append(UInt8(count))
            for rank in 0..<count {
                unsafe PaneRecord.write(children[rank], level, to: &writer, order: &orderScratch)
            }
            return unsafe Array(memory[..<writer.count])
        }
    }

    /// Brings the children of a frozen node back into memory.
    mutating func thaw(_ node: NodePointer, _ level: PaneRecord.Level) throws(ViewError) {
        guard let handle = unsafe node.pointee.page else { return }
        // All of it is read and checked before anything is changed.
        let records = try readPage(handle, level)
        var present: UInt64 = 0
        var sum = PaneSummary()
        for record in records {
            present |= 1 &<< UInt64(record.position)
            sum.add(record.summary)
        }
        guard unsafe present == node.pointee.present, unsafe sum == node.pointee.summary else {
            throw ViewError(.page, "page \(handle) of frozen panes is damaged: it does not hold what was written")
        }
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
        forgetPages()
        pages.release(handle)
        frozenNodeCount -= 1
    }

    /// The records of a page, of which the last one read stays decoded: windows are mostly read in order of time. A
    /// page that cannot be read or understood is an error that says so.
    mutating func readPage(_ handle: PanePageHandle, _ level: PaneRecord.Level) throws(ViewError) -> [PaneRecord] {
        let cached = level == .pane ? cachedPanePage : cachedGroupPage
        if let cached, cached.handle == handle { return cached.records }
        let records = try PaneStore.decodePage(try pageBytes(handle), handle, level)
        // Buffers for merged cells have no place for others.
        guard records.allSatisfy({ ($0.cells.last.map { Int($0.cell) } ?? 0) < cellCount }) else {
            throw ViewError(.page, "page \(handle) of frozen panes is damaged: it holds a cell beyond \(cellCount)")
        }
        if level == .pane { cachedPanePage = (handle, records) } else { cachedGroupPage = (handle, records) }
        return records
    }

    /// A page as it is kept: with its checksum behind it, for it may go to a disk and come back.
    private static func seal(_ page: [UInt8]) -> [UInt8] {
        var writer = ByteWriter(reservingCapacity: page.count + 8)
        writer.append(bytes: page)
        writer.append(Checksum.of(page))
        return writer.bytes
    }

    /// The bytes of a page as they were before it was kept.
    func pageBytes(_ handle: PanePageHandle) throws(ViewError) -> [UInt8] {
        var page = try pages.read(handle)
        let stored = page.suffix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        page.removeLast(min(8, page.count))
        guard Checksum.of(page) == stored else {
            throw ViewError(.page, "page \(handle) of frozen panes is damaged: its checksum does not match")
        }
        return page
    }

    static func decodePage(
        _ bytes: [UInt8], _ handle: PanePageHandle, _ level: PaneRecord.Level
    ) throws(ViewError) -> [PaneRecord] {
        let outcome = unsafe bytes.withUnsafeBytes { raw in
            Result { () throws(FormatError) in
                var reader = unsafe RecordReader(raw)
                return try PaneRecord.readAll(level, from: &reader)
            }
        }
        do {
            return try outcome.get()
        } catch {
            throw ViewError(.page, "page \(handle) of frozen panes is damaged: \(error)")
        }
    }

    /// A page is about to be released: its handle may come back with other panes.
    mutating func forgetPages() {
        cachedPanePage = nil
        cachedGroupPage = nil
    }

    /// Calls `body` for the records that together are the wanted panes below a frozen node.
    mutating func visitFrozen(_ piece: FrozenPiece, _ body: (PaneRecord) -> Void) throws(ViewError) {
        var partial: [FrozenPiece] = []
        for record in try readPage(piece.page, piece.level) {
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
            if let page = try? pageBytes(handle), let groups = try? PaneStore.decodePage(page, handle, .group) {
                for group in groups { pages.release(group.page) }
            }
            pages.release(handle)
            return
        }
        for rank in 0..<(unsafe supergroup.pointee.present.nonzeroBitCount) {
            let group = unsafe supergroup.pointee.children.unsafelyUnwrapped[rank]
            if let handle = unsafe group.pointee.page { pages.release(handle) }
        }
    }
}
