import ColumnFormat
import ColumnStore
import TestSupport
import Testing

/// Sealed files that are read piece by piece and not mapped.
struct FileAccessTests {
    private static let rows = EveryType.rows(0..<3_000, seed: 5)

    private static func options(_ fileSystem: SimulatedFileSystem) -> StoreOptions {
        var options = SimulatedStore(fileSystem).options()
        options.fileAccess = .copied
        return options
    }

    private static func made() throws -> SimulatedFileSystem {
        let fileSystem = SimulatedFileSystem(seed: 4)
        let store = try Store.open("/store", options: options(fileSystem))
        let table = try store.createTable("t", schema: EveryType.schema)
        for start in stride(from: 0, to: rows.count, by: 1_000) {
            try table.append(rows: Array(rows[start..<start + 1_000]))
            try store.seal()
        }
        #expect(try table.difference(from: rows, checkingEachRow: false) == nil)
        try store.compact()
        #expect(try table.difference(from: rows, checkingEachRow: false) == nil)
        try store.close()
        return fileSystem
    }

    @Test func everythingIsReadAsIfItWereMapped() throws {
        let fileSystem = try Self.made()
        let store = try Store.openReadOnly("/store", options: Self.options(fileSystem))
        let table = try store.table("t")
        for row in stride(from: 0, to: Self.rows.count, by: 37) {
            guard case .string(let id)? = Self.rows[row]["id"] else { continue }
            #expect(try table.lookup(id) == UInt64(row))
        }
        #expect(try table.lookup("no such id") == nil)
        #expect(try table.difference(from: Self.rows, checkingEachRow: false) == nil)
    }

    @Test func aDiskThatFailsIsAnErrorWithAPlace() throws {
        let fileSystem = try Self.made()
        var failures = 0
        for operation in 0..<40 {
            let disk = fileSystem.crash(.everything)
            let store = try Store.openReadOnly("/store", options: Self.options(disk))
            let table = try store.table("t")
            disk.failRead(at: disk.readCount + operation)
            do {
                #expect(try table.difference(from: Self.rows, checkingEachRow: false) == nil)
            } catch let error as StoreError {
                #expect(error.code == .io && error.path?.hasSuffix(".seg") == true, "\(error)")
                failures += 1
                // The disk is well again: what could not be read is read now.
                #expect(try table.difference(from: Self.rows, checkingEachRow: false) == nil)
            }
        }
        #expect(failures > 1)
    }
}
