import ColumnFormat

extension PublicationSchedule {
    /// What is to be published at the clock, ordered by end, then by registration and start; cumulative windows last.
    ///
    /// About `limit` windows at most are returned: where more have closed, ``isDue(_:)`` stays true and the next call
    /// goes on. Throws where frozen panes cannot be read; what was found until then comes with the next call.
    package mutating func takeDue(
        _ clock: EventClock, panes: inout PaneStore, limit: Int = .max
    ) throws(ViewError) -> [DueWindow] {
        guard let time = clock.time, time >= wakeTime, let watermark = clock.watermark else { return [] }
        let limit = max(limit, 1)
        var due = undelivered
        undelivered = []
        defer { setWakeTime() }
        do throws(ViewError) {
            try takeReopened(clock, time, &panes, &due)
            while let first = heap.first, first.due <= time, due.count < limit {
                _ = heap.removeFirst()
                do throws(ViewError) {
                    try look(at: first.key, due: first.due, clock, time, &panes, &due)
                } catch {
                    heap.insert(first)
                    throw error
                }
            }
            for place in entries.indices where due.count < limit {
                if entries[place].grid != nil {
                    try takeClosed(place, clock, time, watermark, &panes, limit, &due)
                } else {
                    try takeBoundary(place, clock, time, &panes, &due)
                }
            }
        } catch {
            undelivered = due
            throw error
        }
        closedPanes = width.index(of: watermark)
        nextEdge = width.end(width.index(of: time))
        due.sort { $0.order < $1.order }
        return due.map(\.window)
    }

    struct DueItem: Sendable {
        let window: DueWindow
        let order: (end: Int64, identifier: UInt32, start: Int64)
    }

    /// Windows that nobody watches and whose panes changed.
    private mutating func takeReopened(
        _ clock: EventClock, _ time: Int64, _ panes: inout PaneStore, _ due: inout [DueItem]
    ) throws(ViewError) {
        guard !changedPanes.isEmpty, time >= nextEdge else { return }
        sortChangedPanes()
        for entry in entries {
            guard let grid = entry.grid, let frontier = entry.frontier,
                grid.overlap <= PublicationSchedule.reopenedOverlapLimit
            else { continue }
            var next = Int64.min
            for pane in changedPanes {
                let containing = grid.ordinals(containing: width.start(pane))
                let first = max(containing.lowerBound, next)
                let last = min(containing.upperBound, frontier)
                guard first <= last else { continue }
                next = last + 1
                for ordinal in first...last {
                    let key = WatchedWindow.Key(identifier: entry.identifier, ordinal: ordinal)
                    guard watched[key] == nil else { continue }
                    let summary = try panes.summary(of: width.panes(from: grid.start(ordinal), to: grid.end(ordinal)))
                    guard summary.predictions > 0 else { continue }
                    let status = clock.status(end: grid.end(ordinal), unlabeled: summary.unlabeled)
                    let revision = entry.revisions[ordinal] + 1
                    due.append(item(entry, ordinal, grid, status, revision, .reopened))
                    let state = WatchedWindow(
                        fingerprint: summary.fingerprint, revision: revision, since: time,
                        due: time.saturatingAdd(grid.slide), wasFinal: status == .final)
                    watch(key, state)
                }
            }
        }
        changedPanes.removeAll(keepingCapacity: changedPanes.capacity <= 65_536)
    }

    /// A watched window whose age has come.
    private mutating func look(
        at key: WatchedWindow.Key, due dueTime: Int64, _ clock: EventClock, _ time: Int64, _ panes: inout PaneStore,
        _ due: inout [DueItem]
    ) throws(ViewError) {
        guard var state = watched[key], state.due == dueTime,
            let place = entries.firstIndex(where: { $0.identifier == key.identifier }),
            let grid = entries[place].grid
        else { return }
        let end = grid.end(key.ordinal)
        let summary = try panes.summary(of: width.panes(from: grid.start(key.ordinal), to: end))
        let status = clock.status(end: end, unlabeled: summary.unlabeled)
        let isChanged = summary.fingerprint != state.fingerprint
        let becomesFinal = status == .final && !state.wasFinal
        if summary.predictions > 0, isChanged || becomesFinal {
            state.revision += 1
            let reason: DueWindow.Reason = becomesFinal ? .final : .changed
            due.append(item(entries[place], key.ordinal, grid, status, state.revision, reason))
            state.fingerprint = summary.fingerprint
        }
        if summary.predictions <= 0 || (status == .final && (becomesFinal || !isChanged)) {
            watched[key] = nil
            entries[place].revisions[key.ordinal] = state.revision
            return
        }
        state.wasFinal = status == .final
        // After the horizon there are no ages any more: a slide apart, until a slide passes without a change.
        state.due =
            status == .final
            ? time.saturatingAdd(grid.slide) : nextDue(since: state.since, grid, end: end, clock, time)
        watch(key, state)
    }

