import ColumnFormat

/// A registered window and how far its publication has come.
struct PublicationEntry: Sendable {
    /// Counts registrations; it orders what is due at the same time, and is never used again.
    let identifier: UInt32
    let window: Window
    /// Nil for `trailing` and `cumulative`.
    let grid: WindowGrid?

    /// Tumbling and sliding: the newest window that was seen to close; nil until the first look.
    var frontier: Int64?
    /// The clock at which the next window closes, or the next edge is passed.
    var nextTime = Int64.min
    /// Tumbling and sliding: publications of windows that are not watched.
    var revisions = RevisionTable()

    /// Trailing and cumulative: the fingerprint and number of the last publication.
    var lastFingerprint: Int64 = 0
    var lastRevision = 0

    init(identifier: UInt32, window: Window) {
        self.identifier = identifier
        self.window = window
        grid = WindowGrid(window)
    }
}

/// A window between its close and its becoming final.
struct WatchedWindow: Equatable, Sendable {
    struct Key: Hashable, Comparable, Sendable {
        let identifier: UInt32
        let ordinal: Int64

        static func < (left: Key, right: Key) -> Bool {
            (left.identifier, left.ordinal) < (right.identifier, right.ordinal)
        }
    }

    /// Of what was last published.
    var fingerprint: Int64
    var revision: Int
    /// The clock from which its ages count.
    let since: Int64
    /// The clock at which it is looked at next.
    var due: Int64
    /// It was published as final; a late event made somebody look again.
    var wasFinal: Bool
}
