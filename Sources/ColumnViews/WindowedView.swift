package import ColumnFormat

/// The windowed state of one subject: its windows, panes, clock and publications.
///
///     let view = try WindowedView(windows: [.tumbling(.hours(1)), .sliding(.days(7), every: .days(1))])
///     view.advance(to: time)
///     if view.isDue { for due in try view.takeDue() { publish(due) } }
///     try view.apply(changes, at: time)
///
///     for interval in try view.currentWindows(.tumbling(.hours(1))) {
///         try view.cells(of: interval, into: &buffer)      // buffer[ReservedCell.predictions] > 0
///     }
///
/// The state is a function of the set of changes, bit for bit, whatever their order; publications are a function of the
/// calls in their order. Times are microseconds since the Unix epoch; any Int64 is taken without a trap.
///
/// Not safe for concurrent use: the owner holds a lock, also while reading, for reads reuse memory of the view.
package final class WindowedView {
    /// All that changes with an event, in one value: one check of exclusive access a call, not one a field.
    struct State: ~Copyable {
        var clock: EventClock
        var panes: PaneStore
        var schedule: PublicationSchedule

        mutating func apply(_ changes: borrowing CellChanges, at time: Int64) throws(ViewError) {
            let pane = schedule.width.index(of: time)
            try panes.apply(changes, to: pane)
            schedule.noteChange(pane: pane)
        }

        mutating func advance(to time: Int64) -> Bool {
            clock.advance(to: time)
            return schedule.isDue(clock)
        }

        mutating func takeDue(limit: Int) throws(ViewError) -> [DueWindow] {
            try schedule.takeDue(clock, panes: &panes, limit: limit)
        }
    }

    var state: State
    package var clock: EventClock { state.clock }

    /// Throws where a window is not possible, or all together need panes below a second.
    package init(
        windows: [Window], clock: EventClock = EventClock(), byteLimit: Int = PaneStore.defaultByteLimit,
        pages: any PanePageStore = InMemoryPanePages()
    ) throws(ViewError) {
        let width = try PaneWidth(dividing: windows)
        state = State(
            clock: clock, panes: PaneStore(byteLimit: byteLimit, pages: pages),
            schedule: PublicationSchedule(width: width))
        for window in windows { state.schedule.register(window) }
    }

    // MARK: Windows

    /// What a registration came to.
    package enum Registration: Equatable, Sendable {
        case registered
        /// Nothing changed: the window needs finer panes than were kept. Make a view with ``emptyCopy(adding:)``, apply
        /// all events to it again, and use it in place of this one.
        case needsRebuild(paneWidth: PaneWidth)
    }

    /// The windows, in the order of their registration.
    package var windows: [Window] { state.schedule.windows }
    package var paneWidth: PaneWidth { state.schedule.width }

    /// Registers a window; one that is registered already stays as it is. Its windows that have closed before are due
    /// at once, each one time. The panes never become wider: a width that divides all windows stays.
    package func register(_ window: Window) throws(ViewError) -> Registration {
        try window.validate()
        guard window.isOfTime, paneWidth.divides(window) else {
            return .needsRebuild(paneWidth: try PaneWidth(dividing: windows + [window]))
        }
        state.schedule.register(window)
        return .registered
    }

    /// Ends the publications of a window. The panes stay as they are.
    package func unregister(_ window: Window) { state.schedule.unregister(window) }

    /// A view of no events with these windows more, and the clock and the publications of this one.
    package func emptyCopy(
        adding windows: [Window], byteLimit: Int? = nil, pages: any PanePageStore = InMemoryPanePages()
    ) throws(ViewError) -> WindowedView {
        let copy = try WindowedView(
            windows: self.windows + windows, clock: clock, byteLimit: byteLimit ?? state.panes.byteLimit, pages: pages)
        copy.state.schedule.takeOver(from: state.schedule)
        return copy
    }

    // MARK: Events

    /// Adds what an event does to the pane of `time`: for feedback too that is the time of its *prediction*. Throws
    /// where a frozen pane cannot be read back; nothing has changed then.
    package func apply(_ changes: borrowing CellChanges, at time: Int64) throws(ViewError) {
        try state.apply(changes, at: time)
    }

    /// Moves the clock to `time`, unless it is past it; says whether something is due.
    @discardableResult
    package func advance(to time: Int64) -> Bool {
        state.advance(to: time)
    }

    // MARK: Publication

    /// Whether ``takeDue(limit:)`` would find something to look at: one comparison.
    package var isDue: Bool { state.schedule.isDue(clock) }

    /// The windows to publish now, in the order of their ends. About `limit` at most; while ``isDue`` stays true there
    /// are more. Throws where frozen panes cannot be read.
    package func takeDue(limit: Int = .max) throws(ViewError) -> [DueWindow] {
        try state.takeDue(limit: limit)
    }

    // MARK: Reading

    /// The windows of a kind that start within `[from, to)` and hold a prediction, in order of time. The kind need not
    /// be registered, as long as the panes divide it. The window of `cumulative` and of `trailing` is given whatever
    /// the bounds. Cost: that of a summary for each window that holds a pane.
    package func currentWindows(
        _ window: Window, from: Int64 = .min, to: Int64 = .max
    ) throws(ViewError) -> [WindowInterval] {
        try window.validate()
        try requirePanes(of: window)
        guard let grid = WindowGrid(window) else {
            guard let interval = movingInterval(window), try summary(of: interval).predictions > 0 else { return [] }
            return [interval]
        }
        var found: [WindowInterval] = []
        guard let first = try state.panes.firstPane() else { return [] }
        let wanted = grid.ordinals(startingFrom: from, to: to)
        var ordinal = max(wanted.lowerBound, grid.firstOrdinal(containing: paneWidth.start(first)))
        while ordinal < wanted.upperBound {
            let start = grid.start(ordinal)
            let end = grid.end(ordinal)
            guard let pane = try state.panes.nextPane(atOrAfter: paneWidth.index(of: start)) else { break }
            if paneWidth.start(pane) >= end {
                ordinal = max(ordinal + 1, grid.firstOrdinal(containing: paneWidth.start(pane)))
                continue
            }
            let interval = WindowInterval(window: window, start: start, end: end)
            if try summary(of: interval).predictions > 0 { found.append(interval) }
            ordinal += 1
        }
        return found
    }

    /// The trailing window at the clock, or the cumulative one; nil before the first event, or for other kinds.
    private func movingInterval(_ window: Window) -> WindowInterval? {
        if window == .cumulative { return WindowInterval(window: window, start: nil, end: nil) }
        guard window.isOfTime else { return nil }
        guard let time = clock.time,
            let bounds = PublicationSchedule.bounds(of: window, clock: time, width: paneWidth)
        else { return nil }
        return WindowInterval(window: window, start: bounds.start, end: bounds.end)
    }

    /// How many cells there are: the length that merged cells have.
    package var cellCount: Int { state.panes.cellCount }

    /// Writes the sum of a window's panes into `buffer`, which is used again and becomes as long as ``cellCount``, or
    /// as `count` where that is more: cells that no event touched are 0.
    package func cells(of interval: WindowInterval, into buffer: inout [Int64], count: Int = 0) throws(ViewError) {
        try state.panes.merge(try paneRange(interval.start, interval.end), into: &buffer, count: count)
    }

    /// The same for any interval whose ends are edges of panes, in microseconds since the Unix epoch. Throws an error
    /// that names the granularity where they are not.
    package func cells(over interval: Range<Int64>, into buffer: inout [Int64], count: Int = 0) throws(ViewError) {
        try state.panes.merge(try paneRange(interval.lowerBound, interval.upperBound), into: &buffer, count: count)
    }

    /// The summary of any interval whose ends are edges of state.panes.
    package func summary(over interval: Range<Int64>) throws(ViewError) -> PaneSummary {
        try state.panes.summary(of: try paneRange(interval.lowerBound, interval.upperBound))
    }

    /// How many predictions a window holds, how many without a label, and the fingerprint of its cells: while that
    /// stays, nothing has changed that a value could be computed from.
    package func summary(of interval: WindowInterval) throws(ViewError) -> PaneSummary {
        if interval.start == nil, interval.end == nil { return state.panes.total }
        return try state.panes.summary(of: try paneRange(interval.start, interval.end))
    }

    /// The sum of all panes: while its fingerprint stays, no cell has changed.
    package var total: PaneSummary { state.panes.total }

    /// The status of a window at the clock.
    package func status(of interval: WindowInterval) throws(ViewError) -> WindowStatus {
        if case .trailing = interval.window { return .open }
        return clock.status(end: interval.end, unlabeled: try summary(of: interval).unlabeled)
    }

    /// The panes between two times; nil is the beginning or the end of time.
    private func paneRange(_ start: Int64?, _ end: Int64?) throws(ViewError) -> Range<Int64> {
        for time in [start, end] {
            guard let time, !paneWidth.divides(time), time != .min, time != .max else { continue }
            throw ViewError(
                .invalidInput,
                "\(Timestamp(microseconds: time)) is not an edge of panes: values are kept at a granularity of "
                    + "\(Window.text(of: paneWidth.span)), counted from 1970-01-01T00:00:00Z")
        }
        let first = start.map(paneWidth.index) ?? .min
        return first..<max(first, end.map(paneWidth.index) ?? .max)
    }

    private func requirePanes(of window: Window) throws(ViewError) {
        guard window.isOfTime else {
            throw ViewError(.invalidInput, "the window \(window) is not made of panes")
        }
        guard !paneWidth.divides(window) else { return }
        throw ViewError(
            .invalidInput,
            "the window \(window) cannot be made of panes of \(Window.text(of: paneWidth.span)): register it first")
    }

    // MARK: State

    /// Bytes of memory in use.
    package var byteCount: Int { state.panes.byteCount + state.schedule.byteCount }

    /// Why cold panes could not be moved out of memory the last time it was tried; nil where they could.
    package var lastFreezeFailure: ViewError? { state.panes.lastFreezeFailure }

    private static let version: UInt8 = 1

    /// The whole state, as a checkpoint: ``init(decoding:byteLimit:pages:)`` and the calls that came after give the
    /// same view again. No checksum: the file that holds it has one. Throws where frozen panes cannot be read.
    package func encode() throws(ViewError) -> [UInt8] {
        var writer = ByteWriter(reservingCapacity: 4_096)
        writer.append(WindowedView.version)
        writer.append(varint: UInt64(paneWidth.microseconds))
        writer.append(zigzag: clock.allowedLateness.microseconds)
        writer.append(zigzag: clock.labelHorizon.microseconds)
        writer.append(UInt8(clock.time == nil ? 0 : 1))
        writer.append(clock.time ?? 0)
        state.schedule.encode(to: &writer)
        try state.panes.encode(to: &writer)
        return writer.bytes
    }

    /// A view from the bytes of a checkpoint. Throws where they are damaged; never traps.
    package init(
        decoding bytes: UnsafeRawBufferPointer, byteLimit: Int = PaneStore.defaultByteLimit,
        pages: any PanePageStore = InMemoryPanePages()
    ) throws(FormatError) {
        var reader = unsafe ByteReader(bytes)
        let version = try reader.read(UInt8.self)
        guard version == WindowedView.version else {
            throw FormatError(.unsupported, "version \(version) of a view's checkpoint, this knows 1", at: 0)
        }
        let stored = try reader.readVarint()
        guard let width = PaneWidth(stored: Int64(clamping: stored)) else {
            throw FormatError(.invalid, "panes of \(stored) µs", at: 1)
        }
        let lateness = TimeSpan(microseconds: try reader.readZigzag())
        let horizon = TimeSpan(microseconds: try reader.readZigzag())
        let hasTime = try reader.read(UInt8.self)
        let time = try reader.read(Int64.self)
        var clock = EventClock(allowedLateness: lateness, labelHorizon: horizon)
        guard hasTime <= 1, lateness >= 0, horizon >= 0 else {
            throw FormatError(.invalid, "the clock of a view's checkpoint", at: reader.offset)
        }
        if hasTime == 1 { clock.advance(to: time) }
        let schedule = try PublicationSchedule(width: width, from: &reader)
        var panes = PaneStore(byteLimit: byteLimit, pages: pages)
        try panes.decode(from: &reader)
        guard reader.remaining == 0 else {
            throw FormatError(.invalid, "\(reader.remaining) bytes after a view's checkpoint", at: reader.offset)
        }
        state = State(clock: clock, panes: panes, schedule: schedule)
    }
}
