import ColumnFormat
import ColumnStore
import Foundation
import TestSupport
import Testing

/// One writing process and several that read, on a real disk.
@Suite(
    .serialized,
    .enabled(if: KilledCommand.executable("StoreProcess") != nil, "StoreProcess has not been built: skipped"))
struct ManyProcessesTests {
    private let folder = TemporaryFolder()
    private var path: String { folder.path("store") }

    private func start(_ arguments: String...) throws -> KilledCommand {
        try KilledCommand(
            arguments, of: KilledCommand.executable("StoreProcess"),
            errors: URL(fileURLWithPath: folder.path("errors-\(UUID().uuidString).txt")))
    }

    /// What a process says until it ends, after its input has.
    private func output(_ process: KilledCommand) throws -> [String] {
        try process.endInput()
        var lines: [String] = []
        while let line = process.nextLine() { lines.append(line) }
        try process.finish()
        return lines
    }

    @Test func readersSeeWholeCallsThatNeverGoBackWhileAnotherProcessWrites() throws {
        let writer = try start("write", path, "400")
        #expect(writer.nextLine() == "open")
        let readers = [try start("read", path, "latest"), try start("read", path, "durable")]
        // In this process, which is none of the writer's, as well.
        var looks = MonotoneLooks()
        for _ in 0..<20 { try looks.look(at: try Store.openReadOnly(path).table("calls").allRows()) }
        #expect(writer.nextLine() == "done")
        try writer.finish()
        for reader in readers { #expect(Int(try output(reader)[0])! > 1) }
        try looks.look(at: try Store.openReadOnly(path, .durable).table("calls").allRows())
        let calls = try WholeCalls.calls(Store.openReadOnly(path).table("calls").allRows())
        #expect(calls.last == 399 && calls.count >= 150)
        // What the writer's compactions left is what is live, and no more.
        #expect(try strayFiles() == [])
    }

    /// Files in the table's folder that the store does not name.
    private func strayFiles() throws -> [String] {
        let inspection = try Inspection.open(path + "/calls", includingLog: false, currentDirectory: "/")
        let live = Set(inspection.tables.flatMap { $0.segments.map { FilePath.name(of: $0.path) } })
        return try FileManager.default.contentsOfDirectory(atPath: path + "/calls").filter {
            !$0.hasSuffix(".idx") && !live.contains($0)
        }
    }

    @Test func twoWritersAreRefusedAndADeadOneIsNot() throws {
        let holder = try start("hold", path)
        #expect(holder.nextLine() == "open")
        let error = #expect(throws: StoreError.self) { try Store.open(path) }
        #expect(error?.code == .locked && error?.path == path + "/LOCK")
        // Killed, it leaves the file of the lock, and no lock.
        #expect(try holder.killed())
        #expect(FileManager.default.fileExists(atPath: path + "/LOCK"))
        try Store.open(path).close()
        // The other way round: it is refused, with a message, and nothing happens to who has it.
        let store = try Store.open(path)
        let table = try store.createTable("calls", schema: WholeCalls.schema)
        let refused = try start("hold", path)
        #expect(throws: Violation.self) { try refused.finish() }
        try table.append(rows: WholeCalls.rows(0))
        try store.close()
        #expect(try Store.openReadOnly(path).table("calls").rowCount == 5)
    }

    @Test(arguments: 1...4) func filesOfADeadCompactionGo(_ round: Int) throws {
        let store = try Store.open(path)
        let table = try store.createTable("calls", schema: WholeCalls.schema)
        for call in 0..<12 {
            try table.append(rows: WholeCalls.rows(call))
            if call % 3 == 2 { try store.seal() }
        }
        try store.close()
        let compaction = try start("compact", path)
        #expect(compaction.nextLine() == "open")
        Thread.sleep(forTimeInterval: 0.03 * Double(round))
        #expect(try compaction.killed())
        // Files as a compaction leaves them that dies before its commit, and in the middle of a file.
        for name in ["00000000ff.seg", "00000000fe.seg.tmp", "00000000fd.idx", "00000000fc.idx.tmp"] {
            try Data("left over".utf8).write(to: URL(fileURLWithPath: path + "/calls/" + name))
        }
        let before = try Store.openReadOnly(path).table("calls").allRows()
        let again = try Store.open(path)
        #expect(try again.table("calls").allRows() == before)
        try again.compact()
        #expect(try again.table("calls").allRows() == before)
        try again.close()
        #expect(try strayFiles() == [])
        let names = try FileManager.default.contentsOfDirectory(atPath: path + "/calls")
        #expect(!names.contains { $0.hasPrefix("00000000f") || $0.hasSuffix(".tmp") })
    }
}
