internal import ColumnFormat
internal import ColumnStore
internal import ColumnViews

extension TaskState {
    private static let checkpointVersion: UInt8 = 4
    /// How many calls before its turn memory for one is asked for.
    private static let replayLookahead = 12

    /// The state after exactly the rows that the tables have now. Called under the lock when memtables are frozen.
    func checkpoint() throws(ViewError) -> [UInt8] {
        events.set(.pendingLabels, to: pendingCount)
        var writer = ByteWriter(reservingCapacity: 1 << 14)
        writer.append(Self.checkpointVersion)
        writer.append(varint: predictions.endRow)
        writer.append(varint: labels.endRow)
        writer.append(varint: UInt64(pendingCount))
        writer.append(UInt8(hasIDLabels ? 1 : 0))
        counters.write(to: &writer)
        layout.write(to: &writer)
        let bytes = try view.encode()
        writer.append(varint: UInt64(bytes.count))
        writer.append(bytes: bytes)
        writer.append(varint: UInt64(counters.expired))
        writer.append(coveredFrom ?? .min)
        writer.append(varint: UInt64(checkProgress.count))
        let order = checkProgress.sorted {
            ($0.key.constraint, $0.key.event.rawValue) < ($1.key.constraint, $1.key.event.rawValue)
        }
        for (key, row) in order {
            writer.append(string: key.constraint)
            writer.append(UInt8(key.event == .prediction ? 0 : 1))
            writer.append(varint: row)
        }
        writer.append(varint: UInt64(segments.count))
        for state in segments { try state.encode(to: &writer) }
        return writer.bytes
    }

    /// Takes over a checkpoint if it is of exactly the sealed rows and its panes serve what is registered now; else only
    /// its clock. A checkpoint is a copy of what the rows say, so one that cannot be used is not an error: the rows are
    /// read again.
    func restore(checkpoint bytes: [UInt8], byteLimit: Int) -> Bool {
        let decoded = unsafe bytes.withUnsafeBytes { raw in
            unsafe try? decode(raw, byteLimit: byteLimit)
        }
        guard let decoded, decoded.predictionRows <= predictions.sealedEndRow,
            decoded.labelRows <= labels.sealedEndRow
        else { return false }
        for (key, row) in decoded.checkProgress { noteChecked(key, upTo: row) }
        #if DRUMLIN_INJECTED_BUGS
            let isForgotten = InjectedBug.forgetCheckpointSequence.isOn
        #else
            let isForgotten = false
        #endif
        let isCovering =
            decoded.predictionRows == predictions.sealedEndRow && decoded.labelRows == labels.sealedEndRow
        guard isCovering || isForgotten, layout.onlyAddsEpochs(to: decoded.layout),
            view.windows.allSatisfy(decoded.view.paneWidth.divides),
            segments.allSatisfy({ state in decoded.segments.contains { $0.segmentation == state.segmentation } })
        else {
            if let time = decoded.view.clock.time { view.advance(to: time) }
            return false
        }
        hasNewMetrics = layout.metrics != decoded.layout.metrics
        let windows = view.windows
        view = decoded.view
        for window in view.windows where !windows.contains(window) { view.unregister(window) }
        for window in windows { _ = try? view.register(window) }
        for state in segments {
            if let own = decoded.segments.first(where: { $0.segmentation == state.segmentation }) { state.restore(own) }
        }
        pendingCount = decoded.pendingCount
        hasIDLabels = decoded.hasIDLabels
        counters = decoded.counters
        coveredFrom = decoded.coveredFrom
        return true
    }

    private struct Decoded {
        let predictionRows: UInt64
        let labelRows: UInt64
        let pendingCount: Int
        let hasIDLabels: Bool
        let counters: TaskCounters
        let layout: CellLayout
        let view: WindowedView
        let coveredFrom: Int64?
        let checkProgress: [CheckKey: UInt64]
        let segments: [SegmentState.Decoded]
    }

