extension PublicationSchedule {
    /// Takes note of a publication that somebody else knows of, so that the next of its window counts on from there.
    mutating func notePublished(_ interval: WindowInterval, revision: Int) {
        let revision = min(revision, Int(UInt16.max))
        guard let place = entries.firstIndex(where: { $0.window == interval.window }) else { return }
        guard let grid = entries[place].grid else {
            entries[place].lastRevision = max(entries[place].lastRevision, revision)
            return
        }
        guard let start = interval.start else { return }
        let ordinal = grid.firstOrdinal(startingAtOrAfter: start)
        let key = WatchedWindow.Key(identifier: entries[place].identifier, ordinal: ordinal)
        if var state = watched[key] {
            state.revision = max(state.revision, revision)
            watched[key] = state
        } else if entries[place].revisions[ordinal] < revision {
            entries[place].revisions[ordinal] = revision
        }
    }
}

extension WindowedView {
    /// Takes note of a publication that is known from elsewhere, as from a table of what was published.
    package func notePublished(_ interval: WindowInterval, revision: Int) {
        state.schedule.notePublished(interval, revision: revision)
    }

    /// Looks at everything that is due, for a view whose events were applied anew: windows of which a publication was
    /// noted are taken to have been published as they are now, the others are returned to be published. So nothing is
    /// published twice because state was lost.
    package func resume() throws(ViewError) -> [DueWindow] {
        state.schedule.isResuming = true
        defer { state.schedule.isResuming = false }
        var due: [DueWindow] = []
        while isDue { due += try takeDue() }
        return due
    }
}
