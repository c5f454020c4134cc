internal import ColumnFormat

/// One metric over all windows of one kind, of one slice of the data.
struct ReportSeries: Sendable {
    let metric: String
    let window: String
    /// The slice; nil for everything.
    let segment: String?
    /// In the order of time; one of windows that have no start.
    private(set) var points: [Point]
    /// How many windows there were before ``thin(to:)``.
    private(set) var windowCount: Int
    /// The value on the reference rows.
    var reference: Double?

    /// A window.
    struct Point: Sendable {
        /// As it is known now.
        var now: MetricRow
        /// As it was published first: when the window closed.
        var then: MetricRow?
    }

    init(metric: String, window: String, segment: String?, points: [Point]) {
        self.metric = metric
        self.window = window
        self.segment = segment
        self.points = points
        windowCount = points.count
    }

    /// Adds the next window.
    mutating func add(_ point: Point) {
        points.append(point)
        windowCount += 1
    }

    /// Leaves out windows until there are at most `limit`; of neighbours the extremes stay, and the last.
    mutating func thin(to limit: Int) {
        guard points.count > max(limit, 4) else { return }
        let groupCount = max(1, limit / 4)
        var kept: [Point] = []
        for group in 0..<groupCount {
            let range = (group * points.count / groupCount)..<((group + 1) * points.count / groupCount)
            var places: Set<Int> = [range.upperBound - 1]
            for key in [Self.shown, Self.gap] {
                let known = range.filter { key(points[$0]) != nil }
                let ordered = known.sorted { (key(points[$0]) ?? 0, $0) < (key(points[$1]) ?? 0, $1) }
                places.formUnion([ordered.first, ordered.last].compactMap { $0 })
            }
            kept += places.sorted().prefix(4).map { points[$0] }
        }
        points = kept
    }

    private static func shown(_ point: Point) -> Double? { point.now.labeledValue ?? point.now.value }

    /// How far labels are from what was estimated.
    private static func gap(_ point: Point) -> Double? {
        guard let labeled = point.now.labeledValue, let estimate = point.then?.unlabeledValue else { return nil }
        return (labeled - estimate).magnitude
    }
}

extension ReportSeries {
    func write(to writer: inout ReportWriter) {
        writer.object { writer in
            writer.member("metric", metric)
            writer.member("window", window)
            writer.member("slice", segment)
            writer.member("size", points.first?.now.size)
            writer.member("count", windowCount)
            writer.member("reference", reference)
            writer.member("start", points.map { $0.now.start?.microseconds.seconds ?? 0 })
            func numbers(_ name: String, _ key: KeyPath<MetricRow, Double?>) {
                writer.member(name, points.map { $0.now[keyPath: key] })
            }
            numbers("value", \.value)
            numbers("labeled", \.labeledValue)
            numbers("estimate", \.unlabeledValue)
            numbers("low", \.ciLow)
            numbers("high", \.ciHigh)
            writer.member("num_labeled", points.map { Int64($0.now.labeledCount) })
            writer.member("num_unlabeled", points.map { Int64($0.now.unlabeledCount) })
            writer.member("effective", points.map(\.now.effectiveSampleSize), digits: 3)
            writer.member("unsupported", points.map(\.now.unsupportedMass), digits: 3)
            writer.member("delay", points.map(\.now.labelDelayP50), digits: 3)
            writer.member(
                "status", points.map { ["open", "closed", "final"].firstIndex(of: $0.now.status).map(Int64.init) ?? 0 })
            writer.member("methods", Array(Set(points.compactMap { ($0.then ?? $0.now).method })).sorted())
            writer.member("error", points.last { $0.now.error != nil }?.now.error)
            guard points.contains(where: { $0.then != nil }) else { return }
            func earlier(_ name: String, _ key: KeyPath<MetricRow, Double?>) {
                writer.member(name, points.map { $0.then.flatMap { $0[keyPath: key] } })
            }
            earlier("then_value", \.value)
            earlier("then_labeled", \.labeledValue)
            earlier("then_estimate", \.unlabeledValue)
            earlier("then_low", \.ciLow)
            earlier("then_high", \.ciHigh)
            writer.member(
                "then_share",
                points.map { point in
                    point.then.map { Double($0.labeledCount) / Double(max(1, $0.labeledCount + $0.unlabeledCount)) }
                }, digits: 3)
        }
    }
}