    private func decode(_ bytes: UnsafeRawBufferPointer, byteLimit: Int) throws(FormatError) -> Decoded {
        var reader = unsafe ByteReader(bytes)
        let version = try reader.read(UInt8.self)
        guard (1...Self.checkpointVersion).contains(version) else {
            throw FormatError(.unsupported, "a checkpoint of another version")
        }
        let (predictionRows, labelRows) = (try reader.readVarint(), try reader.readVarint())
        let pending = try reader.readCount(limit: 1 << 60, of: "pending labels")
        let hasIDLabels = try reader.read(UInt8.self) != 0
        var counters = try TaskCounters(from: &reader)
        let layout = try CellLayout(from: &reader)
        let byteCount = try reader.readCount(limit: reader.remaining, of: "bytes of a view")
        let view = unsafe try WindowedView(decoding: try reader.readBytes(byteCount), byteLimit: byteLimit)
        var coveredFrom: Int64?
        if version > 1 {
            counters.expired = try reader.readCount(limit: 1 << 60, of: "expired labels")
            coveredFrom = try reader.read(Int64.self)
        }
        var checkProgress: [CheckKey: UInt64] = [:]
        if version > 2 {
            for _ in 0..<(try reader.readCount(limit: reader.remaining, of: "constraints")) {
                let name = try reader.readString(limit: 1 << 20)
                let event: CheckedEvent = try reader.read(UInt8.self) == 0 ? .prediction : .feedback
                checkProgress[CheckKey(constraint: name, event: event)] = try reader.readVarint()
            }
        }
        var segments: [SegmentState.Decoded] = []
        if version > 3 {
            for _ in 0..<(try reader.readCount(limit: 1_000, of: "segments")) {
                segments.append(try SegmentState.decode(from: &reader, width: view.paneWidth))
            }
        }
        return Decoded(
            predictionRows: predictionRows, labelRows: labelRows, pendingCount: pending, hasIDLabels: hasIDLabels,
            counters: counters, layout: layout, view: view, coveredFrom: coveredFrom == .min ? nil : coveredFrom,
            checkProgress: checkProgress, segments: segments)
    }

    // MARK: Replay

    /// A window that was due in a replay, with the metrics of which no publication was found.
    struct Unpublished {
        let window: DueWindow
        let source: UInt64
        var metrics: [MetricRegistration]
    }

    /// Repeats the calls that the logs hold, in their order, on a state that was restored from a checkpoint.
    ///
    /// What was published then is in the metrics table and is not published again; what a crash kept from being published
    /// is returned, with the number of the event that it comes from.
    func replay(_ journal: ReplayJournal) throws(StoreError) -> [Unpublished] {
        var unpublished: [Unpublished] = []
        var places: [PublishedKey: [Int]] = [:]
        for i in 0..<journal.count {
            let entry = journal[i]
            if i + Self.replayLookahead < journal.count { prefetch(journal[i + Self.replayLookahead]) }
            switch entry.tableID {
            case predictions.id: try replayPredictions(entry)
            case labels.id: try replayLabels(entry)
            case metricsTable.id: break
            default: continue
            }
            view.advance(to: entry.arrival)
            while view.isDue {
                for window in try takeDue() {
                    let metrics = registrations.filter { $0.windows.contains(window.window) }
                    places[PublishedKey(window).withoutRevision, default: []].append(unpublished.count)
                    unpublished.append(Unpublished(window: window, source: entry.sequence, metrics: metrics))
                }
            }
            guard entry.tableID == metricsTable.id else { continue }
            for row in entry.firstRow..<(entry.firstRow + UInt64(entry.rowCount)) {
                guard let (metric, key) = try published(row) else { continue }
                // A metric that was registered later begins with a later revision.
                for place in places[key.withoutRevision] ?? []
                where unpublished[place].window.revision <= key.revision {
                    unpublished[place].metrics.removeAll { $0.name == metric }
                }
                note(key)
            }
        }
        return unpublished.filter { !$0.metrics.isEmpty }
    }

    /// What tells the publications of a window apart.
    struct PublishedKey: Hashable {
        let window: Window
        let start: Int64?
        let revision: Int

        init(window: Window, start: Int64?, revision: Int) {
            self.window = window
            self.start = start
            self.revision = revision
        }

        var withoutRevision: PublishedKey { PublishedKey(window: window, start: start, revision: 0) }

        init(_ due: DueWindow) { self.init(window: due.window, start: due.start, revision: due.revision) }
    }

    /// The metric and the window of a row of the metrics table; nil for a window that this version does not know.
    private func published(_ row: UInt64) throws(StoreError) -> (metric: String, key: PublishedKey)? {
        let columns = MetricTable.schema
        func place(_ name: String) -> Int { columns.position(of: name)! }
        guard case .string(let metric) = try metricsTable.value(row: row, column: place("metric")),
            case .string(let text) = try metricsTable.value(row: row, column: place("window")),
            let window = Window(text)
        else { return nil }
        let start = try metricsTable.int64(row: row, column: place("window_start"))
        let revision = Int(try metricsTable.int64(row: row, column: place("revision")) ?? 0)
        return (metric, PublishedKey(window: window, start: start, revision: revision))
    }

