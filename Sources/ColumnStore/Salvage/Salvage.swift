internal import ColumnFormat

/// Takes all that is intact out of a damaged store, into a new one.
///
/// Segments are copied where all of their pages are as they were written, and made anew of the blocks that are, where some
/// are not; rows keep their numbers, and lost ones are as if they had been erased. Calls of the log are logged anew, those
/// before damage and those behind it. Where one flipped bit explains a damage, it is put right. Where the manifest is lost in
/// parts, segments that no commit names take their place by what they say of themselves. Nothing is guessed: what cannot be
/// told for certain is not rescued, and the report says so.
///
/// Never writes into the old store. Needs memory for some segments.
package final class Salvage {
    package struct Options: Sendable {
        package var environment = StoreEnvironment()
        /// Keep rows of which values are lost, if those are in columns of the user that may be null: as nulls.
        package var keepsPartialRows = false
        /// Which tables rows in the log belong to, by id, where no commit tells.
        package var tableNames: [UInt32: String] = [:]
        /// Tables whose column refers to rows of another table of the same task, by their names within it: those references
        /// are kept only where the rows' numbers are certain.
        package var references: [(table: String, column: String, target: String)] = []
        /// How much work may go into finding flipped bits (``BitSearch``).
        package var bitSearchSteps = 1e11

        package init() {}
    }

    let directory: String
    let options: Options
    let manifest: SalvagedManifest
    let search: BitSearch
    var report = SalvageReport()
    var tables: [SalvagedTable] = []
    private var strays: [StraySegment]?

    var fileSystem: any FileSystem { options.environment.fileSystem }
    var state: ManifestState { manifest.state }

    /// Registrations that the manifest still has.
    package var metadata: [String: [UInt8]] { state.metadata }
    package var tableNames: [String] { state.tables.values.map(\.name).sorted() }

    /// Reads what is left of the manifest. Throws `.notFound` and `.invalidInput` where there is no store.
    package init(_ directory: String, _ options: Options = Options()) throws(StoreError) {
        self.directory = directory
        self.options = options
        search = BitSearch(steps: options.bitSearchSteps)
        let fileSystem = options.environment.fileSystem
        guard try fileSystem.kind(of: directory) == .directory else {
            throw StoreError(.notFound, "there is no store", path: directory, remedy: "check the path")
        }
        let names = try fileSystem.list(directory)
        let isStore = names.contains { name in
            name == Manifest.currentName || LogFile.number(of: name, prefix: Manifest.prefix) != nil
                || LogFile.number(of: name, prefix: LogFile.prefix) != nil
        }
        guard isStore else {
            throw StoreError(
                .invalidInput, "this directory is no store: it has no CURRENT, no manifest and no log",
                path: directory, remedy: "give the path of a store")
        }
        manifest = try SalvagedManifest(directory, fileSystem, search)
    }

    /// Makes the new store. `detached` are tasks whose registrations are lost or of no use: their tables become tables of
    /// the user, `TASK.TABLE`, since the task would begin anew and take them away.
    ///
    /// Throws `.alreadyExists` where there is something at `target`, `.invalidInput` where that is in the old store, and
    /// what keeps the new one from being written.
    package func run(into target: String, detaching detached: Set<String>) throws(StoreError) -> SalvageReport {
        guard try fileSystem.kind(of: target) == .none else {
            throw StoreError(
                .alreadyExists, "there is something already", path: target,
                remedy: "give the path of a store that does not exist yet")
        }
        let parent = FilePath.parent(of: target)
        var below = parent
        while below != "." && below != "/" && below != FilePath.parent(of: below) {
            guard below != directory, below + "/" != directory else {
                throw StoreError(
                    .invalidInput, "the new store would lie in the old one", path: target,
                    remedy: "give a path outside of it")
            }
            below = FilePath.parent(of: below)
        }
        report.losses += manifest.damages.filter { _ in manifest.hasGap }.map { SalvageReport.Loss($0) }
        report.repairs += manifest.repairs + (manifest.hasGap ? [] : manifest.damages)
        let logs = try logNumbers()
        let isExact = !manifest.hasGap && (logs.first == state.logStart || logs.isEmpty && state.logStart == 1)
        if logs.first != state.logStart, state.logStart > 1 || !logs.isEmpty, state.storeID != nil {
            lose(.init("the log is missing, with the calls that it had", path: LogFile.path(directory, state.logStart)))
        }
        try collectTables(detached: detached, logs: logs)
        try fileSystem.createDirectories(target)
        var output = SalvageTarget(path: target, fileSystem: fileSystem)
        writeDefinitions(to: &output)
        for place in tables.indices {
            try writeSegments(of: place, beyondManifest: !isExact, logs: isExact ? [] : logs, to: &output)
        }
        try writeLog(logs, to: &output)
        try copyCheckpoints(detached: detached, to: &output)
        try output.commit()
        noteUncertainties(isExact: isExact)
        report.tables.sort { $0.name < $1.name }
        try openOnce(target)
        return report
    }

    func lose(_ loss: SalvageReport.Loss) {
        if !report.losses.contains(loss) { report.losses.append(loss) }
    }

    /// The logs from the first on that holds something unsealed.
    private func logNumbers() throws(StoreError) -> [UInt64] {
        let numbers = try LogFile.numbers(in: directory, fileSystem)
        return manifest.hasGap && state.storeID == nil ? numbers : numbers.filter { $0 >= state.logStart }
    }

    /// Segments that no commit names; looked for when they are first needed.
    func allStrays() throws(StoreError) -> [StraySegment] {
        if let strays { return strays }
        let named = Set(state.tables.values.flatMap { $0.segments.map(\.fileName) })
        let found = try StraySegment.all(in: directory, fileSystem, except: named, search)
        strays = found
        return found
    }

    private func noteUncertainties(isExact: Bool) {
        guard !isExact else { return }
        report.notes.append(
            "commits of the manifest are lost: rows that were erased or dropped by them may be among those rescued, "
                + "and tables that were dropped may be back")
        if state.storeID == nil {
            report.notes.append("names of tables without rows in segments, and all registrations of tasks, are lost")
        }
    }

    // MARK: What the new store begins with

    private func collectTables(detached: Set<String>, logs: [UInt64]) throws(StoreError) {
        var names = Set<String>()
        for record in state.tables.values.sorted(by: { $0.id < $1.id }) {
            let name = newName(of: record.name, id: record.id, detached, &names)
            if let table = SalvagedTable(record, name: name) {
                tables.append(table)
            } else {
                let folder = record.name
                try collectStrayTable(folder, id: record.id, name: name)
            }
        }
        guard manifest.hasGap else { return }
        let known = Set(tables.map(\.oldName))
        // Not one that rows in the log have: whose they are, nobody knows.
        let used = [state.nextTableID, manifest.folders.keys.max() ?? 0, options.tableNames.keys.max() ?? 0]
        var nextID = max(used.max() ?? 0, try greatestLoggedTableID(logs)) &+ 1
        for folder in Set(try allStrays().map(\.tableName)).subtracting(known).sorted() {
            let told = options.tableNames.first { $0.value == folder }?.key
            let id = told ?? manifest.folders.filter { $0.value == folder }.keys.max() ?? nextID
            if id == nextID { nextID &+= 1 }
            try collectStrayTable(folder, id: id, name: newName(of: folder, id: id, detached, &names))
        }
        tables.sort { $0.id < $1.id }
    }

    /// A table of which the segments alone tell the columns: those of the one that was written last.
    private func collectStrayTable(_ folder: String, id: UInt32, name: String) throws(StoreError) {
        let strays = try allStrays()
        guard let newest = strays.first(where: { $0.tableName == folder }) else {
            lose(.init("the columns of the table are lost", path: directory, table: folder))
            return
        }
        let first = strays.filter { $0.tableName == folder }.map(\.rows.lowerBound).min() ?? 0
        let table = SalvagedTable(
            id: id, oldName: folder, name: name, schema: newest.schema, schemaVersion: 1, firstRow: first)
        if let table { tables.append(table) }
    }

    private func newName(of old: String, id: UInt32, _ detached: Set<String>, _ names: inout Set<String>) -> String {
        let parts = old.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        let isName = (1...2).contains(parts.count) && parts.allSatisfy { (try? TableName.check(component: $0)) != nil }
        var name = isName ? old : "table-\(id)"
        if isName, parts.count == 2, detached.contains(parts[0]) || state.storeID == nil {
            name = "\(parts[0]).\(parts[1])"
            if (try? TableName.check(component: name)) == nil { name = "table-\(id)" }
            report.notes.append(
                "the registrations of task '\(parts[0])' are lost or of no use: '\(old)' is now the table '\(name)'")
        }
        while !names.insert(name).inserted { name = "table-\(id)-\(names.count)" }
        return name
    }

    private func writeDefinitions(to output: inout SalvageTarget) {
        for table in tables {
            output.edits.append(
                .tableCreated(
                    id: table.id, name: table.name, schemaVersion: table.schemas[0].version,
                    schemaBytes: table.schemas[0].bytes))
            output.edits += table.schemas.dropFirst().map {
                .tableSchemaChanged(id: table.id, schemaVersion: $0.version, schemaBytes: $0.bytes)
            }
            if table.firstRow > 0 { output.edits.append(.rowsDropped(tableID: table.id, beforeRow: table.firstRow)) }
            if !table.erased.isEmpty { output.edits.append(.rowsErased(tableID: table.id, table.erased)) }
        }
        for (key, bytes) in state.metadata.sorted(by: { $0.key < $1.key }) {
            output.edits.append(.metadataSet(key: key, bytes: bytes))
        }
    }

    /// Checkpoints of views whose tables are whole; the others are made anew from the rows.
    private func copyCheckpoints(detached: Set<String>, to output: inout SalvageTarget) throws(StoreError) {
        for (view, record) in state.checkpoints.sorted(by: { $0.key < $1.key }) {
            let parts = tables.filter { $0.oldName.hasPrefix(view + "/") }
            let path = FilePath.join(directory, record.fileName)
            guard !detached.contains(view), !parts.isEmpty, !manifest.hasGap,
                (try? TableName.check(component: view)) != nil,
                !report.losses.contains(where: { loss in parts.contains { $0.oldName == loss.table } })
            else { continue }
            let limit = min(Int(clamping: record.byteCount), 1 << 32)
            guard let bytes = try? fileSystem.readFile(path, limit: limit), Checksum.of(bytes) == record.checksum else {
                var damage = Damage("the checkpoint does not match its checksum, or is missing", path: path)
                damage.remedy = "nothing is lost: the windows are made from the rows"
                report.repairs.append(damage)
                continue
            }
            let name = try output.write(bytes, table: FilePath.join(view, "views"), extension: "ckpt")
            output.edits.append(
                .checkpointSet(
                    name: view,
                    CheckpointRecord(
                        fileName: name, sequence: record.sequence, byteCount: record.byteCount,
                        checksum: record.checksum)))
        }
    }

    /// Opens the new store for writing, which makes indexes from the rows where they were not copied, and for reading.
    private func openOnce(_ target: String) throws(StoreError) {
        var options = StoreOptions()
        options.environment = self.options.environment
        try Store.open(target, options: options).close()
        let store = try Store.openReadOnly(target, options: options)
        for place in report.tables.indices {
            report.tables[place].rowCount = try store.table(report.tables[place].name).rowCount
        }
    }
}
