import ColumnFormat
import ColumnStore
import TestSupport
import Testing

struct MemtableTests {
    @Test func anIndexHoldsEveryKeyWhileItGrows() throws {
        for mask in [UInt32(0), 0xF, .max] {
            let index = MemtableIndex(capacity: 4)
            let hash = { (n: Int) in UInt32(truncatingIfNeeded: n &* 0x9E37_79B1) & mask }
            for n in 0..<500 { index.insert(hash: hash(n), rowOffset: n) }
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
}