    /// Windows that have closed since the last look. Only those that hold a pane are visited.
    private mutating func takeClosed(
        _ place: Int, _ clock: EventClock, _ time: Int64, _ watermark: Int64, _ panes: inout PaneStore, _ limit: Int,
        _ due: inout [DueItem]
    ) throws(ViewError) {
        let entry = entries[place]
        guard let grid = entry.grid, time >= entry.nextTime else { return }
        let last = grid.lastOrdinal(endingAtOrBefore: watermark)
        var ordinal = Int64.min
        if let frontier = entry.frontier {
            ordinal = frontier + 1
        } else if let first = try panes.firstPane() {
            ordinal = grid.firstOrdinal(containing: width.start(first))
        } else {
            ordinal = last + 1
        }
        while ordinal <= last {
            let start = grid.start(ordinal)
            let end = grid.end(ordinal)
            guard let pane = try panes.nextPane(atOrAfter: width.index(of: start)) else { break }
            if width.start(pane) >= end {
                ordinal = max(ordinal + 1, grid.firstOrdinal(containing: width.start(pane)))
                continue
            }
            if due.count >= limit {
                entries[place].frontier = ordinal - 1
                entries[place].nextTime = time
                return
            }
            let summary = try panes.summary(of: width.panes(from: start, to: end))
            entries[place].frontier = ordinal
            if summary.predictions > 0 { close(place, ordinal, grid, summary, clock, time, &due) }
            ordinal += 1
        }
        let frontier = max(last, entries[place].frontier ?? last)
        entries[place].frontier = frontier
        entries[place].nextTime = clock.closeTime(ofEnd: grid.end(frontier + 1))
    }

    private mutating func close(
        _ place: Int, _ ordinal: Int64, _ grid: WindowGrid, _ summary: PaneSummary, _ clock: EventClock, _ time: Int64,
        _ due: inout [DueItem]
    ) {
        let end = grid.end(ordinal)
        let status = clock.status(end: end, unlabeled: summary.unlabeled)
        let isKnown = isResuming && entries[place].revisions[ordinal] > 0
        let revision = entries[place].revisions[ordinal] + (isKnown ? 0 : 1)
        if !isKnown { due.append(item(entries[place], ordinal, grid, status, revision, .closed)) }
        if status == .final {
            entries[place].revisions[ordinal] = revision
            return
        }
        let since = clock.closeTime(ofEnd: end)
        let state = WatchedWindow(
            fingerprint: summary.fingerprint, revision: revision, since: since,
            due: nextDue(since: since, grid, end: end, clock, time), wasFinal: false)
        watch(WatchedWindow.Key(identifier: entries[place].identifier, ordinal: ordinal), state)
    }

    /// A trailing or cumulative window, if the clock has passed an edge and it changed.
    private mutating func takeBoundary(
        _ place: Int, _ clock: EventClock, _ time: Int64, _ panes: inout PaneStore, _ due: inout [DueItem]
    ) throws(ViewError) {
        let entry = entries[place]
        guard time >= entry.nextTime else { return }
        let interval = PublicationSchedule.boundaryInterval(of: entry.window, width: width)
        let bounds = PublicationSchedule.bounds(of: entry.window, clock: time, width: width)
        let summary: PaneSummary
        if let bounds {
            summary = try panes.summary(of: width.panes(from: bounds.start, to: bounds.end))
        } else {
            summary = panes.total
        }
        entries[place].nextTime =
            time.flooredQuotient(by: interval).saturatingMultiply(interval).saturatingAdd(interval)
        guard summary.predictions > 0, summary.fingerprint != entry.lastFingerprint || entry.lastRevision == 0 else {
            return
        }
        entries[place].lastFingerprint = summary.fingerprint
        if isResuming, entry.lastRevision > 0 { return }
        let revision = min(entry.lastRevision + 1, Int(UInt16.max))
        entries[place].lastRevision = revision
        let window = DueWindow(
            window: entry.window, start: bounds?.start, end: bounds?.end, status: .open, revision: revision,
            reason: .boundary)
        let order = (end: bounds?.end ?? .max, identifier: entry.identifier, start: bounds?.start ?? .min)
        due.append(DueItem(window: window, order: order))
    }

    /// Where a trailing window lies when the clock is at `time`: it ends with the pane that holds the clock. Nil for
    /// other windows.
    static func bounds(of window: Window, clock time: Int64, width: PaneWidth) -> (start: Int64, end: Int64)? {
        guard case .trailing(let size) = window else { return nil }
        let newest = width.index(of: time)
        return (width.start(newest + 1 - size.microseconds / width.microseconds), width.end(newest))
    }

    private mutating func watch(_ key: WatchedWindow.Key, _ state: WatchedWindow) {
        watched[key] = state
        heap.insert(DueHeap.Item(due: state.due, key: key))
    }

    /// The first age of 1, 2, 4 … slides that lies a slide ahead, or the label horizon where that comes before.
    private func nextDue(since: Int64, _ grid: WindowGrid, end: Int64, _ clock: EventClock, _ time: Int64) -> Int64 {
        let earliest = time.saturatingAdd(grid.slide)
        var age = grid.slide
        while age < .max, since.saturatingAdd(age) < earliest { age = age.saturatingMultiply(2) }
        let due = since.saturatingAdd(age)
        let horizon = clock.horizonTime(ofEnd: end)
        return horizon > time ? min(due, horizon) : due
    }

    private func item(
        _ entry: PublicationEntry, _ ordinal: Int64, _ grid: WindowGrid, _ status: WindowStatus, _ revision: Int,
        _ reason: DueWindow.Reason
    ) -> DueItem {
        let window = DueWindow(
            window: entry.window, start: grid.start(ordinal), end: grid.end(ordinal), status: status,
            revision: min(revision, Int(UInt16.max)), reason: reason)
        return DueItem(
            window: window, order: (end: grid.end(ordinal), identifier: entry.identifier, start: grid.start(ordinal)))
    }
}
