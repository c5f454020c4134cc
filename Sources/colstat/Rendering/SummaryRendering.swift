import ColumnFormat
import ColumnStore
import CommandSupport
import Drumlin

/// What `colstat PATH` prints: a screen of 80 × 24 for a store of a task.
enum SummaryRendering {
    /// The lines of a screen less those around the tables.
    private static let tableLimit = 11

    static func text(_ inspection: Inspection, for terminal: Terminal) -> String {
        let names = shortNames(inspection)
        var facts: [(String, String)] = [(kind(inspection), PrintableText.escaping(inspection.path))]
        facts.append(("format", "\(SegmentFormat.majorVersion)" + (names.task.map { ", task \($0)" } ?? "")))
        var text = lines(facts, terminal) + "\n"
        text += TableRendering.text(
            inspection, names: names.short,
            limit: tableLimit - MaintenanceRendering.facts(inspection).count
                - PressureRendering.facts(inspection).count,
            for: terminal)
        text += "\n" + lines(rest(inspection), terminal)
        return text
    }

    /// The bare names of tables where all of them are of one task, or of none.
    private static func shortNames(_ inspection: Inspection) -> (task: String?, short: (String) -> String) {
        var tasks = Set<Substring>()
        var bare = Set<Substring>()
        for table in inspection.tables {
            let parts = table.name.split(separator: "/", maxSplits: 1)
            if parts.count == 2 { tasks.insert(parts[0]) }
            bare.insert(parts.last ?? "")
        }
        guard tasks.count == 1, let task = tasks.first, bare.count == inspection.tables.count else {
            return (nil, { $0 })
        }
        return (
            PrintableText.escaping(String(task)), { $0.split(separator: "/", maxSplits: 1).last.map(String.init) ?? $0 }
        )
    }

    private static func kind(_ inspection: Inspection) -> String {
        switch inspection.place {
        case .store: "store"
        case .tables: inspection.tables.count == 1 ? "table" : "tables"
        case .folder: "folder"
        case .segment: "segment"
        }
    }

    private static func rest(_ inspection: Inspection) -> [(String, String)] {
        var facts: [(String, String)] = []
        if case .store = inspection.place { facts.append(("disk", disk(inspection))) }
        let raw = inspection.tables.reduce(0) { $0 + $1.rawByteCount }
        let segments = inspection.tables.reduce(0) { $0 + $1.segmentByteCount }
        if segments > 0 {
            let ratio = RatioText.of(raw, segments)
            facts.append(
                ("segments", "\(Units.bytes(segments)) for \(Units.bytes(raw)) of values, \(ratio) times as much"))
        }
        let runs = inspection.tables.flatMap(\.indexRuns)
        if !runs.isEmpty {
            let keys = runs.reduce(0) { $0 + Int(clamping: $1.entryCount) }
            let bytes = inspection.tables.reduce(0) { $0 + $1.indexByteCount }
            facts.append(
                (
                    "index",
                    "\(Units.bytes(bytes)) in \(DamageRendering.counted(runs.count, "run")), \(DamageRendering.counted(keys, "key"))"
                ))
        }
        if case .store = inspection.place { facts += storeFacts(inspection) }
        if inspection.damages.isEmpty {
            facts.append(("damage", "none seen; colstat verify reads every byte"))
        }
        for damage in inspection.damages.prefix(4) {
            facts.append(("damage", "\(DamageRendering.place(damage)): \(PrintableText.escaping(damage.message))"))
        }
        if inspection.damages.count > 4 {
            facts.append(("", "and \(inspection.damages.count - 4) more; colstat verify lists all"))
        }
        return facts
    }

    /// What the files of a store take together, and what for; parts of less than a hundredth are left out.
    private static func disk(_ inspection: Inspection) -> String {
        let parts = [
            ("segments", inspection.tables.reduce(0) { $0 + $1.segmentByteCount }),
            ("index", inspection.tables.reduce(0) { $0 + $1.indexByteCount }),
            ("checkpoints", checkpointByteCount(inspection)), ("log", inspection.log?.byteCount ?? 0),
        ]
        let all = max(inspection.directoryByteCount, parts.reduce(0) { $0 + $1.1 })
        let others = [("manifest", all - parts.reduce(0) { $0 + $1.1 })]
        let shares = (parts + others).filter { $0.1 * 100 >= max(all, 1) }.map {
            "\($0.0) \(Units.percent(Double($0.1) / Double(all), digits: 0))"
        }
        return Units.bytes(all) + (shares.isEmpty ? "" : ": " + shares.joined(separator: ", "))
    }

