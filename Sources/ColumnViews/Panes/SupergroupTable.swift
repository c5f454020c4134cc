/// Finds a supergroup by its index, and lists them in order: an open-addressing table, and an array that is sorted when
/// somebody asks for a range and the last insertions were out of order.
@safe
struct SupergroupTable: ~Copyable {
    private var slots: [NodePointer?] = unsafe Array(repeating: nil, count: 16)
    private var sorted: [NodePointer] = unsafe []
    private var isSorted = true

    var count: Int { unsafe sorted.count }
    var byteCount: Int { unsafe slots.capacity * 8 + sorted.capacity * 8 }

    /// The supergroups in ascending order.
    subscript(rank: Int) -> NodePointer {
        assert(isSorted, "sort() comes before access by rank")
        return unsafe sorted[rank]
    }

    /// Any of the supergroups, in no order.
    subscript(unordered place: Int) -> NodePointer { unsafe sorted[place] }

    mutating func sort() {
        guard !isSorted else { return }
        unsafe sorted.sort { unsafe $0.pointee.index < $1.pointee.index }
        isSorted = true
    }

    /// The rank of the first supergroup whose index is not below `index`.
    func rank(atOrAfter index: Int64) -> Int {
        assert(isSorted, "sort() comes before access by rank")
        var low = 0
        var high = unsafe sorted.count
        while low < high {
            let middle = (low + high) / 2
            if unsafe sorted[middle].pointee.index < index { low = middle + 1 } else { high = middle }
        }
        return low
    }

    func find(_ index: Int64) -> NodePointer? {
        let slot = slot(of: index)
        return unsafe slots[slot]
    }

    /// Adds a supergroup that is not there yet.
    mutating func insert(_ node: NodePointer) {
        if unsafe (sorted.count + 1) * 2 > slots.count { grow() }
        let index = unsafe node.pointee.index
        let slot = slot(of: index)
        unsafe slots[slot] = node
        if let last = unsafe sorted.last, unsafe last.pointee.index > index { isSorted = false }
        unsafe sorted.append(node)
    }

    /// Takes out the supergroup with this index, which is there; the caller frees it.
    mutating func remove(_ index: Int64) {
        unsafe sorted.removeAll { unsafe $0.pointee.index == index }
        rebuild(slotCount: unsafe slots.count)
    }

    private func slot(of index: Int64) -> Int {
        let mask = unsafe slots.count - 1
        var slot = Int(truncatingIfNeeded: UInt64(bitPattern: index) &* 0x9E37_79B9_7F4A_7C15 &>> 32) & mask
        while let node = unsafe slots[slot], unsafe node.pointee.index != index { slot = (slot + 1) & mask }
        return slot
    }

    private mutating func grow() { rebuild(slotCount: unsafe slots.count * 2) }

    private mutating func rebuild(slotCount: Int) {
        unsafe slots = unsafe Array(repeating: nil, count: slotCount)
        for rank in unsafe sorted.indices {
            let node = unsafe sorted[rank]
            let slot = slot(of: unsafe node.pointee.index)
            unsafe slots[slot] = node
        }
    }
}
