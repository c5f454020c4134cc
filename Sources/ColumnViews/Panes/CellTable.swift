/// The cells of one pane (or of a sum of panes) from ``ReservedCell/firstFree`` on: a sparse, open-addressing table.
///
///     memory: value[0] … value[capacity - 1] (Int64)  cell[0] … cell[capacity - 1] (UInt32)
///
/// Cell 0 marks a free slot, as reserved cells are not kept here; a free slot's value is 0, so that a merge adds every
/// slot without asking whether it is used. Four neighbouring cells share a run of slots, for the limbs of a sum and the
/// counts of a confusion matrix change together. The owner frees the memory.
@safe
struct CellTable {
    private var memory: UnsafeMutableRawPointer?
    private(set) var count = 0
    private var capacityShift: UInt8 = 0

    init() { unsafe memory = nil }

    private static let smallestShift: UInt8 = 3

    var capacity: Int { unsafe memory == nil ? 0 : 1 &<< Int(capacityShift) }
    var byteCount: Int { capacity &* 12 }

    @inline(__always)
    private var values: UnsafeMutablePointer<Int64> {
        unsafe memory.unsafelyUnwrapped.assumingMemoryBound(to: Int64.self)
    }

    @inline(__always)
    private var keys: UnsafeMutablePointer<UInt32> {
        unsafe (memory.unsafelyUnwrapped + (8 &<< Int(capacityShift))).assumingMemoryBound(to: UInt32.self)
    }

    @inline(__always)
    private func firstSlot(_ cell: UInt32) -> Int {
        let hash = (cell &>> 2) &* 0x9E37_79B1
        return Int((hash &>> (34 &- UInt32(capacityShift))) &<< 2 | cell & 3)
    }

    /// Adds to a cell; `byteCount` follows the memory in use.
    @inline(__always)
    mutating func add(_ delta: Int64, to cell: UInt32, byteCount: inout Int) {
        if unsafe memory == nil { allocate(shift: CellTable.smallestShift, byteCount: &byteCount) }
        let mask = (1 &<< Int(capacityShift)) &- 1
        let keys = unsafe keys
        var slot = firstSlot(cell)
        while true {
            let key = unsafe keys[slot]
            if key == cell {
                unsafe values[slot] &+= delta
                return
            }
            if key == 0 { break }
            slot = (slot &+ 1) & mask
        }
        if (count &+ 1) &* 4 > capacity &* 3 {
            grow(toHold: count &+ 1, byteCount: &byteCount)
            insertNew(delta, cell)
        } else {
            unsafe keys[slot] = cell
            unsafe values[slot] = delta
            count &+= 1
        }
    }

    /// Adds a list of changes: the same as one by one, without reading the table's head for each.
    mutating func add(_ list: UnsafePointer<CellChange>, count: Int, byteCount: inout Int) {
        guard count > 0 else { return }
        if unsafe memory == nil { allocate(shift: CellTable.smallestShift, byteCount: &byteCount) }
        var next = 0
        while next < count {
            let keys = unsafe keys
            let values = unsafe values
            let mask = (1 &<< Int(capacityShift)) &- 1
            var isFound = true
            while next < count, isFound {
                let change = unsafe list[next]
                var slot = firstSlot(change.cell)
                var key = unsafe keys[slot]
                while key != change.cell, key != 0 {
                    slot = (slot &+ 1) & mask
                    unsafe key = keys[slot]
                }
                isFound = key != 0
                if isFound {
                    unsafe values[slot] &+= change.delta
                    next &+= 1
                }
            }
            if next < count {
                // A new cell, which may move the table.
                let change = unsafe list[next]
                add(change.delta, to: change.cell, byteCount: &byteCount)
                next &+= 1
            }
        }
    }

    /// Adds all cells of another table.
    mutating func add(_ other: CellTable, byteCount: inout Int) {
        guard other.count > 0 else { return }
        for slot in 0..<other.capacity {
            let cell = unsafe other.keys[slot]
            if cell != 0 { add(unsafe other.values[slot], to: cell, byteCount: &byteCount) }
        }
    }

    /// Adds all cells to, or with `sign` −1 subtracts them from, a buffer that has a place for each.
    func accumulate(into buffer: UnsafeMutableBufferPointer<Int64>, sign: Int64) {
        guard count > 0, let dense = buffer.baseAddress else { return }
        let keys = unsafe keys
        let values = unsafe values
        if sign >= 0 {
            for slot in 0..<capacity { unsafe dense[Int(keys[slot])] &+= values[slot] }
        } else {
            for slot in 0..<capacity { unsafe dense[Int(keys[slot])] &-= values[slot] }
        }
    }

    /// The cells that are not zero, ascending: each the cell above the 32 bits of its slot.
    func sortedSlots(into order: inout [UInt64]) {
        order.removeAll(keepingCapacity: true)
        guard count > 0 else { return }
        let keys = unsafe keys
        let values = unsafe values
        for slot in 0..<capacity where unsafe values[slot] != 0 {
            order.append(unsafe UInt64(keys[slot]) &<< 32 | UInt64(truncatingIfNeeded: slot))
        }
        guard order.count <= 40 else {
            order.sort()
            return
        }
        unsafe order.withUnsafeMutableBufferPointer { list in
            for i in 1..<max(1, list.count) {
                let moving = unsafe list[i]
                var place = i
                while place > 0, unsafe list[place &- 1] > moving {
                    unsafe list[place] = list[place &- 1]
                    place &-= 1
                }
                unsafe list[place] = moving
            }
        }
    }

    @inline(__always)
    func value(inSlot slot: Int) -> Int64 { unsafe values[slot] }

    var isAllZero: Bool {
        for slot in 0..<capacity where unsafe values[slot] != 0 { return false }
        return true
    }

    /// Makes room for `cells` cells at once.
    mutating func reserve(_ cells: Int, byteCount: inout Int) {
        if cells &* 4 > capacity &* 3 { grow(toHold: cells, byteCount: &byteCount) }
    }

    /// Frees the memory; the table is empty afterwards and can be used again.
    mutating func free(byteCount: inout Int) {
        byteCount -= self.byteCount
        unsafe memory?.deallocate()
        unsafe memory = nil
        count = 0
        capacityShift = 0
    }

    private mutating func allocate(shift: UInt8, byteCount: inout Int) {
        let bytes = 12 &<< Int(shift)
        let fresh = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 16)
        unsafe fresh.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
        unsafe memory = fresh
        capacityShift = shift
        count = 0
        byteCount += bytes
    }

    @inline(never)
    private mutating func grow(toHold wanted: Int, byteCount: inout Int) {
        var shift = max(capacityShift, CellTable.smallestShift)
        while wanted &* 4 > (1 &<< Int(shift)) &* 3 { shift += 1 }
        let old = self
        allocate(shift: shift, byteCount: &byteCount)
        for slot in 0..<old.capacity {
            let cell = unsafe old.keys[slot]
            if cell != 0 { insertNew(unsafe old.values[slot], cell) }
        }
        byteCount -= old.byteCount
        unsafe old.memory?.deallocate()
    }

    private mutating func insertNew(_ value: Int64, _ cell: UInt32) {
        let mask = (1 &<< Int(capacityShift)) &- 1
        var slot = firstSlot(cell)
        while unsafe keys[slot] != 0 { slot = (slot &+ 1) & mask }
        unsafe keys[slot] = cell
        unsafe values[slot] = value
        count &+= 1
    }
}
