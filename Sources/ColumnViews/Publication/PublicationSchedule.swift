import ColumnFormat

/// Decides when a window's values are published.
///
/// *Tumbling and sliding windows* are published when they close, when they are found to be final, and in between when
/// they changed, at ages of 1, 2, 4, 8 … slides since the close, a slide apart or more. The last two are looked at
/// together: a window becomes final by its labels at the first of these ages at which none is missing, or by the label
/// horizon at once. A window without predictions is not published. Once final it is not watched any more; if an event
/// comes to it all the same (a late prediction, a correction), it is published at the next edge of panes and watched
/// for at least a slide. This last rule holds for windows that overlap at most ``reopenedOverlapLimit``-fold; with
/// more, one late event would be thousands of rows.
///
/// *Trailing and cumulative windows* are published when the clock passes a multiple of ``boundaryInterval(of:width:)``,
/// if they changed: once, however many edges a jump of the clock passes.
///
/// A change is a change of the cells' sum (``PaneSummary/fingerprint``): what was added and removed again is none, but
/// that of a final window, of which only the revision is remembered.
///
/// *Cost.* ``noteChange(pane:)`` is one comparison for the newest panes; ``isDue(_:)`` is one comparison. A jump of the
/// clock over empty time costs nothing: only windows that hold panes are visited. *Memory.* A few dozen bytes for a
/// window between close and final, two bytes for a final one, eight for a pane with a late event since the last look.
///
/// The same calls in the same order give the same publications, also through ``encode(to:)`` and back.
package struct PublicationSchedule: Sendable {
    package let width: PaneWidth
    var entries: [PublicationEntry] = []
    var nextIdentifier: UInt32 = 0
    var watched: [WatchedWindow.Key: WatchedWindow] = [:]
    var heap = DueHeap()
    /// Panes below ``closedPanes`` that changed since the last look; may contain some twice.
    var changedPanes: [Int64] = []
    private var changedPanesLimit = 4_096
    /// Panes below this one may lie in a window that has closed.
    var closedPanes = Int64.min
    /// The edge of panes after the clock of the last look.
    var nextEdge = Int64.min
    /// The least clock at which there is something to do.
    var wakeTime = Int64.max

    /// Found by a call that then failed.
    var undelivered: [DueItem] = []
    /// What was published before is not due again: see ``WindowedView/resume()``.
    var isResuming = false

    package static let reopenedOverlapLimit: Int64 = 64

    package init(width: PaneWidth) { self.width = width }

    /// The windows, in the order of their registration.
    package var windows: [Window] { entries.map(\.window) }
    /// How many windows are between close and final.
    package var watchedCount: Int { watched.count }

    package var byteCount: Int {
        watched.capacity * 64 + heap.count * 24 + changedPanes.capacity * 8
            + entries.reduce(0) { $0 + $1.revisions.byteCount }
    }

    /// Adds a window, whose lengths are multiples of the pane width. Its windows that have closed are due at once, each
    /// one time. A window that is registered already stays as it is.
    package mutating func register(_ window: Window) {
        guard !entries.contains(where: { $0.window == window }) else { return }
        entries.append(PublicationEntry(identifier: nextIdentifier, window: window))
        nextIdentifier += 1
        wakeTime = .min
    }

    package mutating func unregister(_ window: Window) {
        guard let place = entries.firstIndex(where: { $0.window == window }) else { return }
        let identifier = entries.remove(at: place).identifier
        watched = watched.filter { $0.key.identifier != identifier }
    }

    /// Goes on where another schedule stands, whose windows are the first of these. For a view of finer panes that
    /// takes the place of another.
    mutating func takeOver(from other: PublicationSchedule) {
        let added = entries.map(\.window).filter { window in !other.entries.contains { $0.window == window } }
        entries = other.entries
        nextIdentifier = other.nextIdentifier
        watched = other.watched
        heap = other.heap
        undelivered = other.undelivered
        // Every window that holds a wide pane holds its first narrow one.
        changedPanes = other.changedPanes.map { width.index(of: other.width.start($0)) }
        for window in added { register(window) }
        wakeTime = .min
    }

    /// How far apart the publications of a trailing or cumulative window are at least: an hour, or a pane where that is
    /// longer, rounded up to whole panes.
    package static func boundaryInterval(of window: Window, width: PaneWidth) -> Int64 {
        let wanted = max(width.microseconds, TimeSpan.hours(1).microseconds)
        return (wanted + width.microseconds - 1) / width.microseconds * width.microseconds
    }

    /// Says that the cells of a pane changed.
    @inline(__always)
    package mutating func noteChange(pane: Int64) {
        if pane < closedPanes { noteLateChange(pane) }
    }

    @inline(never)
    private mutating func noteLateChange(_ pane: Int64) {
        if changedPanes.last == pane { return }
        changedPanes.append(pane)
        wakeTime = min(wakeTime, nextEdge)
        guard changedPanes.count > changedPanesLimit else { return }
        sortChangedPanes()
        changedPanesLimit = max(4_096, changedPanes.count * 2)
    }

    mutating func sortChangedPanes() {
        changedPanes.sort()
        var kept = 0
        for pane in changedPanes where kept == 0 || changedPanes[kept - 1] != pane {
            changedPanes[kept] = pane
            kept += 1
        }
        changedPanes.removeSubrange(kept...)
    }

    /// Whether ``takeDue(_:panes:limit:)`` would find something to look at.
    @inline(__always)
    package func isDue(_ clock: EventClock) -> Bool {
        guard let time = clock.time else { return false }
        return time >= wakeTime
    }

    mutating func setWakeTime() {
        wakeTime = undelivered.isEmpty ? .max : .min
        for entry in entries { wakeTime = min(wakeTime, entry.nextTime) }
        if let first = heap.first { wakeTime = min(wakeTime, first.due) }
        if !changedPanes.isEmpty { wakeTime = min(wakeTime, nextEdge) }
    }
}
