internal import ColumnFormat
internal import ColumnViews

/// The alerts of all rules over one kind of window: a function of the windows it is given, in their order. Knows no store.
struct WindowMonitor: Sendable {
    let window: Window
    let rules: [AlertRule]
    let columns: [SummarizedColumn]
    /// The next window to be judged by what predictions bring, and by what comes with feedback. Nil before the first.
    var nextOrdinal: Int64?
    var nextLateOrdinal: Int64?
    private(set) var incidents: [IncidentKey: Incident] = [:]
    /// Judged windows, in their order, as many as later ones are compared with.
    private(set) var history: [WindowRecord] = []

    init(window: Window, rules: [AlertRule], columns: [SummarizedColumn]) {
        self.window = window
        self.rules = rules
        self.columns = columns
    }

    /// Something that was entered or left.
    struct Event: Sendable {
        let key: IncidentKey
        let change: Incident.Change
        let number: Int
        let judgement: Judgement
        let ordinal: Int64
        /// What the window was compared with, for people.
        let comparedWith: String
    }

    /// What a rule says of one of its subjects.
    struct Verdict {
        let key: IncidentKey
        let judgement: Judgement
        let coolDown: TimeSpan
        let mayBeAccepted: Bool
        let comparedWith: String
    }

    /// How many windows before one it is compared with at most.
    private var reach: Int64 {
        var lag = 1
        for rule in rules {
            if case .anomalies(_, _, _, let own) = rule.condition { lag = max(lag, own) }
        }
        return Int64(max(WindowHistory.limit, AnomalyJudge.leastCount * lag + lag))
    }

    // MARK: Judging

    /// Judges one window by its columns, and by its number of predictions unless they come late.
    mutating func judge(
        _ record: WindowRecord, _ judged: [SummarizedColumn], isLate: Bool, reference: ReferenceSummary?
    ) -> [Event] {
        var verdicts: [Verdict] = []
        for rule in rules {
            let wanted = judged.filter { rule.columns?.contains($0.name) ?? true }
            switch rule.condition {
            case .drift(let test, _): verdicts += drift(rule, test, wanted, record, reference)
            case .anomalies(let kinds, let method, _, let lag):
                verdicts += anomalies(rule, kinds, method, lag, wanted, record, isLate: isLate)
            case .threshold, .referenceChange, .historyChange, .violations, .stream: break
            }
        }
        let events = take(verdicts, at: record.ordinal)
        remember(record)
        return events
    }

    /// Takes verdicts on one window.
    mutating func take(_ verdicts: [Verdict], at ordinal: Int64) -> [Event] {
        var events: [Event] = []
        for verdict in verdicts {
            var incident = incidents[verdict.key] ?? Incident()
            // Observed values that first came with predictions, and later with feedback, are not judged twice.
            guard ordinal > incident.lastOrdinal else { continue }
            let slide = max(1, window.slide?.microseconds ?? 1)
            let change = incident.take(
                verdict.judgement, at: ordinal, coolDown: verdict.coolDown.microseconds / slide,
                mayBeAccepted: verdict.mayBeAccepted)
            incidents[verdict.key] = incident
            guard let change else { continue }
            events.append(
                Event(
                    key: verdict.key, change: change, number: incident.number, judgement: verdict.judgement,
                    ordinal: ordinal, comparedWith: verdict.comparedWith))
        }
        return events
    }

    /// Whether later windows may be compared with this one.
    func isUsual(_ ordinal: Int64, _ key: IncidentKey) -> Bool { incidents[key]?.isUsual(ordinal) ?? true }

    private func usual(_ key: IncidentKey, before ordinal: Int64, lag: Int = 1) -> [WindowRecord] {
        let usual = history.filter {
            $0.ordinal < ordinal && (ordinal - $0.ordinal) % Int64(max(1, lag)) == 0 && isUsual($0.ordinal, key)
        }
        return Array(usual.suffix(WindowHistory.limit))
    }

    private func drift(
        _ rule: AlertRule, _ test: AlertRule.DriftTest, _ columns: [SummarizedColumn], _ record: WindowRecord,
        _ reference: ReferenceSummary?
    ) -> [Verdict] {
        let statistic: DriftStatistic
        switch test {
        case .history(let own), .falseDiscovery(let own, _): statistic = own
        }
        let judge = DriftJudge(statistic: statistic, testCount: self.columns.count)
        var found:
            [(key: IncidentKey, finding: DriftJudge.Finding, basis: DriftJudge.Basis, count: Int64, isOwn: Bool)] = []
        for column in columns {
            let key = IncidentKey(rule: rule.name, kind: statistic.rawValue, subject: column.name)
            guard let summary = record.columns[column.name] else { continue }
            let fixed = reference.flatMap { DriftJudge.Basis($0, column.name, rowCount: summary.rowCount) }
            let before = fixed == nil ? usual(key, before: record.ordinal).compactMap { $0.columns[column.name] } : []
            guard let basis = fixed ?? DriftJudge.Basis(before), let finding = judge.judge(summary, basis) else {
                continue
            }
            found.append((key, finding, basis, summary.valueCount, fixed == nil))
        }
        let adjusted = FalseDiscovery.adjusted(found.map { $0.finding.chance ?? .nan })
        return found.enumerated().compactMap { place, entry in
            var judgement = Judgement(
                value: entry.finding.value, expected: 0, limit: entry.finding.limit, isBad: entry.finding.isBad,
                isSevere: entry.finding.isSevere, isClear: entry.finding.isClear, rowCount: entry.count)
            if case .falseDiscovery(_, let rate) = test {
                guard !adjusted[place].isNaN else { return nil }
                judgement.value = adjusted[place]
                judgement.expected = 1
                judgement.limit = rate
                judgement.isBad = adjusted[place] < rate
                judgement.isSevere = judgement.isBad
                judgement.isClear = !judgement.isBad
            }
            return Verdict(
                key: entry.key, judgement: judgement, coolDown: rule.coolDown, mayBeAccepted: entry.isOwn,
                comparedWith: entry.basis.name)
        }
    }