    private func note(_ key: PublishedKey) {
        view.notePublished(
            WindowInterval(window: key.window, start: key.start, end: nil), revision: key.revision)
    }

    /// Tells the view what the metrics table holds, and moves the clock to where it was when the last of it was computed.
    func noteAllPublished() throws(StoreError) {
        var newest: [PublishedKey: Int] = [:]
        var time = Int64.min
        let scan = try metricsTable.snapshot().scan(columns: ["window", "window_start", "revision", "computed_at"])
        while let batch = try scan.next() {
            let (starts, revisions, times) = (
                batch.slice("window_start"), batch.slice("revision"), batch.slice("computed_at")
            )
            for place in 0..<batch.rowCount {
                guard case .string(let text) = batch[place, "window"], let window = Window(text) else { continue }
                let start = starts.isNull(place) ? nil : starts.int64(at: place)
                let key = PublishedKey(window: window, start: start, revision: 0)
                newest[key] = max(newest[key] ?? 0, Int(revisions.int64(at: place)))
                if !times.isNull(place) { time = max(time, times.int64(at: place)) }
            }
        }
        for (key, revision) in newest { note(PublishedKey(window: key.window, start: key.start, revision: revision)) }
        if time > .min { view.advance(to: time) }
    }

    private func replayPredictions(_ entry: JournalEntry) throws(StoreError) {
        for row in entry.firstRow..<(entry.firstRow + UInt64(entry.rowCount)) {
            guard predictions.isLive(row) else { continue }
            let place = try predictions.place(of: row)
            let (facts, at) = try facts(ofRow: row, at: place)
            // Feedback that is in the store already but came later is counted when its own turn comes.
            let limit = replayedLabelRow
            guard pendingCount > 0 else {
                unsafe try countPrediction(row: row, at: at, facts: facts, id: Self.noID, labelsBelow: limit)
                continue
            }
            unsafe try place.withText(column: tables.idColumn) { (id) throws(StoreError) in
                unsafe try countPrediction(row: row, at: at, facts: facts, id: id, labelsBelow: limit)
            }
        }
    }

    private func replayLabels(_ entry: JournalEntry) throws(StoreError) {
        for row in entry.firstRow..<(entry.firstRow + UInt64(entry.rowCount)) {
            replayedLabelRow = row + 1
            guard labels.isLive(row) else { continue }
            if let predictionRow = try labels.int64(row: row, column: tables.labelRowColumn) {
                let target = UInt64(bitPattern: predictionRow)
                guard target < predictions.endRow else { continue }
                guard hasIDLabels else {
                    unsafe try countLabel(row: row, predictionRow: target, id: Self.noID)
                    continue
                }
                unsafe try predictions.place(of: target).withText(column: tables.idColumn) { (id) throws(StoreError) in
                    unsafe try countLabel(row: row, predictionRow: target, id: id)
                }
            } else {
                unsafe try labels.place(of: row).withText(column: tables.labelIDColumn) { (id) throws(StoreError) in
                    unsafe try countLabel(row: row, predictionRow: nil, id: id)
                }
            }
        }
    }

    /// The id of a prediction that nobody will look for.
    private static var noID: UnsafeRawBufferPointer { unsafe UnsafeRawBufferPointer(start: nil, count: 0) }

    /// Begins to load what an entry that comes soon will touch far apart.
    private func prefetch(_ entry: JournalEntry) {
        if entry.tableID == labels.id {
            guard case .memory(let memtable, let row)? = try? labels.place(of: entry.firstRow) else { return }
            let cursor = memtable.cursor(column: tables.labelRowColumn)
            if !cursor.isNull(at: row) {
                recentFacts.prefetch(row: UInt64(bitPattern: cursor.int64(at: row, type: .uint64)))
            }
        } else if entry.tableID == predictions.id, pendingCount > 0 {
            unsafe try? predictions.place(of: entry.firstRow).withText(column: tables.idColumn) { id in
                unsafe labels.prefetchInsertion(column: tables.labelIDColumn, key: id)
            }
        }
    }
}

extension CellLayout {
    /// Whether panes of an older layout serve this one as they are: it differs by epochs that had no prediction then.
    fileprivate func onlyAddsEpochs(to older: CellLayout) -> Bool {
        kind == older.kind && epochCount >= older.epochCount && groups.starts(with: older.groups)
            && groups.dropFirst(older.groups.count).allSatisfy { $0.epoch >= older.epochCount }
    }
}
