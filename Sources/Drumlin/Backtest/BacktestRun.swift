internal import ColumnFormat
internal import ColumnStore
internal import ColumnViews
internal import Synchronization

/// One back-test: what of the task it was made of, as of one moment, and how its rows are counted.
struct BacktestRun: Sendable {
    let task: String
    let predictions: TableSnapshot
    let labels: TableSnapshot
    let early: [EarlyLabel]
    let schema: TaskSchema
    let layout: CellLayout
    let epochs: [Epoch]
    /// Whether rows have other buckets than the stored ones.
    let isReassigned: Bool
    let windows: [Window]
    let clock: EventClock
    let plan: Backtest
    /// The slices by each segmentation.
    let segments: [SegmentRegistration]

    /// The panes that one thread has counted.
    struct Part: @unchecked Sendable {
        let view: WindowedView
        /// With withheld labels: the same predictions with their labels.
        let truth: WindowedView?
        let segments: [SegmentState]
        let truthSegments: [SegmentState]
        let predictionCount: Int
    }

    /// Counts all rows, on the calling thread and up to `parallelism` − 1 others.
    func count(_ progress: ((_ count: Int, _ total: Int) -> Void)?) throws(StoreError) -> [Part] {
        let first = predictions.firstRow
        let rowCount = max(predictions.endRow, first) - first
        let threads = max(1, min(UInt64(plan.parallelism), rowCount / Self.rowsWorthAThread))
        let ranges = (0..<threads).map { (first + rowCount * $0 / threads)..<(first + rowCount * ($0 + 1) / threads) }
        let results = Results(count: ranges.count)
        let helpers = ranges.indices.dropFirst().map { index in
            let helper = ThreadExecutor(name: "drumlin-back-\(index)")
            helper.submit { results.set(index, Result { () throws(StoreError) in try self.count(ranges[index]) }) }
            return helper
        }
        results.set(
            0,
            Result { () throws(StoreError) in
                try self.count(ranges[0]) { progress?(min($0 * ranges.count, Int(rowCount)), Int(rowCount)) }
            })
        for helper in helpers { helper.stop() }
        return try results.all()
    }

    private static let rowsWorthAThread: UInt64 = 16_384

    private final class Results: Sendable {
        private let values: Mutex<[Result<Part, StoreError>?]>

        init(count: Int) { values = Mutex(Array(repeating: nil, count: count)) }

        func set(_ index: Int, _ result: Result<Part, StoreError>) { values.withLock { $0[index] = result } }

        func all() throws(StoreError) -> [Part] {
            var parts: [Part] = []
            for result in values.withLock({ $0 }) { if let result { parts.append(try result.get()) } }
            return parts
        }
    }

    private func count(_ rows: Range<UInt64>, _ progress: ((Int) -> Void)? = nil) throws(StoreError) -> Part {
        let history = JoinedRows(
            kind: schema.kind, predictions: predictions, labels: labels, early: early,
            features: columns)
        let isWithheld = plan.labels == .withheld
        let view = try emptyView()
        let truth = isWithheld ? try emptyView() : nil
        var counting = HistoryCounting(layout: layout, epochs: epochs, labels: isWithheld ? .withheld : .known)
        var labeled = HistoryCounting(layout: layout, epochs: epochs, labels: .only)
        let (slices, truthSlices) = (emptySegments(view), isWithheld ? emptySegments(view) : [])
        var sliceCounting = SliceCounting(
            layout: layout, epochs: epochs, segments: slices, labels: isWithheld ? .withheld : .known)
        var sliceLabeled = SliceCounting(layout: layout, epochs: epochs, segments: truthSlices, labels: .only)
        try history.forEachBatch(of: rows, where: condition) { batch throws(StoreError) in
            let buckets = isReassigned ? assigned(batch) : nil
            try counting.count(batch, buckets: buckets, into: view)
            if let truth { try labeled.count(batch, buckets: buckets, into: truth) }
            try sliceCounting.count(batch, buckets: buckets)
            try sliceLabeled.count(batch, buckets: buckets)
            progress?(counting.predictionCount)
            return true
        }
        try counting.finish(into: view)
        if let truth { try labeled.finish(into: truth) }
        return Part(
            view: view, truth: truth, segments: slices, truthSegments: truthSlices,
            predictionCount: counting.predictionCount)
    }

    /// The columns of the predictions that are read beside what the cells need.
    private var columns: [String] {
        let features =
            isReassigned && epochs.contains { $0.buckets.needsFeatures } ? schema.features.map(\.name) : []
        return features + Set(segments.flatMap(\.segmentation.columns)).subtracting(features).sorted()
    }

    private func emptySegments(_ view: WindowedView) -> [SegmentState] {
        segments.map { SegmentState($0, schema: predictions.schema, width: view.paneWidth) }
    }

    private var condition: Predicate? {
        guard let times = plan.times else { return nil }
        // What begins in the interval may end behind it.
        return .greaterOrEqual("_at", .timestamp(times.lowerBound))
    }

    private func emptyView() throws(StoreError) -> WindowedView {
        do {
            return try WindowedView(windows: windows, clock: clock, byteLimit: TaskLoading.viewByteLimit)
        } catch {
            throw StoreError(.invalidInput, "\(error)", remedy: "give other windows")
        }
    }

