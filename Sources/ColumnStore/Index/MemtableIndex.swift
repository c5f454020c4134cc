internal import ColumnFormat

/// The index of the rows of one memtable: key hash → row offset, by linear probing at a load of at most 0.6.
///
/// One thread writes, under the store's lock; whoever looks up holds it as well, or the memtable is frozen. About 13 to
/// 27 bytes a key; an insertion allocates only when the table doubles.
@safe
package final class MemtableIndex {
    private var memory: RawBuffer
    private var slots: UnsafeMutablePointer<UInt64>
    private var capacity: Int
    private var keyCount = 0
    private var wantsLargePages = false
    /// Who takes the memory of a larger table from the system while that is filled.
    var pagesAhead: PagesAhead?

    package init(capacity: Int = 64) {
        self.capacity = capacity
        memory = RawBuffer(byteCapacity: capacity * 8, isFilledSlowly: true)
        unsafe slots = memory.base.bindMemory(to: UInt64.self, capacity: capacity)
    }

    /// With room for so many keys.
    package convenience init(keyCount: Int) { self.init(capacity: max(64, keyCount * 5 / 3 + 1)) }

    package var count: Int { keyCount }
    package var byteCapacity: Int { capacity * 8 }

    package func insert(_ entry: IndexEntry) {
        reserve(1)
        place(entry)
        keyCount += 1
    }

    /// Whether many keys come at once from now on: see ``RawBuffer/wantLargePages(_:)``.
    func wantLargePages(_ areWanted: Bool) {
        wantsLargePages = areWanted
        memory.wantLargePages(areWanted)
    }

    /// Makes room for `count` more keys.
    @inline(__always)
    package func reserve(_ count: Int) {
        while (keyCount + count) * 5 > capacity * 3 { grow() }
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
        let old = memory
        let (oldSlots, oldCapacity) = unsafe (slots, capacity)
        memory = RawBuffer(byteCapacity: capacity * 16, isFilledSlowly: true)
        if wantsLargePages { memory.wantLargePages(true) }
        pagesAhead?.makeAllReady(memory)
        capacity *= 2
        unsafe slots = memory.base.bindMemory(to: UInt64.self, capacity: capacity)
        withExtendedLifetime(old) {
            for slot in 0..<oldCapacity where unsafe oldSlots[slot] != 0 {
                unsafe place(IndexEntry(bits: oldSlots[slot]))
            }
        }
    }
}
