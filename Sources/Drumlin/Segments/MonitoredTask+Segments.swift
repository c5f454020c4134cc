internal import ColumnFormat
public import ColumnStore
internal import ColumnViews
internal import Synchronization

extension MonitoredTask {
    /// Keeps all built-in metrics, over all their windows of time, also for each slice of the predictions: those with the same
    /// values in some columns.
    ///
    /// Registering it again changes nothing. What was logged before is counted as if it had been registered from the
    /// beginning. Slices get their names from the most frequent values that are there then, and after that from values in
    /// the order in which they come, until there are `limit` of them; all other values are one slice more, `vendor:other`. An
    /// event costs one more addition to panes a segmentation, whatever the number of slices. Closures and windows of a number
    /// of predictions are not kept for slices.
    ///
    /// Throws `.invalidInput` for columns that do not exist or hold floating-point numbers, times, bytes or vectors,
    /// `.schemaMismatch` where the same columns are registered with another limit. Complexity: O(predictions + labels).
    public func registerSegments(_ segmentation: Segmentation) throws(StoreError) {
        try check(segmentation)
        try shared.registration.withLock { _ throws(StoreError) in
            let (known, snapshot) = try store.read { _ throws(StoreError) in
                try shared.state.checkExists()
                return (shared.state.segments.map(\.registration), shared.state.predictions.snapshot())
            }
            if let existing = known.first(where: { $0.segmentation.columns == segmentation.columns }) {
                guard existing.segmentation == segmentation else {
                    throw StoreError(
                        .schemaMismatch,
                        "segments by \(segmentation) are registered with a limit of \(existing.segmentation.limit)",
                        remedy: "register them so, or call unregisterSegments first")
                }
                return
            }
            let count = known.reduce(segmentation.limit) { $0 + $1.segmentation.limit }
            guard count <= Self.sliceLimit else {
                throw StoreError(
                    .limitReached, "\(count) slices in all, at most \(Self.sliceLimit) are possible",
                    remedy: "give segments lower limits")
            }
            let registration = SegmentRegistration(
                segmentation: segmentation, names: try segmentation.frequentNames(in: snapshot))
            try store.setMetadata([TaskKeys(name).segments: SegmentRegistration.bytes(of: known + [registration])])
            let isLate = try store.write { core throws(StoreError) in
                let state = shared.state
                try state.add(registration)
                if let added = state.segments.last { try state.publishMissing(added, core: core) }
                return state.predictions.endRow > 0
            }
            if isLate { try? store.seal() }
        }
    }

    /// The most slices of a task, of all its segmentations together.
    static let sliceLimit = 4_000

    /// Ends segments by some columns; what was published of them stays in the table `metrics`. Throws `.notFound` if there
    /// are none.
    public func unregisterSegments(_ columns: [String]) throws(StoreError) {
        try shared.registration.withLock { _ throws(StoreError) in
            var known = store.read { _ in shared.state.segments.map(\.registration) }
            guard let place = known.firstIndex(where: { $0.segmentation.columns == columns }) else {
                throw StoreError(.notFound, "task '\(name)' has no segments by \(columns.joined(separator: ","))")
            }
            known.remove(at: place)
            try store.setMetadata([TaskKeys(name).segments: SegmentRegistration.bytes(of: known)])
            store.read { _ in shared.state.segments.removeAll { $0.segmentation.columns == columns } }
        }
    }

    /// The segments that are registered.
    public var registeredSegments: [Segmentation] { store.read { _ in shared.state.segments.map(\.segmentation) } }

    /// The names of the slices that there are, by segmentation: `vendor=1`, `vendor=2`, `vendor:other`.
    public var segmentNames: [String] {
        store.read { _ in shared.state.segments.flatMap { $0.slices.map(\.name) } }
    }

    func check(_ segmentation: Segmentation) throws(StoreError) {
        let columns = segmentation.columns
        guard (1...Segmentation.columnLimit).contains(columns.count), Set(columns).count == columns.count else {
            throw StoreError(
                .invalidInput, "segments by \(columns.count) columns: \(segmentation)",
                remedy: "give 1 to \(Segmentation.columnLimit) columns, each once")
        }
        guard (1...Segmentation.sliceLimit).contains(segmentation.limit) else {
            throw StoreError(
                .invalidInput, "a limit of \(segmentation.limit) slices", remedy: "give 1 to \(Segmentation.sliceLimit)"
            )
        }
        let possible = (schema.features + schema.observed).filter(\.type.canBeSegment)
        for column in columns where !possible.contains(where: { $0.name == column }) {
            let isKnown = (schema.features + schema.observed).contains { $0.name == column }
            throw StoreError(
                .invalidInput,
                isKnown
                    ? "segments by '\(column)', which holds neither text nor whole numbers"
                    : "segments by '\(column)', which is no feature and not observed",
                remedy: possible.isEmpty
                    ? "log a column with few values" : "possible are \(possible.map(\.name).joined(separator: ", "))")
        }
    }

    /// Refuses a selection of slices that cannot be any.
    func check(_ selection: SegmentSelection) throws(StoreError) {
        let registered = registeredSegments
        switch selection {
        case .whole, .every: return
        case .by(let columns) where registered.contains { $0.columns == columns }: return
        case .named(let name) where segmentNames.contains(name): return
        case .by(let columns):
            throw StoreError(
                .notFound, "task '\(name)' has no segments by \(columns.joined(separator: ","))",
                remedy: registered.isEmpty
                    ? "none are registered"
                    : "registered are \(registered.map(\.description).joined(separator: " and "))")
        case .named(let segment):
            let names = segmentNames
            throw StoreError(
                .notFound, "task '\(name)' has no segment '\(segment)'",
                remedy: names.isEmpty
                    ? "there are none yet"
                    : "there are \(names.prefix(20).joined(separator: " "))\(names.count > 20 ? " …" : "")")
        }
    }
}

extension FeatureType {
    /// Whether values are few and equal ones are meant to be: text and whole numbers.
    var canBeSegment: Bool {
        switch self {
        case .float32, .float64, .bytes, .timestamp, .vector: false
        default: true
        }
    }
}

extension Segmentation {
    /// The most frequent combinations of values, most frequent first, at most ``limit``.
    func frequentNames(in predictions: TableSnapshot) throws(StoreError) -> [String] {
        guard predictions.endRow > predictions.firstRow else { return [] }
        let result: AggregateResult
        do {
            result = try predictions.aggregate([.count], groupBy: columns.map { .column($0) })
        } catch let error where error.code == .invalidInput {
            // More values than could be counted: those that come first get slices.
            return []
        }
        let groups = result.rows.map { row in
            var count: Int64 = 0
            if case .int(let number) = row.values[0] { count = number }
            return (name: name(of: row.keys), count: count)
        }
        return groups.sorted { ($1.count, $0.name) < ($0.count, $1.name) }.prefix(limit).map(\.name)
    }
}
