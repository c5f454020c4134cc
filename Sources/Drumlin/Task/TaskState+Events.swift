internal import ColumnFormat
internal import ColumnStore
internal import ColumnViews

extension TaskState {
    // MARK: Predictions

    /// Stores predictions as one call. Identical ones that are known change nothing; a different one with a known id
    /// refuses the whole call.
    func log(_ scratch: PredictionScratch, core: StoreCore, arrival: ArrivalSource) throws(StoreError) {
        try checkExists()
        var latest = Int64.min
        let earliest = clock.subtractingReportingOverflow(limits.lateness.microseconds)
        let oldest = earliest.overflow ? Int64.min : earliest.partialValue
        let bytes = unsafe scratch.writer.bytes
        let count = scratch.items.count
        for place in 0..<count {
            let item = scratch.items[place]
            guard item.generation == generation else {
                throw StoreError(
                    .invalidInput, "task '\(name)' was cleared after this prediction was made for it",
                    remedy: "make it again")
            }
            let id = unsafe UnsafeRawBufferPointer(rebasing: bytes[item.id])
            latest = max(latest, item.at)
            if let row = unsafe try predictions.find(column: tables.idColumn, key: id) {
                guard try isSamePrediction(scratch, item, as: row) else { throw unsafe duplicate(id, row: row) }
                scratch.items[place].isKnown = true
            } else if item.at < max(edge, oldest) {
                throw item.at < edge ? unsafe dropped(id, at: item.at) : unsafe tooLate(id, at: item.at)
            }
        }
        if count > 1 { try markRepeats(scratch) }
        var row = predictions.endRow
        let arrivalTime = arrival.time(ofEvent: latest)
        let source = try store(scratch, in: core, arrival: arrivalTime)
        // Nothing is counted before it is stored: where the log has no room, the call comes again.
        counters.duplicates += scratch.items.count { $0.isKnown }
        guard let source else { return }
        let watermark = view.clock.watermark ?? .min
        for item in scratch.items where !item.isKnown {
            if item.at < watermark { events.add(1, to: .latePredictions) }
            try unsafe countPrediction(
                row: row, at: item.at, facts: item.facts, id: UnsafeRawBufferPointer(rebasing: bytes[item.id]),
                labelsBelow: .max)
            row += 1
        }
        try advance(to: arrivalTime, source: source, core: core)
    }

    /// Stores the rows that are new as one call, and returns the number of its first row; nil where there is none.
    private func store(
        _ scratch: PredictionScratch, in core: StoreCore, arrival: Int64
    ) throws(StoreError) -> UInt64? {
        let items = scratch.items
        if !items.contains(where: \.isKnown) {
            return unsafe try core.append(
                items.count, rows: scratch.writer.bytes, to: predictions, arrival: Timestamp(microseconds: arrival))
        }
        var first = 0
        var hasRows = false
        while first < items.count {
            guard !items[first].isKnown else {
                first += 1
                continue
            }
            // Neighbours together.
            var end = first + 1
            while end < items.count, !items[end].isKnown { end += 1 }
            let bytes = items[first].rows.lowerBound..<items[end - 1].rows.upperBound
            unsafe try core.add(end - first, rows: scratch.rows(bytes), to: predictions)
            hasRows = true
            first = end
        }
        return hasRows ? try core.commit(arrival: Timestamp(microseconds: arrival)) : nil
    }

    /// Finds ids that come twice within one call.
    private func markRepeats(_ scratch: PredictionScratch) throws(StoreError) {
        var first: [[UInt8]: Int] = [:]
        for place in scratch.items.indices {
            let item = scratch.items[place]
            let id = unsafe Array(scratch.id(of: item))
            guard let earlier = first[id] else {
                first[id] = place
                continue
            }
            let other = scratch.items[earlier]
            guard unsafe ByteOrder.isEqual(scratch.rows(item.rows), scratch.rows(other.rows)) else {
                throw StoreError(
                    .duplicateID, "the id '\(Self.printable(id))' comes twice in one call, with different predictions",
                    remedy: "give each prediction an id of its own")
            }
            scratch.items[place].isKnown = true
        }
    }

    /// Whether a stored prediction is the one that was given, bucket and epoch apart: those are the store's own.
    private func isSamePrediction(
        _ scratch: PredictionScratch, _ item: PredictionScratch.Item, as row: UInt64
    ) throws(StoreError) -> Bool {
        let given = Memtable(
            schema: tables.predictions, layout: RowLayout(tables.predictions), firstRow: 0, hash: IndexHash())
        do {
            unsafe try given.append(rows: 1, from: scratch.rows(item.rows))
        } catch {
            throw StoreError(.invalidInput, "\(error)")
        }
        for column in tables.predictions.columns.indices
        where column != tables.bucketColumn && column != tables.epochColumn {
            let (old, new) = (
                try predictions.value(row: row, column: column), given.snapshot(column: column).value(at: 0)
            )
            if !old.isIdentical(to: new) { return false }
        }
        return true
    }

