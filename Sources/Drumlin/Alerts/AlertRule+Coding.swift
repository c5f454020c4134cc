internal import ColumnFormat
internal import ColumnStore
internal import ColumnViews

extension AlertRule {
    /// The rules of a task as they are kept in the manifest.
    static func bytes(of rules: [AlertRule]) -> [UInt8] {
        var writer = ByteWriter()
        writer.append(UInt8(1))
        writer.append(varint: UInt64(rules.count))
        for rule in rules { rule.write(to: &writer) }
        return writer.bytes
    }

    static func read(_ reader: inout ByteReader) throws(FormatError) -> [AlertRule] {
        let version = try reader.read(UInt8.self)
        guard version == 1 else { throw FormatError(.unsupported, "alerts of version \(version)") }
        var result: [AlertRule] = []
        for _ in 0..<(try reader.readCount(limit: 10_000, of: "rules")) { result.append(try AlertRule(from: &reader)) }
        return result
    }

    private func write(to writer: inout ByteWriter) {
        writer.append(string: name)
        writer.append(string: window.description)
        writer.append(zigzag: coolDown.microseconds)
        switch condition {
        case .drift(.history(let statistic), let columns):
            writer.append(UInt8(0))
            writer.append(string: statistic.rawValue)
            Self.write(columns, to: &writer)
        case .drift(.falseDiscovery(let statistic, let rate), let columns):
            writer.append(UInt8(1))
            writer.append(string: statistic.rawValue)
            writer.append(rate.bitPattern)
            Self.write(columns, to: &writer)
        case .anomalies(let kinds, let method, let columns, let lag):
            writer.append(UInt8(2))
            writer.append(varint: UInt64(kinds.count))
            for kind in kinds { writer.append(string: kind.rawValue) }
            writer.append(string: method.rawValue)
            writer.append(varint: UInt64(lag))
            Self.write(columns, to: &writer)
        case .threshold(let metric, let low, let high):
            writer.append(UInt8(3))
            writer.append(string: metric)
            for bound in [low, high] {
                writer.append(UInt8(bound == nil ? 0 : 1))
                if let bound { writer.append(bound.bitPattern) }
            }
        case .referenceChange(let metric, let difference):
            writer.append(UInt8(4))
            writer.append(string: metric)
            writer.append(difference.bitPattern)
        case .historyChange(let metric, let difference):
            writer.append(UInt8(5))
            writer.append(string: metric)
            writer.append(difference.bitPattern)
        case .violations(let constraint, let share):
            writer.append(UInt8(6))
            writer.append(string: constraint)
            writer.append(share.bitPattern)
        case .stream(let test, let columns):
            writer.append(UInt8(7))
            writer.append(string: test.rawValue)
            Self.write(columns, to: &writer)
        }
    }

    private static func write(_ columns: [String]?, to writer: inout ByteWriter) {
        writer.append(UInt8(columns == nil ? 0 : 1))
        guard let columns else { return }
        writer.append(varint: UInt64(columns.count))
        for column in columns { writer.append(string: column) }
    }

    private init(from reader: inout ByteReader) throws(FormatError) {
        name = try reader.readString(limit: 4_096)
        let start = reader.offset
        guard let window = Window(try reader.readString(limit: 256)) else {
            throw FormatError(.unsupported, "the window of rule '\(name)' is not known", at: start)
        }
        self.window = window
        coolDown = TimeSpan(microseconds: try reader.readZigzag())
        switch try reader.read(UInt8.self) {
        case 0:
            let statistic = try Self.statistic(&reader)
            condition = .drift(.history(statistic), columns: try Self.columns(&reader))
        case 1:
            let statistic = try Self.statistic(&reader)
            let rate = try reader.readDouble()
            condition = .drift(.falseDiscovery(statistic, rate: rate), columns: try Self.columns(&reader))
        case 2:
            var kinds: [AnomalyKind] = []
            for _ in 0..<(try reader.readCount(limit: 100, of: "kinds of anomaly")) {
                kinds.append(try Self.named(&reader, "kind of anomaly") { AnomalyKind(rawValue: $0) })
            }
            let method = try Self.named(&reader, "method") { AnomalyMethod(rawValue: $0) }
            let lag = try reader.readCount(limit: Self.lagLimit, of: "windows of lag")
            condition = .anomalies(kinds, method, columns: try Self.columns(&reader), seasonalLag: lag)
        case 3:
            let metric = try reader.readString(limit: 1_024)
            let low = try Self.bound(&reader)
            condition = .threshold(metric: metric, low: low, high: try Self.bound(&reader))
        case 4:
            let metric = try reader.readString(limit: 1_024)
            condition = .referenceChange(metric: metric, by: try reader.readDouble())
        case 5:
            let metric = try reader.readString(limit: 1_024)
            condition = .historyChange(metric: metric, by: try reader.readDouble())
        case 6:
            let constraint = try reader.readString(limit: 1 << 20)
            condition = .violations(constraint: constraint, share: try reader.readDouble())
        case 7:
            let test = try Self.named(&reader, "test") { LossTest(rawValue: $0) }
            condition = .stream(test, columns: try Self.columns(&reader))
        case let code: throw FormatError(.unsupported, "a rule of the unknown kind \(code)", at: start)
        }
    }

