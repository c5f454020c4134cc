extension PaneStore {
    /// A node to add or, with `sign` −1, to subtract.
    @safe
    struct Piece {
        let node: NodePointer
        let sign: Int64
    }

    /// A part of the panes below a frozen node.
    struct FrozenPiece {
        let page: PanePageHandle
        let level: PaneRecord.Level
        /// The index of the frozen node.
        let index: Int64
        let panes: Range<Int64>
        let sign: Int64
    }

    /// The sum of the panes in the range, without their cells.
    package mutating func summary(of panes: Range<Int64>) throws(ViewError) -> PaneSummary {
        var result = PaneSummary()
        cover(panes)
        for piece in pieces {
            if piece.sign > 0 {
                result.add(unsafe piece.node.pointee.summary)
            } else {
                result.subtract(unsafe piece.node.pointee.summary)
            }
        }
        for piece in frozenPieces {
            try visitFrozen(piece) { record in
                if piece.sign > 0 { result.add(record.summary) } else { result.subtract(record.summary) }
            }
        }
        return result
    }

    /// Writes the sum of the panes in the range into `buffer`, which is used again and becomes as long as
    /// ``cellCount``, or as `count` where that is more.
    package mutating func merge(
        _ panes: Range<Int64>, into buffer: inout [Int64], count: Int = 0
    ) throws(ViewError) {
        buffer.removeAll(keepingCapacity: true)
        buffer.append(contentsOf: repeatElement(0, count: max(cellCount, count)))
        cover(panes)
        var summary = PaneSummary()
        unsafe buffer.withUnsafeMutableBufferPointer { dense in
            for i in 0..<pieces.count {
                let piece = pieces[i]
                let node = unsafe piece.node
                if piece.sign > 0 {
                    unsafe summary.add(node.pointee.summary)
                } else {
                    unsafe summary.subtract(node.pointee.summary)
                }
                unsafe node.pointee.cells.accumulate(into: dense, sign: piece.sign)
            }
        }
        for piece in frozenPieces {
            try visitFrozen(piece) { record in
                if piece.sign > 0 { summary.add(record.summary) } else { summary.subtract(record.summary) }
                unsafe buffer.withUnsafeMutableBufferPointer { dense in
                    unsafe record.accumulate(into: dense, sign: piece.sign)
                }
            }
        }
        buffer[ReservedCell.predictions] = summary.predictions
        buffer[ReservedCell.unlabeled] = summary.unlabeled
    }

    /// How many nodes the last merge or summary added up, and how many of them were partly frozen.
    package var lastPieceCount: (nodes: Int, frozen: Int) { (pieces.count, frozenPieces.count) }

    /// The oldest pane; nil where there is none.
    package mutating func firstPane() throws(ViewError) -> Int64? { try nextPane(atOrAfter: .min) }

    /// The first existing pane from `pane` on.
    package mutating func nextPane(atOrAfter pane: Int64) throws(ViewError) -> Int64? {
        supergroups.sort()
        var rank = supergroups.rank(atOrAfter: pane &>> 12)
        while rank < supergroups.count {
            let node = unsafe supergroups[rank]
            if let found = unsafe try nextPane(in: node, atOrAfter: pane) { return found }
            rank += 1
        }
        return nil
    }

    private mutating func nextPane(in supergroup: NodePointer, atOrAfter pane: Int64) throws(ViewError) -> Int64? {
        let first = unsafe supergroup.pointee.index &<< 6
        guard let handle = unsafe supergroup.pointee.page else {
            for rank in unsafe 0..<supergroup.pointee.present.nonzeroBitCount {
                let group = unsafe supergroup.pointee.children.unsafelyUnwrapped[rank]
                if let found = PaneStore.firstPresent(
                    unsafe group.pointee.present, ofGroup: unsafe group.pointee.index, atOrAfter: pane)
                {
                    return found
                }
            }
            return nil
        }
        for record in try readPage(handle, .group) {
            let group = first + Int64(record.position)
            if let found = PaneStore.firstPresent(record.present, ofGroup: group, atOrAfter: pane) { return found }
        }
        return nil
    }

    private static func firstPresent(_ present: UInt64, ofGroup group: Int64, atOrAfter pane: Int64) -> Int64? {
        let first = group &<< 6
        guard pane < first + 64 else { return nil }
        let rest = pane <= first ? present : present & (UInt64.max &<< UInt64(pane - first))
        return rest == 0 ? nil : first + Int64(rest.trailingZeroBitCount)
    }

    /// Fills `pieces` and `frozenPieces` with nodes that together are the panes in the range.
    private mutating func cover(_ panes: Range<Int64>) {
        pieces.removeAll(keepingCapacity: true)
        frozenPieces.removeAll(keepingCapacity: true)
        guard !panes.isEmpty, supergroups.count > 0 else { return }
        supergroups.sort()
        if let leaf = unsafe newestLeaf, panes.contains(newestPane) {
            unsafe pieces.append(Piece(node: unsafe leaf, sign: 1))
        }
        let low = supergroups.rank(atOrAfter: panes.lowerBound &>> 12)
        let lastIndex = (panes.upperBound - 1) &>> 12
        let high = lastIndex == .max ? supergroups.count : supergroups.rank(atOrAfter: lastIndex + 1)
        guard low < high else { return }
        // The total less what is outside, where that is less work.
        if (high - low) * 2 > supergroups.count + 1 {
            unsafe pieces.append(Piece(node: unsafe root, sign: 1))
            for rank in 0..<low { unsafe pieces.append(Piece(node: unsafe supergroups[rank], sign: -1)) }
            for rank in high..<supergroups.count {
                unsafe pieces.append(Piece(node: unsafe supergroups[rank], sign: -1))
            }
            for rank in Set([low, high - 1]) {
                unsafe coverRest(of: unsafe supergroups[rank], panes, .group, shift: 12)
            }
        } else {
            for rank in low..<high { unsafe cover(unsafe supergroups[rank], panes, .group, shift: 12, sign: 1) }
        }
    }

    /// The panes that a node covers.
    private func span(_ node: NodePointer, shift: Int64) -> Range<Int64> {
        let first = unsafe node.pointee.index &<< shift
        return first..<(first + (1 &<< shift))
    }

    /// Subtracts the panes of a node that are not in the range.
    private mutating func coverRest(
        of node: NodePointer, _ panes: Range<Int64>, _ level: PaneRecord.Level, shift: Int64
    ) {
        let span = unsafe span(node, shift: shift)
        if span.lowerBound < panes.lowerBound {
            unsafe cover(unsafe node, span.lowerBound..<panes.lowerBound, level, shift: shift, sign: -1)
        }
        if panes.upperBound < span.upperBound {
            unsafe cover(unsafe node, panes.upperBound..<span.upperBound, level, shift: shift, sign: -1)
        }
    }

    /// Adds the panes of a node that are in the range. `level` is that of its children.
    private mutating func cover(
        _ node: NodePointer, _ panes: Range<Int64>, _ level: PaneRecord.Level, shift: Int64, sign: Int64
    ) {
        let span = unsafe span(node, shift: shift)
        let wanted = panes.clamped(to: span)
        guard !wanted.isEmpty else { return }
        if wanted == span {
            unsafe pieces.append(Piece(node: unsafe node, sign: sign))
            return
        }
        if let page = unsafe node.pointee.page {
            frozenPieces.append(
                FrozenPiece(page: page, level: level, index: unsafe node.pointee.index, panes: wanted, sign: sign))
            return
        }
        let childShift = shift - 6
        let firstChild = (wanted.lowerBound &>> childShift) & 63
        let lastChild = ((wanted.upperBound - 1) &>> childShift) & 63
        let mask = (UInt64.max &<< UInt64(firstChild)) & (UInt64.max &>> UInt64(63 - lastChild))
        var present = unsafe node.pointee.present
        if level == .pane, unsafe newestLeaf != nil, unsafe node.pointee.index == newestPane &>> 6 {
            present &= ~(1 &<< UInt64(newestPane & 63))  // added apart: it is not in the sums yet
        }
        let inside = present & mask
        if inside.nonzeroBitCount * 2 > present.nonzeroBitCount + 1 {
            // The node less the children outside, and less what the two at the edges have outside.
            unsafe pieces.append(Piece(node: unsafe node, sign: sign))
            var outside = present & ~mask
            while outside != 0 {
                let position = outside.trailingZeroBitCount
                unsafe pieces.append(Piece(node: unsafe node.pointee.child(at: position), sign: 0 - sign))
                outside &= outside - 1
            }
            guard level == .group else { return }
            for position in Set([Int(firstChild), Int(lastChild)]) where unsafe node.pointee.hasChild(at: position) {
                let child = unsafe node.pointee.child(at: position)
                let childSpan = unsafe self.span(child, shift: childShift)
                if childSpan.lowerBound < wanted.lowerBound {
                    let rest = childSpan.lowerBound..<wanted.lowerBound
                    unsafe cover(unsafe child, rest, .pane, shift: childShift, sign: 0 - sign)
                }
                if wanted.upperBound < childSpan.upperBound {
                    let rest = wanted.upperBound..<childSpan.upperBound
                    unsafe cover(unsafe child, rest, .pane, shift: childShift, sign: 0 - sign)
                }
            }
            return
        }
        var rest = inside
        while rest != 0 {
            let position = rest.trailingZeroBitCount
            let child = unsafe node.pointee.child(at: position)
            if level == .pane {
                unsafe pieces.append(Piece(node: unsafe child, sign: sign))
            } else {
                unsafe cover(unsafe child, wanted, .pane, shift: childShift, sign: sign)
            }
            rest &= rest - 1
        }
    }
}
