internal import ColumnFormat

extension Salvage {
    /// Calls `body` with the frames of the logs and what lies between, in order.
    private func readLogs(
        _ numbers: [UInt64], noting: Bool, _ body: (String, SalvageLog.Item) throws(StoreError) -> Void
    ) throws(StoreError) {
        var nextSequence: UInt64?
        for (place, number) in numbers.enumerated() {
            let path = LogFile.path(directory, number)
            do throws(StoreError) {
                let log = try SalvageLog(
                    path, kind: .log, number: number, validByteCount: state.logValidByteCounts[number], fileSystem,
                    search: search)
                if place > 0, let next = nextSequence, log.firstSequence != next {
                    let missing = log.firstSequence &- min(next, log.firstSequence)
                    let damage = Damage("calls before this log are missing", path: path, offset: 40)
                    try body(path, .gap(SalvageLog.Gap(damage: damage, missing: missing)))
                }
                var sequence = log.firstSequence
                let isLast = number == numbers.last
                var tear: SalvageLog.Gap?
                try log.read { (item) throws(StoreError) in
                    if case .frame(let frame) = item { sequence = frame.header.endSequence }
                    // The end of the newest log is a tear, of calls that were never acknowledged as durable.
                    if isLast, case .gap(let gap) = item, gap.isTear, gap.missing == nil {
                        tear = gap
                    } else {
                        try body(path, item)
                    }
                }
                if noting { report.repairs += log.repairs }
                if noting, let tear { report.repairs.append(Self.explained(tear.damage)) }
                nextSequence = sequence
            } catch {
                guard error.isDamage else { throw error }
                try body(path, .gap(SalvageLog.Gap(damage: Damage(error, path: path), missing: nil)))
                nextSequence = nil
            }
        }
    }

    private static func explained(_ tear: Damage) -> Damage {
        var damage = tear
        damage.remedy = "calls that were not durable when the store stopped may be lost"
        return damage
    }

    /// All rows of a table that the logs have before any damage, one slice a column; none where they do not fit it.
    func loggedRows(of table: SalvagedTable, _ logs: [UInt64]) throws(StoreError) -> [ColumnSlice] {
        let builders = table.schema.columns.map { ColumnBuilder(type: $0.type) }
        var isBroken = false
        try readLogs(logs, noting: false) { (_, item) throws(StoreError) in
            guard case .frame(let frame) = item else {
                isBroken = true
                return
            }
            var sections = frame.sections
            while !isBroken, let section = try? sections.next() {
                guard section.kind == .rows, section.tableID == table.id else { continue }
                guard let columns = try? Self.columns(of: section, table) else {
                    isBroken = true
                    return
                }
                for (builder, slice) in zip(builders, columns) { builder.append(contentsOf: slice) }
            }
        }
        return builders.map { $0.snapshot() }
    }

    func greatestLoggedTableID(_ logs: [UInt64]) throws(StoreError) -> UInt32 {
        var greatest: UInt32 = 0
        try readLogs(logs, noting: false) { (_, item) throws(StoreError) in
            guard case .frame(let frame) = item else { return }
            var sections = frame.sections
            while let section = try? sections.next() { greatest = max(greatest, section.tableID) }
        }
        return greatest
    }

    /// The rows of a section as the table has them now.
    private static func columns(
        of section: LogSection, _ table: SalvagedTable
    ) throws(FormatError) -> [ColumnSlice] {
        guard section.schemaVersion == table.history.version else {
            return unsafe try table.history.columns(
                rows: section.rowCount, from: section.bytes, version: section.schemaVersion)
        }
        let builders = table.schema.columns.map { ColumnBuilder(type: $0.type) }
        unsafe try RowLayout(table.schema).append(
            rows: section.rowCount, from: section.bytes, to: builders.map(\.cursor))
        return builders.map { $0.snapshot() }
    }

    // MARK: The new log

