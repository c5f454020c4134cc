/// A pane, or a roll-up of up to 64 neighbours of the level below: panes → groups (64 panes) → supergroups (64 groups).
///
/// Every level holds the sum of what lies under it, kept with every change: cells are integers, so a sum is exact.
@safe
struct PaneNode {
    /// The number of the pane, group or supergroup: a level's index is that of the level below shifted by six bits.
    let index: Int64
    var summary = PaneSummary()
    var cells = CellTable()
    /// Which of the 64 children exist; also known while they are frozen.
    var present: UInt64 = 0
    /// The children that exist, ascending; nil in a pane, and while they are frozen.
    var children: UnsafeMutablePointer<UnsafeMutablePointer<PaneNode>>?
    var childCapacity = 0
    /// Groups: what ``PaneStore/encodeChildren(of:_:)`` gave for the last checkpoint, until something changes. So a
    /// checkpoint costs what has changed since the one before.
    var encoding: [UInt8]?
    /// The page that holds the frozen children, or nil.
    var page: PanePageHandle?

    init(index: Int64) { self.index = index }
}

typealias NodePointer = UnsafeMutablePointer<PaneNode>

extension PaneNode {
    /// The bytes of a node without its tables, and what the allocator adds.
    static var byteCount: Int { MemoryLayout<PaneNode>.stride + 16 }

    static func make(index: Int64, byteCount: inout Int) -> NodePointer {
        let node = NodePointer.allocate(capacity: 1)
        unsafe node.initialize(to: PaneNode(index: index))
        byteCount += PaneNode.byteCount
        return unsafe node
    }

    /// Frees a node and all that is in memory below it; its page stays where it is.
    static func free(_ node: NodePointer, byteCount: inout Int) {
        unsafe node.pointee.freeChildren(byteCount: &byteCount)
        unsafe node.pointee.cells.free(byteCount: &byteCount)
        unsafe byteCount -= node.pointee.encoding?.count ?? 0
        unsafe node.deinitialize(count: 1)
        unsafe node.deallocate()
        byteCount -= PaneNode.byteCount
    }

    /// Frees the children in memory; `present` stays.
    mutating func freeChildren(byteCount: inout Int) {
        guard let list = unsafe children else { return }
        for rank in 0..<present.nonzeroBitCount { unsafe PaneNode.free(list[rank], byteCount: &byteCount) }
        unsafe list.deallocate()
        byteCount -= childCapacity * 8
        unsafe children = nil
        childCapacity = 0
    }

    /// How many children stand before `position`.
    func rank(of position: Int) -> Int { (present & ((1 &<< UInt64(position)) &- 1)).nonzeroBitCount }

    func hasChild(at position: Int) -> Bool { present &>> UInt64(position) & 1 == 1 }

    /// The child at `position`, which exists and is in memory.
    func child(at position: Int) -> NodePointer { unsafe children.unsafelyUnwrapped[rank(of: position)] }

    /// Puts a child at `position`, which is free. The children must not be frozen.
    mutating func insert(_ child: NodePointer, at position: Int, byteCount: inout Int) {
        let count = present.nonzeroBitCount
        if count == childCapacity {
            let capacity = max(4, count * 2)
            let larger = UnsafeMutablePointer<NodePointer>.allocate(capacity: capacity)
            if let old = unsafe children {
                unsafe larger.update(from: old, count: count)
                unsafe old.deallocate()
            }
            byteCount += (capacity - childCapacity) * 8
            unsafe children = larger
            childCapacity = capacity
        }
        let list = unsafe children.unsafelyUnwrapped
        let rank = rank(of: position)
        var i = count
        while i > rank {
            unsafe list[i] = list[i - 1]
            i -= 1
        }
        unsafe list[rank] = child
        present |= 1 &<< UInt64(position)
    }

    /// Frees the child at `position`, which exists and is in memory.
    mutating func removeChild(at position: Int, byteCount: inout Int) {
        let list = unsafe children.unsafelyUnwrapped
        let rank = rank(of: position)
        unsafe PaneNode.free(list[rank], byteCount: &byteCount)
        present &= ~(1 &<< UInt64(position))
        for i in rank..<present.nonzeroBitCount { unsafe list[i] = list[i + 1] }
    }
}
