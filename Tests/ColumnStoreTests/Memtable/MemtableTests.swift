import ColumnFormat
import ColumnStore
import TestSupport
import Testing

struct MemtableTests {
    @Test func anIndexHoldsEveryKeyWhileItGrows() throws {
        for mask in [UInt32(0), 0xF, .max] {
            let index = MemtableIndex(capacity: 4)
            let hash = { (n: Int) in UInt32(truncatingIfNeeded: n &* 0x9E37_79B1) & mask }
            for n in 0..<500 { index.insert(IndexEntry(hash: hash(n), rowOffset: UInt32(n))) }
            #expect(index.count == 500)
            for n in 0..<500 { #expect(try index.find(hash: hash(n)) { $0 == n } == n) }
            #expect(try index.find(hash: hash(1)) { _ in false } == nil)
            var seen: Set<UInt32> = []
            index.forEachEntry { seen.insert($0.rowOffset) }
            #expect(seen == Set(0..<500))
        }
    }

    @Test func rowsBeforeADefectStayAndAreFound() throws {
        let schema = Schema([ColumnDefinition("id", .string, isNullable: false)], indexed: ["id"])
        let memtable = Memtable(schema: schema, layout: RowLayout(schema), firstRow: 10, hash: IndexHash())
        let bytes: [UInt8] = [0, 1, 0x61, 0, 1, 0x62, 1]
        let error = unsafe bytes.withUnsafeBytes { raw in
            #expect(throws: FormatError.self) { unsafe try memtable.append(rows: 3, from: raw) }
        }
        #expect(error?.code == .invalid)
        #expect(memtable.rowCount == 2 && memtable.endRow == 12)
        let key: [UInt8] = [0x62]
        let hash = unsafe key.withUnsafeBytes { unsafe IndexHash()($0, column: 0) }
        let found = try unsafe key.withUnsafeBytes { raw in
            try unsafe memtable.find(column: 0, key: raw, hash: hash) { _ in true }
        }
        #expect(found == 1)
    }

    /// A replay appends and indexes many rows at a time, and indexes them at the latest when somebody looks.
    @Test func rowsOfAReplayAreFoundAtEachMoment() throws {
        let schema = Schema([ColumnDefinition("id", .uint32)], indexed: ["id"])
        let layout = RowLayout(schema)
        var memtable = Memtable(schema: schema, layout: layout, firstRow: 0, hash: IndexHash())
        func find(_ key: UInt32) throws -> Int? {
            let bytes = unsafe withUnsafeBytes(of: key) { unsafe Array($0) }
            let hash = unsafe bytes.withUnsafeBytes { unsafe IndexHash()($0, column: 0) }
            return try unsafe bytes.withUnsafeBytes { raw in
                try unsafe memtable.find(column: 0, key: raw, hash: hash) { _ in true }
            }
        }
        // Every seventh is null.
        let rows: [[UInt8]] = (UInt32(0)..<10_000).map { key in
            key % 7 == 3 ? [1] : unsafe [0] + withUnsafeBytes(of: key) { unsafe Array($0) }
        }
        for generation in 0..<2 {
            try unsafe rows.flatMap { $0 }.withUnsafeBytes { raw in
                var start = 0
                for key in UInt32(0)..<10_000 {
                    let end = start + rows[Int(key)].count
                    unsafe try memtable.enqueue(rows: 1, from: UnsafeRawBufferPointer(rebasing: raw[start..<end]))
                    start = end
                    #expect(memtable.queuedEndRow == memtable.firstRow + UInt64(key) + 1)
                    if key % 997 == 5 {
                        try memtable.appendQueued()
                        #expect(memtable.rowCount == Int(key) + 1)
                        #expect(try find(key) == (key % 7 == 3 ? nil : Int(key)))
                        #expect(try find(key + 1) == nil)
                    }
                }
                try memtable.appendQueued()
            }
            memtable.endReplay()
            for key in UInt32(0)..<10_000 { #expect(try find(key) == (key % 7 == 3 ? nil : Int(key))) }
            // The next one has room for as many from the start.
            if generation == 0 {
                let before = memtable
                memtable = Memtable(schema: schema, layout: layout, firstRow: 10_000, hash: IndexHash(), after: before)
                #expect(memtable.byteCapacity >= 10_000 * 4 && memtable.rowCount == 0)
            }
        }
    }
}