    private func duplicate(_ id: UnsafeRawBufferPointer, row: UInt64) -> StoreError {
        unsafe StoreError(
            .duplicateID,
            "task '\(name)' has another prediction with the id '\(Self.printable(Array(id)))' in row \(row)",
            remedy: "give each prediction an id of its own; nothing was changed")
    }

    private func dropped(_ id: UnsafeRawBufferPointer, at: Int64) -> StoreError {
        unsafe StoreError(
            .invalidInput,
            "the prediction '\(Self.printable(Array(id)))' is of \(Timestamp(microseconds: at)), and task '\(name)' keeps "
                + "none from before \(Timestamp(microseconds: edge))",
            remedy: "give the table of predictions a longer retention before such predictions come")
    }

    private func tooLate(_ id: UnsafeRawBufferPointer, at: Int64) -> StoreError {
        events.add(1, to: .refusedPredictions)
        return unsafe StoreError(
            .limitReached,
            "the prediction '\(Self.printable(Array(id)))' is of \(Timestamp(microseconds: at)), more than "
                + "\(Window.text(of: limits.lateness)) behind the clock of task '\(name)'",
            remedy: "correct its time, or raise the limit 'lateness'")
    }

    /// Refuses feedback for `count` more ids without a prediction where too many wait already.
    private func checkPending(_ count: Int, feedbackCount: Int) throws(StoreError) {
        guard count > 0, pendingCount + count > limits.pendingLabels else { return }
        events.add(feedbackCount, to: .refusedFeedback)
        throw StoreError(
            .limitReached, "\(pendingCount) ids of task '\(name)' have feedback and no prediction",
            remedy: "log the predictions first, or raise the limit 'pendingLabels'")
    }

    /// An id for people: cut, and without the characters that move a terminal's cursor.
    static func printable(_ id: [UInt8]) -> String {
        let text = String(decoding: id.prefix(64), as: UTF8.self).unicodeScalars.map { scalar in
            scalar.value < 32 || (127..<160).contains(scalar.value) ? "\u{FFFD}" : String(scalar)
        }
        return text.joined() + (id.count > 64 ? "…" : "")
    }

    // MARK: Feedback

    /// Feedback that is new, with what is known of its prediction before it is stored.
    private struct Accepted {
        let item: Int
        let predictionRow: UInt64?
        /// The label that counts so far.
        let before: Label?
        /// Whether the same call has earlier feedback for the id, which `before` does not know.
        let isRepeated: Bool
    }

    /// Stores one piece of feedback. If it is known already, nothing changes.
    func log(
        _ item: FeedbackItem, encoder: EventEncoder, core: StoreCore, arrival: ArrivalSource
    ) throws(StoreError) {
        try checkExists()
        let found = try find(item)
        if found.isKnown {
            counters.duplicates += 1
            return
        }
        if found.predictionRow == nil, item.at < edge {
            counters.expired += 1
            return
        }
        if found.predictionRow == nil, found.before == nil { try checkPending(1, feedbackCount: 1) }
        let row = labels.endRow
        let arrivalTime = arrival.time(ofEvent: item.at)
        labelRows.removeAll()
        try encode(item, predictionRow: found.predictionRow, encoder: encoder, into: &labelRows)
        let source = unsafe try core.append(
            1, rows: labelRows.bytes, to: labels, arrival: Timestamp(microseconds: arrivalTime))
        try countLabel(
            Label(row: row, at: item.at, value: item.label), after: found.before, predictionRow: found.predictionRow)
        try advance(to: arrivalTime, source: source, core: core)
    }

    /// Stores feedback as one call. Feedback that is known already changes nothing.
    func log(
        _ feedback: [FeedbackItem], encoder: EventEncoder, core: StoreCore, arrival: ArrivalSource
    ) throws(StoreError) {
        try checkExists()
        var accepted: [Accepted] = []
        accepted.reserveCapacity(feedback.count)
        var (duplicates, expired, pending) = (0, 0, 0)
        var latest = Int64.min
        labelRows.removeAll()
        var earlier: [String: [Int]] = [:]
        for place in feedback.indices {
            latest = max(latest, feedback[place].at)
            let repeats = earlier[feedback[place].id, default: []]
            earlier[feedback[place].id] = repeats + [place]
            let found = try find(feedback[place])
            if found.isKnown || repeats.contains(where: { feedback[$0].isIdentical(to: feedback[place]) }) {
                duplicates += 1
                continue
            }
            if found.predictionRow == nil, feedback[place].at < edge {
                expired += 1
                continue
            }
            if found.predictionRow == nil, found.before == nil, repeats.isEmpty { pending += 1 }
            try encode(feedback[place], predictionRow: found.predictionRow, encoder: encoder, into: &labelRows)
            accepted.append(
                Accepted(
                    item: place, predictionRow: found.predictionRow, before: found.before,
                    isRepeated: !repeats.isEmpty))
        }
        let countKnown = {
            self.counters.duplicates += duplicates
            self.counters.expired += expired
        }
        guard !accepted.isEmpty else { return countKnown() }
        try checkPending(pending, feedbackCount: feedback.count)
        var row = labels.endRow
        let arrivalTime = arrival.time(ofEvent: latest)
        let source = unsafe try core.append(
            accepted.count, rows: labelRows.bytes, to: labels, arrival: Timestamp(microseconds: arrivalTime))
        countKnown()
        for entry in accepted {
            let item = feedback[entry.item]
            if entry.isRepeated {
                var id = item.id
                unsafe try id.withUTF8Throwing { (bytes) throws(StoreError) in
                    unsafe try countLabel(row: row, predictionRow: entry.predictionRow, id: bytes)
                }
            } else {
                try countLabel(
                    Label(row: row, at: item.at, value: item.label), after: entry.before,
                    predictionRow: entry.predictionRow)
            }
            row += 1
        }
        try advance(to: arrivalTime, source: source, core: core)
    }

