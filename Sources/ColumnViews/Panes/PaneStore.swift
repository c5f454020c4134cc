/// The state of all panes of one subject: sparse Int64 cells per pane, with exact roll-ups.
///
/// Panes hang in a tree of fixed shape: 64 panes are a group, 64 groups a supergroup, all supergroups the total. An
/// event adds its changes to one node of each level, so that a merge of any range touches at most about 130 nodes of a
/// supergroup's inside plus one a supergroup: a range is built from whole nodes, or from the parent less the rest of
/// it, whichever is fewer. Differences are exact because cells are integers, also where they wrapped.
///
/// A pane exists from its first change until all its cells are zero again.
///
/// *Memory.* Above `byteLimit` the oldest groups are frozen: their panes are written to a page (``PanePageStore``), in
/// about a tenth of the space, and their sum stays. When all groups of a supergroup are frozen, so may their sums be.
/// The newest group never is. A change thaws what it needs; a read decodes the page and keeps it frozen.
///
/// *Complexity.* A change: O(cells changed), not of the number of panes. A merge: O(nodes × their cells).
@safe
package struct PaneStore: ~Copyable {
    var root: NodePointer
    var supergroups = SupergroupTable()
    /// Bytes of nodes and tables in memory.
    var liveByteCount = 0
    /// Cells are below this: the size of a buffer for merged cells.
    package internal(set) var cellCount = ReservedCell.firstFree
    /// The greatest pane that ever had a change; `Int64.min` before.
    var newestPane = Int64.min
    /// The newest pane while its cells are not yet in the roll-ups: most changes come to it, and so cost one addition a
    /// cell instead of one a level. They follow when a newer pane comes. Nil once it was dropped, and after a recovery.
    var newestLeaf: NodePointer?

    /// From where panes are frozen.
    package let byteLimit: Int
    /// Raised above the limit while nothing more can be frozen, so that not every change tries again.
    var freezeThreshold: Int
    let pages: any PanePageStore
    /// Why panes could not be frozen the last time, if they could not; they are in memory then.
    package internal(set) var lastFreezeFailure: ViewError?
    /// How many groups and supergroups have their children in pages.
    package internal(set) var frozenNodeCount = 0

    // The path to the pane of the last change.
    private var cachedPane = Int64.min
    private var cachedLeaf: NodePointer?
    private var cachedGroup: NodePointer?
    private var cachedSupergroup: NodePointer?

    // Memory that is used again.
    var scratchRecord = PaneRecord()
    var pageScratch: [UInt8] = []
    var orderScratch: [UInt64] = []
    var cachedPanePage: (handle: PanePageHandle, records: [PaneRecord])?
    var cachedGroupPage: (handle: PanePageHandle, records: [PaneRecord])?
    var pieces: [Piece] = []
    var frozenPieces: [FrozenPiece] = []

    /// The default limit: 256 MB.
    package static let defaultByteLimit = 256 << 20

    package init(byteLimit: Int = PaneStore.defaultByteLimit, pages: any PanePageStore = InMemoryPanePages()) {
        self.byteLimit = max(byteLimit, 0)
        freezeThreshold = self.byteLimit
        self.pages = pages
        unsafe root = PaneNode.make(index: 0, byteCount: &liveByteCount)
        unsafe newestLeaf = nil
        unsafe cachedLeaf = nil
        unsafe cachedGroup = nil
        unsafe cachedSupergroup = nil
    }

    deinit {
        var ignored = 0
        for rank in 0..<supergroups.count {
            let supergroup = unsafe supergroups[unordered: rank]
            unsafe releasePages(below: supergroup)
            unsafe PaneNode.free(supergroup, byteCount: &ignored)
        }
        unsafe PaneNode.free(root, byteCount: &ignored)
    }

    /// Bytes of memory: panes, roll-ups, and pages as far as they are in memory.
    package var byteCount: Int { liveByteCount + supergroups.byteCount + pages.memoryByteCount }

    /// The sum of all panes.
    package var total: PaneSummary {
        var total = unsafe root.pointee.summary
        if let leaf = unsafe newestLeaf { total.add(unsafe leaf.pointee.summary) }
        return total
    }

    /// Adds changes to a pane. Throws where a frozen pane cannot be read back; nothing has changed then.
    package mutating func apply(_ changes: borrowing CellChanges, to pane: Int64) throws(ViewError) {
        guard !changes.isEmpty else { return }
        if pane > newestPane {
            settleNewestPane()
            try locate(pane)
            unsafe newestLeaf = cachedLeaf
        }
        let delta = summarize(changes)
        let leaf: NodePointer
        if pane == newestPane, let newest = unsafe newestLeaf {
            unsafe leaf = newest
            unsafe add(changes, delta, to: leaf)
        } else {
            if unsafe pane != cachedPane || cachedLeaf == nil { try locate(pane) }
            unsafe leaf = cachedLeaf.unsafelyUnwrapped
            unsafe add(changes, delta, to: leaf)
            unsafe add(changes, delta, to: cachedGroup.unsafelyUnwrapped)
            unsafe add(changes, delta, to: cachedSupergroup.unsafelyUnwrapped)
            unsafe add(changes, delta, to: root)
        }
        if unsafe leaf.pointee.summary.isZero, unsafe leaf.pointee.cells.isAllZero { try drop(pane) }
        if liveByteCount > freezeThreshold { freezeColdPanes() }
    }

    /// Adds the newest pane to its roll-ups: a newer one is about to come.
    private mutating func settleNewestPane() {
        guard let leaf = unsafe newestLeaf else { return }
        unsafe newestLeaf = nil
        // They are in memory: what holds the newest pane is never frozen.
        guard let supergroup = unsafe supergroups.find(newestPane &>> 12) else { return }
        unsafe addSum(of: leaf, to: supergroup.pointee.child(at: Int(newestPane &>> 6 & 63)))
        unsafe addSum(of: leaf, to: supergroup)
        unsafe addSum(of: leaf, to: root)
    }

    mutating func addSum(of source: NodePointer, to node: NodePointer) {
        unsafe node.pointee.summary.add(source.pointee.summary)
        unsafe node.pointee.cells.add(source.pointee.cells, byteCount: &liveByteCount)
    }

    private mutating func summarize(_ changes: borrowing CellChanges) -> PaneSummary {
        var delta = PaneSummary(predictions: changes.predictions, unlabeled: changes.unlabeled)
        delta.fingerprint =
            delta.predictions &* PaneSummary.weight(of: 0) &+ delta.unlabeled &* PaneSummary.weight(of: 1)
        var greatest = 0
        for i in 0..<changes.count {
            let change = unsafe changes.list[i]
            delta.fingerprint &+= change.delta &* PaneSummary.weight(of: change.cell)
            greatest = max(greatest, Int(change.cell))
        }
        cellCount = max(cellCount, greatest + 1)
        return delta
    }

    @inline(__always)
    private mutating func add(_ changes: borrowing CellChanges, _ delta: PaneSummary, to node: NodePointer) {
        unsafe node.pointee.summary.add(delta)
        unsafe node.pointee.cells.add(changes.list, count: changes.count, byteCount: &liveByteCount)
    }

    /// Puts the path to a pane into the cache, making or thawing what is missing.
    @inline(never)
    private mutating func locate(_ pane: Int64) throws(ViewError) {
        let supergroupIndex = pane &>> 12
        let groupIndex = pane &>> 6
        unsafe cachedLeaf = nil
        if unsafe cachedSupergroup == nil || cachedSupergroup!.pointee.index != supergroupIndex {
            unsafe cachedGroup = nil
            unsafe cachedSupergroup = supergroups.find(supergroupIndex)
            if unsafe cachedSupergroup == nil {
                let node = unsafe PaneNode.make(index: supergroupIndex, byteCount: &liveByteCount)
                unsafe supergroups.insert(unsafe node)
                unsafe cachedSupergroup = node
            }
        }
        let supergroup = unsafe cachedSupergroup.unsafelyUnwrapped
        if unsafe cachedGroup == nil || cachedGroup!.pointee.index != groupIndex {
            unsafe cachedGroup = nil
            if unsafe supergroup.pointee.page != nil { try unsafe thaw(supergroup, .group) }
            unsafe cachedGroup = child(of: supergroup, index: groupIndex)
        }
        let group = unsafe cachedGroup.unsafelyUnwrapped
        if unsafe group.pointee.page != nil { try unsafe thaw(group, .pane) }
        unsafe forgetEncoding(of: unsafe group)
        unsafe cachedLeaf = child(of: group, index: pane)
        cachedPane = pane
        newestPane = max(newestPane, pane)
    }

    private mutating func child(of parent: NodePointer, index: Int64) -> NodePointer {
        let position = Int(index & 63)
        if unsafe parent.pointee.hasChild(at: position) { return unsafe parent.pointee.child(at: position) }
        let node = unsafe PaneNode.make(index: index, byteCount: &liveByteCount)
        unsafe parent.pointee.insert(node, at: position, byteCount: &liveByteCount)
        return unsafe node
    }

    /// Removes a pane whose cells are all zero, and the roll-ups that are empty without it.
    private mutating func drop(_ pane: Int64) throws(ViewError) {
        if pane == newestPane { unsafe newestLeaf = nil }
        try locate(pane)
        let group = unsafe cachedGroup.unsafelyUnwrapped
        let supergroup = unsafe cachedSupergroup.unsafelyUnwrapped
        forgetPath()
        unsafe group.pointee.removeChild(at: Int(pane & 63), byteCount: &liveByteCount)
        guard unsafe group.pointee.present == 0 else { return }
        unsafe supergroup.pointee.removeChild(at: Int(pane &>> 6 & 63), byteCount: &liveByteCount)
        guard unsafe supergroup.pointee.present == 0 else { return }
        supergroups.remove(unsafe supergroup.pointee.index)
        unsafe PaneNode.free(supergroup, byteCount: &liveByteCount)
    }

    /// A group is about to change: the page that a checkpoint made of it does not hold any more.
    private mutating func forgetEncoding(of group: NodePointer) {
        guard let page = unsafe group.pointee.encoding else { return }
        liveByteCount -= page.count
        unsafe group.pointee.encoding = nil
    }

    /// Empties the cache: a node on the path is about to go.
    mutating func forgetPath() {
        unsafe cachedLeaf = nil
        unsafe cachedGroup = nil
        unsafe cachedSupergroup = nil
    }
}