    /// Logs every whole call anew.
    func writeLog(_ numbers: [UInt64], to output: inout SalvageTarget) throws(StoreError) {
        let uncertain = try tablesWithUncertainRemovals(numbers)
        var copy = LogCopy(
            tables: tables, references: options.references, without: uncertain, reportingTo: self)
        var writer: SalvagedLogWriter?
        let (target, fileSystem) = (output.path, fileSystem)
        try readLogs(numbers, noting: true) { (path, item) throws(StoreError) in
            switch item {
            case .gap(let gap):
                var loss = SalvageReport.Loss(gap.damage)
                loss.count = gap.missing.map { Int(clamping: $0) }
                lose(loss)
                copy.passGap()
            case .frame(let frame):
                let sections = copy.sections(of: frame, path: path)
                guard !sections.isEmpty else { return }
                if writer == nil {
                    writer = try SalvagedLogWriter(
                        LogFile.path(target, 1), firstSequence: frame.header.baseSequence, fileSystem)
                }
                try writer?.append(sections, arrival: frame.header.arrivalMicroseconds)
                report.frameCount += 1
            }
        }
        let end = try writer?.close()
        if let end { output.edits.append(.logValidLength(number: 1, byteCount: UInt64(end))) }
    }

    /// Tables of which a call behind damage removes rows that only had a number for certain before it. Whether another row
    /// has the number now, nobody knows; so their rows behind the damage are given up.
    private func tablesWithUncertainRemovals(_ numbers: [UInt64]) throws(StoreError) -> Set<UInt32> {
        var ends = Dictionary(uniqueKeysWithValues: tables.map { ($0.id, $0.sealedEndRow) })
        var isBehindGap = false
        var uncertain = Set<UInt32>()
        try readLogs(numbers, noting: false) { (_, item) throws(StoreError) in
            guard case .frame(let frame) = item else {
                isBehindGap = true
                return
            }
            var sections = frame.sections
            while let section = try? sections.next() {
                guard let end = ends[section.tableID] else { continue }
                if section.kind == .rows, !isBehindGap {
                    ends[section.tableID] = end + UInt64(section.rowCount)
                } else if section.kind == .removal, isBehindGap,
                    let removal = unsafe try? RowRemoval(reading: section.bytes),
                    (removal.rows.runs.last?.upperBound ?? 0) > end
                {
                    uncertain.insert(section.tableID)
                }
            }
        }
        return uncertain
    }
}

/// Decides what of each call goes into the new log.
private struct LogCopy {
    private let tables: [UInt32: SalvagedTable]
    /// For tables that refer to others: their column, and the table that it refers to.
    private var references: [UInt32: (column: Int, target: UInt32)] = [:]
    private let uncertain: Set<UInt32>
    private let salvage: Salvage
    /// Rows below have certain numbers.
    private var certainEnds: [UInt32: UInt64]
    private var isBehindGap = false

    init(
        tables: [SalvagedTable], references: [(table: String, column: String, target: String)],
        without uncertain: Set<UInt32>, reportingTo salvage: Salvage
    ) {
        self.tables = Dictionary(uniqueKeysWithValues: tables.map { ($0.id, $0) })
        self.uncertain = uncertain
        self.salvage = salvage
        certainEnds = Dictionary(uniqueKeysWithValues: tables.map { ($0.id, $0.sealedEndRow) })
        for table in tables {
            let parts = table.oldName.split(separator: "/")
            guard parts.count == 2, let rule = references.first(where: { $0.table == parts[1] }),
                let column = table.schema.position(of: rule.column), table.schema.columns[column].type == .uint64,
                let target = tables.first(where: { $0.oldName == "\(parts[0])/\(rule.target)" })
            else { continue }
            self.references[table.id] = (column, target.id)
        }
    }

    mutating func passGap() { isBehindGap = true }

    /// What to log of a call; nothing where nothing is left.
    mutating func sections(of frame: LogFrame, path: String) -> [SalvagedSection] {
        var result: [SalvagedSection] = []
        var sections = frame.sections
        do throws(FormatError) {
            while let section = try sections.next() {
                guard let table = tables[section.tableID] else {
                    loseUnknown(section, path: path, offset: frame.offset)
                    continue
                }
                if section.kind == .removal {
                    let removal = unsafe try RowRemoval(reading: section.bytes)
                    if let kept = certain(removal, of: table) { result.append(kept) }
                } else if section.kind == .rows, let kept = rows(of: section, table, path: path, offset: frame.offset) {
                    result.append(kept)
                }
            }
        } catch {
            lose(
                "a call whose bytes are as they were logged cannot be read: \(error.message)", path, frame.offset, nil,
                0)
            return []
        }
        return result
    }