    /// The new bucket of each row.
    private func assigned(_ batch: JoinedBatch) -> [Int32] {
        var features = StoredFeatures(schema)
        if epochs.contains(where: { $0.buckets.needsFeatures }) { features.append(batch.batch, schema) }
        let featureCount = schema.features.count
        return (0..<batch.count).map { place in
            let facts = batch.facts.facts(at: place)
            guard epochs.indices.contains(Int(facts.epoch)) else { return facts.bucket }
            return Int32(
                epochs[Int(facts.epoch)].buckets.assign(
                    score: facts.score, predictedClass: Int(facts.predictedClass), features: features.row(place),
                    featureCount: featureCount))
        }
    }

    // MARK: Rows

    /// The rows of a metric over the windows of a kind, ascending.
    func rows(_ metric: Metric, _ window: Window, of parts: [Part]) throws(StoreError) -> [MetricRow] {
        let maker = MetricRowMaker(
            task: task, layout: layout, epochs: epochs, estimator: schema.resolvedEstimator,
            clock: clock.time, coveredFrom: nil)
        do throws(ViewError) {
            var rows: [MetricRow] = []
            for interval in try intervals(window, of: parts) {
                let cells = try cells(of: interval, in: parts.map(\.view))
                var status = clock.status(end: interval.end, unlabeled: layout.unlabeledCount(cells))
                if case .trailing = window { status = .open }
                var row = maker.rows([metric], interval: interval, cells: cells, status: status, revision: 0)[0]
                if plan.labels == .withheld {
                    let labeled = try self.cells(of: interval, in: parts.compactMap(\.truth))
                    row.compare(MetricEvaluator(cells: labeled, layout: layout, epochs: []).evaluate(metric))
                }
                rows.append(row)
            }
            return rows
        } catch {
            throw StoreError(.invalidInput, "\(error)", remedy: "give other windows")
        }
    }

    private func intervals(_ window: Window, of parts: [Part]) throws(ViewError) -> [WindowInterval] {
        var found = Set<WindowInterval>()
        let from = plan.times?.lowerBound.microseconds ?? .min
        let to = plan.times?.upperBound.microseconds ?? .max
        for part in parts {
            for interval in try part.view.currentWindows(window, from: from, to: to) { found.insert(interval) }
        }
        return found.sorted { ($0.start ?? .min) < ($1.start ?? .min) }
    }

    /// The rows of a metric over the windows of a kind, slice by slice.
    func sliceRows(_ metric: Metric, _ window: Window, of parts: [Part]) throws(StoreError) -> [[MetricRow]] {
        let maker = MetricRowMaker(
            task: task, layout: layout, epochs: epochs, estimator: schema.resolvedEstimator, clock: clock.time,
            coveredFrom: nil)
        do throws(ViewError) {
            var result: [[MetricRow]] = []
            let intervals = segments.isEmpty ? [] : try intervals(window, of: parts)
            for place in segments.indices {
                var names: [String] = []
                for part in parts {
                    for slice in part.segments[place].slices where !names.contains(slice.name) {
                        names.append(slice.name)
                    }
                }
                for name in names {
                    var rows: [MetricRow] = []
                    for interval in intervals {
                        let cells = try cells(of: interval, slice: name, in: parts.map { $0.segments[place] })
                        guard cells[ReservedCell.predictions] > 0 else { continue }
                        var status = clock.status(end: interval.end, unlabeled: layout.unlabeledCount(cells))
                        if case .trailing = window { status = .open }
                        var row = maker.rows([metric], interval: interval, cells: cells, status: status, revision: 0)[0]
                        if plan.labels == .withheld {
                            let labeled = try self.cells(
                                of: interval, slice: name, in: parts.map { $0.truthSegments[place] })
                            row.compare(MetricEvaluator(cells: labeled, layout: layout, epochs: []).evaluate(metric))
                        }
                        row.segment = name
                        rows.append(row)
                    }
                    if !rows.isEmpty { result.append(rows) }
                }
            }
            return result
        } catch {
            throw StoreError(.invalidInput, "\(error)", remedy: "give other windows")
        }
    }

    private func cells(
        of interval: WindowInterval, slice: String, in states: [SegmentState]
    ) throws(ViewError) -> [Int64] {
        var total = [Int64](repeating: 0, count: layout.cellCount)
        var buffer: [Int64] = []
        for state in states {
            guard let own = state.slices.first(where: { $0.name == slice }) else { continue }
            try own.panes.cells(of: interval, into: &buffer, count: layout.cellCount)
            for cell in total.indices { total[cell] &+= buffer[cell] }
        }
        return total
    }

    /// The sum of the cells that several views have of a window.
    private func cells(of interval: WindowInterval, in views: [WindowedView]) throws(ViewError) -> [Int64] {
        var total = [Int64](repeating: 0, count: layout.cellCount)
        var buffer: [Int64] = []
        for view in views {
            try view.cells(of: interval, into: &buffer, count: layout.cellCount)
            for cell in total.indices { total[cell] &+= buffer[cell] }
        }
        return total
    }
}

extension MetricRow {
    /// Sets an estimate beside what the labels of the same predictions came to.
    fileprivate mutating func compare(_ labels: MetricEstimate) {
        labeledValue = labels.labeledValue
        labelDelayP50 = labels.labelDelayP50
        labelDelayP95 = labels.labelDelayP95
        labeledCount = Int(labels.labeledCount)
        unlabeledCount = 0
        method = method.map { "\($0):withheld" }
    }
}