    private static func bound(_ reader: inout ByteReader) throws(FormatError) -> Double? {
        try reader.read(UInt8.self) == 1 ? try reader.readDouble() : nil
    }

    private static func columns(_ reader: inout ByteReader) throws(FormatError) -> [String]? {
        guard try reader.read(UInt8.self) == 1 else { return nil }
        var columns: [String] = []
        for _ in 0..<(try reader.readCount(limit: 100_000, of: "columns")) {
            columns.append(try reader.readString(limit: 255))
        }
        return columns
    }

    private static func statistic(_ reader: inout ByteReader) throws(FormatError) -> DriftStatistic {
        try named(&reader, "statistic") { DriftStatistic(rawValue: $0) }
    }

    private static func named<T>(
        _ reader: inout ByteReader, _ what: String, _ find: (String) -> T?
    ) throws(FormatError) -> T {
        let start = reader.offset
        let name = try reader.readString(limit: 255)
        guard let found = find(name) else { throw FormatError(.unsupported, "the \(what) '\(name)'", at: start) }
        return found
    }

    // MARK: Checks

    static let lagLimit = 1_000

    /// Whether there can be such a rule in a task; throws `.invalidInput` with the reason where not.
    func check(
        _ task: MonitoredTask, metrics: [(name: String, windows: [Window])], constraints: [Constraint]
    ) throws(StoreError) {
        guard (1...1_000).contains(name.utf8.count) else { throw invalid("its name has 1 to 1,000 bytes", "name it") }
        do throws(ViewError) {
            try window.validate()
        } catch {
            throw invalid("\(error)", "give another window")
        }
        guard WindowGrid(window) != nil else {
            throw invalid("the window \(window) does not close", "give a tumbling or a sliding one")
        }
        guard coolDown >= 0, coolDown <= .days(36_500) else {
            throw invalid("a cool-down that is negative, or longer than a hundred years", "give a shorter one")
        }
        if readsColumns {
            _ = try MonitoredTask.grid(of: window)
            if let columns {
                guard !columns.isEmpty else { throw invalid("it names no column", "leave columns out for all") }
                _ = try TaskRows(task).columns(named: columns)
            }
        }
        switch condition {
        case .drift(.falseDiscovery(let statistic, let rate), _):
            guard [.kolmogorovSmirnov, .populationStability, .chiSquare].contains(statistic) else {
                throw invalid("\(statistic.rawValue) has no p-value", "use ks, psi or chi_square")
            }
            guard rate > 0, rate < 1 else { throw invalid("the rate \(rate) is not in (0, 1)", "give 0.05") }
        case .drift(.history, _): break
        case .anomalies(let kinds, _, _, let lag):
            guard !kinds.isEmpty else { throw invalid("it looks for nothing", "name a kind of anomaly") }
            guard (1...Self.lagLimit).contains(lag) else {
                throw invalid("a seasonal lag of \(lag) windows", "give 1 to \(Self.lagLimit)")
            }
        case .threshold(let metric, let low, let high):
            try checkMetric(metric, metrics)
            guard low != nil || high != nil, !(low?.isNaN ?? false), !(high?.isNaN ?? false) else {
                throw invalid("it has no bound", "give a lower or an upper one")
            }
        case .referenceChange(let metric, let difference):
            try checkMetric(metric, metrics)
            guard Metric(metric) != nil else {
                throw invalid("'\(metric)' is a metric of yours, which reference rows do not have", "use historyChange")
            }
            guard difference > 0 else { throw invalid("a difference of \(difference)", "give one above 0") }
        case .historyChange(let metric, let difference):
            try checkMetric(metric, metrics)
            guard difference >= 0 else { throw invalid("a difference of \(difference)", "give 0 or more") }
        case .violations(let constraint, let share):
            guard constraints.contains(where: { $0.description == constraint }) else {
                throw invalid("there is no constraint '\(constraint)'", "register it first")
            }
            guard (0..<1).contains(share) else { throw invalid("the share \(share) is not in [0, 1)", "give 0.01") }
        case .stream(_, let columns):
            _ = try MonitoredTask.grid(of: window)
            guard let columns else { return }
            guard !columns.isEmpty else { throw invalid("it names no column", "leave columns out for the losses") }
            for column in columns {
                guard task.schema.features.contains(where: { $0.name == column && $0.type.isNumeric }) else {
                    throw invalid("'\(column)' is no numeric feature", "name some that are, or none for the losses")
                }
            }
        }
    }

    private func checkMetric(
        _ metric: String, _ metrics: [(name: String, windows: [Window])]
    ) throws(StoreError) {
        if case .count = window { throw invalid("the window \(window) never closes", "watch a window of time") }
        guard metrics.contains(where: { $0.name == metric && $0.windows.contains(window) }) else {
            throw invalid("the metric '\(metric)' is not registered over \(window)", "register it so first")
        }
    }

    private func invalid(_ message: String, _ remedy: String) -> StoreError {
        StoreError(.invalidInput, "alert '\(name)': \(message)", remedy: remedy)
    }
}
