/// The index of the rows of one memtable: key hash → row offset, by linear probing at a load of at most 0.6.
///
/// One thread writes, under the store's lock; whoever looks up holds it as well, or the memtable is frozen. About 13 to
/// 27 bytes a key; an insertion allocates only when the table doubles.
@safe
package final class MemtableIndex {
    private var slots: UnsafeMutablePointer<UInt64>
    private var capacity: Int
    private var keyCount = 0

    package init(capacity: Int = 64) {
        self.capacity = capacity
        unsafe slots = Self.emptySlots(capacity)
    }

    deinit { unsafe slots.deallocate() }

    package var count: Int { keyCount }
    package var byteCapacity: Int { capacity * 8 }

    package func insert(hash: UInt32, rowOffset: Int) {
        if (keyCount + 1) * 5 > capacity * 3 { grow() }
        place(IndexEntry(hash: hash, rowOffset: UInt32(rowOffset)))
        keyCount += 1
    }

    /// The first row offset with this hash that `matches` accepts.
    @inline(__always)
    package func find(hash: UInt32, matches: (Int) throws(StoreError) -> Bool) throws(StoreError) -> Int? {
        var slot = IndexEntry.homeSlot(of: hash, capacity: capacity)
        while true {
            let entry = unsafe IndexEntry(bits: slots[slot])
            if entry.isEmpty { return nil }
            if entry.hash == hash, try matches(Int(entry.rowOffset)) { return Int(entry.rowOffset) }
            slot = slot &+ 1 == capacity ? 0 : slot &+ 1
        }
    }

    /// Begins to load the slot where the search for a hash begins.
    @inline(__always)
    func prefetch(hash: UInt32) {
        unsafe Prefetch.line(at: slots + IndexEntry.homeSlot(of: hash, capacity: capacity))
    }

    /// Every entry, in the order of the slots.
    package func forEachEntry(_ body: (IndexEntry) -> Void) {
        for slot in 0..<capacity {
            let entry = unsafe IndexEntry(bits: slots[slot])
            if !entry.isEmpty { body(entry) }
        }
    }

    private func place(_ entry: IndexEntry) {
        var slot = IndexEntry.homeSlot(of: entry.hash, capacity: capacity)
        while unsafe slots[slot] != 0 { slot = slot &+ 1 == capacity ? 0 : slot &+ 1 }
        unsafe slots[slot] = entry.bits
    }

    private func grow() {
        let (old, oldCapacity) = unsafe (slots, capacity)
        capacity *= 2
        unsafe slots = Self.emptySlots(capacity)
        for slot in 0..<oldCapacity where unsafe old[slot] != 0 { unsafe place(IndexEntry(bits: old[slot])) }
        unsafe old.deallocate()
    }

    private static func emptySlots(_ capacity: Int) -> UnsafeMutablePointer<UInt64> {
        let slots = UnsafeMutablePointer<UInt64>.allocate(capacity: capacity)
        unsafe slots.initialize(repeating: 0, count: capacity)
        return unsafe slots
    }
}