    private static func checkpointByteCount(_ inspection: Inspection) -> Int {
        inspection.manifest?.checkpoints.values.reduce(0) { $0 + Int(clamping: $1.byteCount) } ?? 0
    }

    private static func storeFacts(_ inspection: Inspection) -> [(String, String)] {
        var facts: [(String, String)] = []
        if let checkpoints = inspection.manifest?.checkpoints, !checkpoints.isEmpty {
            let bytes = checkpointByteCount(inspection)
            let names = checkpoints.keys.sorted().joined(separator: ", ")
            facts.append(
                ("checkpoints", "\(Units.bytes(bytes)) for \(PrintableText.excerpt(names))"))
        }
        facts += MaintenanceRendering.facts(inspection)
        facts += PressureRendering.facts(inspection)
        guard let log = inspection.log else { return facts }
        let rows = inspection.tables.reduce(0) { $0 + $1.logRowCount }
        facts.append(
            (
                "log",
                "\(DamageRendering.counted(rows, "row")) not sealed yet; \(Units.bytes(log.usedByteCount)) used of "
                    + "\(Units.bytes(log.byteCount)) in \(DamageRendering.counted(log.numbers.count, "file"))"
            ))
        if let torn = log.torn {
            facts.append(
                (
                    "",
                    "\(FilePath.name(of: torn.path)) ends in a torn frame at byte \(torn.offset), as a crash leaves it"
                ))
        }
        return facts
    }

    private static func lines(_ facts: [(String, String)], _ terminal: Terminal) -> String {
        facts.map { name, text in
            terminal.styled(name, .bold) + String(repeating: " ", count: max(1, 13 - name.count)) + text + "\n"
        }.joined()
    }

    // MARK: JSON

    static func json(_ inspection: Inspection) -> String {
        var json = JSONWriter(.lines)
        json.object { json in
            json.member("path", inspection.path)
            json.member("kind", kind(inspection))
            json.member("format", "\(SegmentFormat.majorVersion)")
            json.member("rows", inspection.tables.reduce(0) { $0 + $1.rowCount })
            json.member("tables") { TableRendering.write(inspection.tables, to: &$0) }
            json.member("index") { json in
                let runs = inspection.tables.flatMap(\.indexRuns)
                json.object { json in
                    json.member("runs", runs.count)
                    json.member("keys", runs.reduce(0) { $0 + Int(clamping: $1.entryCount) })
                    json.member("bytes", inspection.tables.reduce(0) { $0 + $1.indexByteCount })
                }
            }
            json.member("checkpoints") { write(inspection.manifest?.checkpoints ?? [:], to: &$0) }
            json.member("maintenance") { MaintenanceRendering.write(inspection, to: &$0) }
            json.member("pressure") { PressureRendering.write(inspection, to: &$0) }
            json.member("log") { write(inspection.log, of: inspection, to: &$0) }
            json.member("damages") { DamageRendering.write(inspection.damages, to: &$0) }
        }
        return json.text + "\n"
    }

    private static func write(_ checkpoints: [String: CheckpointRecord], to json: inout JSONWriter) {
        json.array { json in
            for (name, record) in checkpoints.sorted(by: { $0.key < $1.key }) {
                json.object { json in
                    json.member("name", name)
                    json.member("file", record.fileName)
                    json.member("bytes", record.byteCount)
                    json.member("sequence", record.sequence)
                }
            }
        }
    }

    private static func write(_ log: LogInspection?, of inspection: Inspection, to json: inout JSONWriter) {
        guard let log else {
            json.null()
            return
        }
        json.object { json in
            json.member("files", log.numbers.count)
            json.member("bytes", log.byteCount)
            json.member("used_bytes", log.usedByteCount)
            json.member("frames", log.frameCount)
            json.member("rows", inspection.tables.reduce(0) { $0 + $1.logRowCount })
            json.member("torn_at", log.torn?.offset)
        }
    }
}
