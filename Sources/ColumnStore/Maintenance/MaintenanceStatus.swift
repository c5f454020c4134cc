/// What maintenance has done since the store was opened.
public struct MaintenanceStatus: Sendable {
    /// Segments that went into larger ones.
    public var mergedSegments = 0
    /// Rows that were written again, by merges and compactions.
    public var rewrittenRows = 0
    /// Bytes of segments and index runs that were written for that.
    public var writtenBytes = 0
    /// Bytes of files that were removed because others took their place, or because their rows are gone.
    public var removedBytes = 0
    /// Rows that a retention let go.
    public var droppedRows = 0
    /// Rows that were erased and whose values left the files.
    public var purgedRows = 0
    /// Why the last step in the background did not end well; nil where it did. It is tried again after the next seal.
    public var failure: StoreError?

    package init() {}
}

/// What a compaction came to.
public struct CompactionSummary: Sendable, Hashable {
    /// Segments of all tables before.
    public var segmentsBefore = 0
    /// Segments of all tables now.
    public var segmentsAfter = 0
    /// Bytes of the segments and index runs of all tables before.
    public var bytesBefore = 0
    /// Bytes of the segments and index runs of all tables now.
    public var bytesAfter = 0
    /// Rows that were written again.
    public var rewrittenRows = 0

    /// Erased rows whose values left the files.
    public var purgedRows = 0

    package init() {}
}