    private func lose(_ reason: String, _ path: String, _ offset: Int, _ table: SalvagedTable?, _ count: Int) {
        var loss = SalvageReport.Loss(reason, path: path, offset: offset, table: table?.oldName)
        if count > 0 { loss.count = count }
        salvage.lose(loss)
    }

    private func loseUnknown(_ section: LogSection, path: String, offset: Int) {
        guard section.kind == .rows else { return }
        // A table that was dropped, unless commits are lost.
        guard salvage.manifest.hasGap || section.tableID >= salvage.state.nextTableID else { return }
        let fitting = tables.values.filter { (try? Salvage.rowsFit(section, $0)) == true }.map(\.oldName).sorted()
        let hint = fitting.isEmpty ? "" : "; they fit the columns of \(fitting.joined(separator: ", "))"
        lose("rows of table \(section.tableID), whose name no commit tells\(hint)", path, offset, nil, section.rowCount)
    }

    private func certain(_ removal: RowRemoval, of table: SalvagedTable) -> SalvagedSection? {
        var kept = removal
        if isBehindGap, let end = certainEnds[table.id] {
            kept.droppedBefore = min(kept.droppedBefore, end)
            kept.erased = kept.erased.intersection(0..<end)
        }
        guard !kept.isEmpty else { return nil }
        return SalvagedSection(kind: .removal, tableID: table.id, schemaVersion: 0, rowCount: 0, bytes: kept.bytes)
    }

    private mutating func rows(
        of section: LogSection, _ table: SalvagedTable, path: String, offset: Int
    ) -> SalvagedSection? {
        let columns: [ColumnSlice]
        do throws(FormatError) {
            columns = try Salvage.columnsForCopy(of: section, table)
        } catch {
            lose("rows that do not fit their table: \(error.message)", path, offset, table, section.rowCount)
            return nil
        }
        var whole = SalvagedSection(
            kind: .rows, tableID: table.id, schemaVersion: section.schemaVersion, rowCount: section.rowCount,
            bytes: unsafe [UInt8](section.bytes))
        guard isBehindGap else {
            certainEnds[table.id, default: 0] += UInt64(section.rowCount)
            return whole
        }
        if uncertain.contains(table.id) {
            lose(
                "later calls remove rows by numbers that nobody knows any more", path, offset, table, section.rowCount)
            return nil
        }
        guard let reference = references[table.id], let end = certainEnds[reference.target] else { return whole }
        let targets = columns[reference.column]
        let kept = (0..<section.rowCount).filter { row in
            if targets.isNull(row) { return true }
            guard case .uint(let target) = targets.value(at: row) else { return false }
            return target < end
        }
        guard kept.count < section.rowCount else { return whole }
        lose(
            "rows that refer to others by numbers that nobody knows any more", path, offset, table,
            section.rowCount - kept.count)
        guard !kept.isEmpty else { return nil }
        var writer = RowWriter()
        let layout = RowLayout(table.schema)
        for row in kept {
            writer.beginRow(layout)
            for (column, definition) in table.schema.columns.enumerated() {
                guard writer.value(columns[column].value(at: row), column: column, definition: definition) else {
                    return nil
                }
            }
        }
        whole = SalvagedSection(
            kind: .rows, tableID: table.id, schemaVersion: table.history.version, rowCount: kept.count,
            bytes: unsafe [UInt8](writer.bytes))
        return whole
    }
}

extension Salvage {
    fileprivate static func columnsForCopy(
        of section: LogSection, _ table: SalvagedTable
    ) throws(FormatError) -> [ColumnSlice] { try columns(of: section, table) }

    fileprivate static func rowsFit(_ section: LogSection, _ table: SalvagedTable) throws(FormatError) -> Bool {
        let builders = table.schema.columns.map { ColumnBuilder(type: $0.type) }
        // Cursors do not keep what they point to.
        defer { withExtendedLifetime(builders) {} }
        unsafe try RowLayout(table.schema).append(
            rows: section.rowCount, from: section.bytes, to: builders.map(\.cursor))
        return true
    }
}