    /// Looks for the prediction of some feedback, for the label that counts for it so far, and for the same feedback.
    private func find(
        _ item: FeedbackItem
    ) throws(StoreError) -> (predictionRow: UInt64?, before: Label?, isKnown: Bool) {
        var id = item.id
        var isKnown = false
        var before: Label?
        let predictionRow = unsafe try id.withUTF8Throwing { (bytes) throws(StoreError) -> UInt64? in
            let row = unsafe try predictions.find(column: tables.idColumn, key: bytes)
            if let row { prefetchLabel(of: row) }
            unsafe try forEachLabel(row: row, id: bytes) { (label: Label) throws(StoreError) in
                if !isKnown, label.at == item.at, label.value == item.label {
                    isKnown = try holds(item.observed, row: label.row)
                }
                if let known = before, (known.at, known.row) > (label.at, label.row) { return }
                before = label
            }
            return row
        }
        return (predictionRow, before, isKnown)
    }

    /// Begins to load what the label of a prediction will touch: far apart, and nothing of it depends on the rest.
    private func prefetchLabel(of row: UInt64) {
        recentFacts.prefetch(row: row)
        unsafe withUnsafeBytes(of: row) { key in
            unsafe labels.prefetchInsertion(column: tables.labelRowColumn, key: key)
        }
    }

    private func encode(
        _ item: FeedbackItem, predictionRow: UInt64?, encoder: EventEncoder, into writer: inout RowWriter
    ) throws(StoreError) {
        writer.beginRow(labels.layout)
        if let predictionRow {
            writer.null(tables.labelIDColumn)
            writer.fixed(predictionRow)
        } else {
            writer.string(item.id)
            writer.null(tables.labelRowColumn)
        }
        writer.fixed(item.at)
        switch (item.label, schema.kind) {
        case (nil, _): writer.null(tables.labelColumn)
        case (let label?, .binary): writer.fixed(UInt8(label))
        case (let label?, .multiclass): writer.fixed(UInt16(label))
        case (let label?, .regression): writer.fixed(label)
        }
        try encoder.writeObserved(item.observed, firstColumn: tables.firstLabelObservedColumn, into: &writer)
    }

    /// Whether a stored label has exactly these observed values: queues deliver twice.
    private func holds(_ observed: [String: Value], row: UInt64) throws(StoreError) -> Bool {
        for (place, column) in schema.observed.enumerated() {
            let stored = try labels.value(row: row, column: tables.firstLabelObservedColumn + place)
            let given = ColumnBuilder(type: column.type.columnType, capacity: 1)
            guard given.append(value: observed[column.name] ?? .null) else { return false }
            if !stored.isIdentical(to: given.snapshot().value(at: 0)) { return false }
        }
        return true
    }
}

/// One piece of feedback, checked.
struct FeedbackItem {
    var id: String
    var at: Int64
    /// The class index or the value; nil withdraws.
    var label: Double?
    var observed: [String: Value]

    func isIdentical(to other: FeedbackItem) -> Bool {
        id.utf8.elementsEqual(other.id.utf8) && at == other.at && label == other.label && observed == other.observed
    }
}

/// Says when an event arrived.
struct ArrivalSource {
    let clock: ArrivalClock
    let now: Int64

    func time(ofEvent at: Int64) -> Int64 { clock == .wall ? now : at }
}

extension Value {
    /// Equality in which NaN equals itself: the question is whether the same was logged.
    func isIdentical(to other: Value) -> Bool {
        switch (self, other) {
        case (.float32(let a), .float32(let b)): a.bitPattern == b.bitPattern
        case (.float64(let a), .float64(let b)): a.bitPattern == b.bitPattern
        case (.vector(let a), .vector(let b)): a.map(\.bitPattern) == b.map(\.bitPattern)
        case (.string(let a), .string(let b)): a.utf8.elementsEqual(b.utf8)
        default: self == other
        }
    }
}

extension String {
    mutating func withUTF8Throwing<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        let result = withUTF8 { bytes in
            Result { () throws(E) -> R in unsafe try body(UnsafeRawBufferPointer(bytes)) }
        }
        return try result.get()
    }
}
