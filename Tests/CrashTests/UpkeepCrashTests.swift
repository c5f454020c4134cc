import ColumnFormat
import ColumnStore
import TestSupport
import Testing

/// Power losses, kills and failures at every operation of erasures, a retention, merges and compactions that have appends
/// between and within them. What must hold: the rows are those after some call of the log, none that is promised to be gone
/// is back, none that is promised is missing, no file is left over, and a compaction takes the rest of what was erased off
/// the disk.
struct UpkeepCrashTests {
    private static func freshDisk() throws -> SimulatedFileSystem {
        let disk = SimulatedFileSystem(seed: 5)
        try disk.createDirectory("/dir")
        try disk.syncDirectory("/")
        return disk
    }

    private static func operationRange(_ durability: Durability) throws -> Range<Int> {
        let disk = try freshDisk()
        let first = disk.operationCount
        let workload = UpkeepWorkload(disk, durability)
        try workload.run()
        #expect(workload.progress.durable == workload.progress.states.count - 1)
        return first..<disk.operationCount
    }

    private static func run(
        _ fault: SimulatedFault, at operation: Int, _ durability: Durability
    ) throws -> (disk: SimulatedFileSystem, progress: UpkeepWorkload.Progress) {
        let disk = try freshDisk()
        disk.fail(at: operation, fault)
        let workload = UpkeepWorkload(disk, durability)
        do { try workload.run() } catch is StoreError {}
        return (disk, workload.progress)
    }

    @Test(arguments: [Durability.durable, .buffered])
    func noPowerLossBreaksAPromise(durability: Durability) throws {
        for operation in try Self.operationRange(durability) {
            let (disk, progress) = try Self.run(.crash, at: operation, durability)
            let outcome: CrashOutcome = operation % 3 == 0 ? .nothing : .subset(seed: UInt64(operation))
            do {
                try Self.recover(disk.crash(outcome), progress)
            } catch {
                let journal = disk.journal.suffix(6).joined(separator: "\n")
                Issue.record("operation \(operation), \(outcome): \(error)\n\(journal)")
                return
            }
        }
    }

    @Test(arguments: [SimulatedFault.inputOutput, .noSpace, .syncLosesData])
    func noFailureOfTheDiskBreaksAPromise(fault: SimulatedFault) throws {
        let turn = [.inputOutput, .noSpace, .syncLosesData].firstIndex(of: fault)!
        for operation in try Self.operationRange(.durable) where operation % 3 == turn {
            let (disk, progress) = try Self.run(fault, at: operation, .durable)
            do {
                try Self.recover(operation % 2 == 0 ? disk.crash(.nothing) : disk.kill(), progress)
            } catch {
                let journal = disk.journal.suffix(6).joined(separator: "\n")
                Issue.record("operation \(operation), \(fault): \(error)\n\(journal)")
                return
            }
        }
    }

    private static func recover(_ disk: SimulatedFileSystem, _ progress: UpkeepWorkload.Progress) throws {
        let path = UpkeepWorkload.path
        guard try disk.kind(of: path + "/CURRENT") == .file else {
            guard progress.durable == 0 else { throw Violation("there is no store") }
            return
        }
        let reader = try Store.openReadOnly(path, options: SimulatedStore(disk).options())
        let read = try rows(of: reader, progress)
        let store = try Store.open(path, options: SimulatedStore(disk).options())
        let first = try rows(of: store, progress)
        guard read == first else { throw Violation("a reader sees other rows than the recovered store has") }
        try checkFiles(of: store, disk)
        try store.compact()
        let kept = try rows(of: store, progress)
        guard kept == first.intersection((kept.runs.first?.lowerBound ?? 0)..<UInt64.max) else {
            throw Violation("a compaction leaves \(kept.runs) of \(first.runs)")
        }
        try checkFiles(of: store, disk)
        for number in 0..<progress.endRow where !first.contains(UInt64(number)) {
            let text = Array(UpkeepWorkload.text(number).utf8)
            if let file = disk.filePaths.first(where: { holds(disk.contents(of: $0) ?? [], text) }) {
                throw Violation("row \(number) is still in \(file)")
            }
        }
        // Another opening, after the power went once more, has the same.
        let again = try Store.open(path, options: SimulatedStore(disk.crash(.nothing)).options())
        guard try rows(of: again, progress) == kept else { throw Violation("the second opening has other rows") }
    }

    /// The rows that are there, after a check that they are those of one state of the log, but for what a retention dropped.
    private static func rows(of store: Store, _ progress: UpkeepWorkload.Progress) throws -> RowSet {
        guard store.tables.map(\.name) == ["t"] else {
            guard progress.durable == 0 else { throw Violation("the table is gone") }
            return RowSet()
        }
        let table = try store.table("t")
        var numbers: [UInt64] = []
        try table.scan().forEach { batch in
            for (place, number) in batch.rowNumbers.enumerated() {
                for (name, value) in UpkeepWorkload.row(Int(number)) where batch[place, name] != value {
                    Issue.record("row \(number), \(name): \(batch[place, name])")
                }
                numbers.append(number)
            }
        }
        let found = RowSet(numbers)
        guard found.count == numbers.count, try table.rowCount == numbers.count else {
            throw Violation("\(numbers.count) rows scanned, \(try table.rowCount) counted")
        }
        let (firstRow, endRow) = try store.read { core throws(StoreError) in
            let state = try table.state(in: core)
            return (state.firstRow, state.endRow)
        }
        if firstRow > 0 {
            guard let kept = progress.kept, endRow - firstRow >= UInt64(kept) else {
                throw Violation("rows below \(firstRow) of \(endRow) were dropped")
            }
        }
        let states = progress.states[progress.durable...]
        guard states.contains(where: { $0.intersection(firstRow..<UInt64.max) == found }) else {
            throw Violation("rows \(found.runs) from \(firstRow) on are of no state: \(states.map(\.runs))")
        }
        for number in 0..<progress.endRow {
            let row = try table.lookup("id", .string("id-\(number)-"))
            guard row == (found.contains(UInt64(number)) ? UInt64(number) : nil) else {
                throw Violation("row \(number) is looked up as \(String(describing: row))")
            }
        }
        return found
    }

    private static func checkFiles(of store: Store, _ disk: SimulatedFileSystem) throws {
        let live = Set(store.manifest.state.fileNames.map { UpkeepWorkload.path + "/" + $0 })
        let files = Set(disk.filePaths.filter { $0.hasSuffix(".seg") || $0.hasSuffix(".idx") || $0.hasSuffix(".tmp") })
        guard files == live else { throw Violation("files \(files.sorted()), live are \(live.sorted())") }
    }

    private static func holds(_ bytes: [UInt8], _ wanted: [UInt8]) -> Bool {
        guard bytes.count >= wanted.count else { return false }
        return (0...bytes.count - wanted.count).contains { start in
            bytes[start] == wanted[0] && bytes[start..<start + wanted.count].elementsEqual(wanted)
        }
    }
}