    private func anomalies(
        _ rule: AlertRule, _ kinds: [AnomalyKind], _ method: AnomalyMethod, _ lag: Int, _ columns: [SummarizedColumn],
        _ record: WindowRecord, isLate: Bool
    ) -> [Verdict] {
        let judge = AnomalyJudge(method: method, testCount: self.columns.count * kinds.count)
        let recent = history.filter { $0.ordinal < record.ordinal }
        var verdicts: [Verdict] = []
        func add(_ kind: AnomalyKind, _ column: String?) {
            let key = IncidentKey(rule: rule.name, kind: kind.rawValue, subject: column ?? "")
            let before = usual(key, before: record.ordinal, lag: lag)
            guard let judgement = judge.judge(kind, column, record, history: before, recent: recent) else { return }
            verdicts.append(
                Verdict(
                    key: key, judgement: judgement, coolDown: rule.coolDown, mayBeAccepted: true,
                    comparedWith: "\(before.count) windows before"))
        }
        for kind in kinds {
            if kind == .volume {
                if !isLate { add(kind, nil) }
            } else {
                for column in columns { add(kind, column.name) }
            }
        }
        return verdicts
    }

    // MARK: History

    /// Keeps a window that was judged, with what was known of it before.
    mutating func remember(_ record: WindowRecord) {
        if let place = history.firstIndex(where: { $0.ordinal == record.ordinal }) {
            history[place].rowCount = max(history[place].rowCount, record.rowCount)
            history[place].columns.merge(record.columns) { $1 }
        } else {
            history.insert(record, at: history.firstIndex { $0.ordinal > record.ordinal } ?? history.count)
        }
        let newest = history.last?.ordinal ?? record.ordinal
        let late = nextLateOrdinal ?? newest
        let (oldest, oldestEarly) = (min(newest, late) - reach, newest - reach)
        history.removeAll { $0.ordinal < oldest }
        let isLate = Set(columns.filter(\.mayBeLate).map(\.name))
        for place in history.indices where history[place].ordinal < oldestEarly {
            history[place].columns = history[place].columns.filter { isLate.contains($0.key) }
        }
    }

    /// Forgets what was known of a window's columns, because rows of it are gone.
    mutating func forget(_ ordinal: Int64) { history.removeAll { $0.ordinal == ordinal } }

    /// The first window that is of use to later ones.
    var firstNeededOrdinal: Int64 {
        (min(nextOrdinal ?? .max, nextLateOrdinal ?? .max)).saturatingSubtract(reach)
    }

    // MARK: Bytes

    private static let version: UInt8 = 1

    /// All but the history, which the table of summaries has.
    var bytes: [UInt8] {
        var writer = ByteWriter()
        writer.append(Self.version)
        for ordinal in [nextOrdinal, nextLateOrdinal] {
            writer.append(UInt8(ordinal == nil ? 0 : 1))
            writer.append(zigzag: ordinal ?? 0)
        }
        // Rules that were unregistered are forgotten.
        let kept = incidents.filter { entry in rules.contains { $0.name == entry.key.rule } }
        writer.append(varint: UInt64(kept.count))
        for (key, incident) in kept.sorted(by: { $0.key < $1.key }) {
            writer.append(string: key.rule)
            writer.append(string: key.kind)
            writer.append(string: key.subject)
            incident.write(to: &writer)
        }
        return writer.bytes
    }

    /// Goes on where the bytes say. Throws where they are damaged; never traps.
    mutating func restore(_ reader: inout ByteReader) throws(FormatError) {
        guard try reader.read(UInt8.self) == Self.version else {
            throw FormatError(.unsupported, "alerts of another version", at: reader.offset)
        }
        var ordinals: [Int64?] = []
        for _ in 0..<2 {
            let isKnown = try reader.read(UInt8.self) != 0
            let ordinal = try reader.readZigzag()
            guard ordinal.magnitude < 1 << 56 else {
                throw FormatError(.invalid, "window \(ordinal)", at: reader.offset)
            }
            ordinals.append(isKnown ? ordinal : nil)
        }
        (nextOrdinal, nextLateOrdinal) = (ordinals[0], ordinals[1])
        incidents.removeAll()
        for _ in 0..<(try reader.readCount(limit: 1 << 20, of: "alerts")) {
            let rule = try reader.readString(limit: 4_096)
            let kind = try reader.readString(limit: 4_096)
            let key = IncidentKey(rule: rule, kind: kind, subject: try reader.readString(limit: 4_096))
            incidents[key] = try Incident(from: &reader)
        }
    }
}
