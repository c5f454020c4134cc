internal import ColumnFormat

/// An immutable index file, mapped: the keys of a range of rows of one table.
@safe
package final class IndexRun: Sendable {
    package let path: String
    /// The name by which the manifest knows it.
    package let fileName: String
    package let firstRow: UInt64
    package let endRow: UInt64
    package let entryCount: Int
    package let byteCount: Int
    private let capacity: Int
    private let file: MappedFile
    private nonisolated(unsafe) let slots: UnsafeRawPointer

    /// Opens a run and checks all of it: an index that lies could hide a duplicate.
    package init(file: MappedFile, path: String, fileName: String = "") throws(StoreError) {
        let header: IndexRunFormat.Header
        do {
            header = unsafe try IndexRunFormat.check(file.bytes)
        } catch {
            throw StoreError(error, path: path)
        }
        self.path = path
        self.fileName = fileName
        self.file = file
        byteCount = file.count
        firstRow = header.firstRow
        endRow = header.endRow
        entryCount = header.entryCount
        capacity = header.capacity
        unsafe slots = file.bytes.baseAddress! + IndexRunFormat.headerByteCount
    }

    @inline(__always)
    private func entry(at slot: Int) -> IndexEntry {
        unsafe IndexEntry(bits: UInt64(littleEndian: slots.loadUnaligned(fromByteOffset: slot &* 8, as: UInt64.self)))
    }

    /// Loads the slot where the search for a hash begins, so that a search that follows finds it in the cache.
    @inline(__always)
    package func touch(hash: UInt32) -> UInt64 {
        entry(at: IndexEntry.homeSlot(of: hash, capacity: capacity)).bits
    }

    /// The first row with this hash that `matches` accepts. One or two cache misses where there is none.
    package func find(hash: UInt32, matches: (UInt64) throws(StoreError) -> Bool) throws(StoreError) -> UInt64? {
        var slot = IndexEntry.homeSlot(of: hash, capacity: capacity)
        for _ in 0..<capacity {
            let entry = entry(at: slot)
            if entry.isEmpty { return nil }
            if entry.hash == hash {
                let row = firstRow &+ UInt64(entry.rowOffset)
                if row < endRow, try matches(row) { return row }
            }
            slot = slot &+ 1 == capacity ? 0 : slot &+ 1
        }
        return nil
    }

    /// All entries, with their row offsets counted from `base`, which is not above ``firstRow``.
    package func entries(from base: UInt64) -> [UInt64] {
        let shift = UInt32(firstRow - base)
        var result: [UInt64] = []
        result.reserveCapacity(entryCount)
        for slot in 0..<capacity {
            let entry = entry(at: slot)
            if !entry.isEmpty { result.append(IndexEntry(hash: entry.hash, rowOffset: entry.rowOffset &+ shift).bits) }
        }
        return result
    }
}
