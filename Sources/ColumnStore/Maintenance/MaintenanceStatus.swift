internal import ColumnFormat

/// What maintenance has done since the store was made. A step that a crash undid is not counted.
public struct MaintenanceStatus: Sendable {
    /// Steps that put segments together, or wrote one again without the values of erased rows.
    public var merges = 0
    /// Segments that went into those.
    public var mergedSegments = 0
    /// Rows that were written again, by merges and compactions.
    public var rewrittenRows = 0
    /// Bytes of segments and index runs that were written for that.
    public var writtenBytes = 0
    /// Bytes of files that were removed because others took their place, or because their rows are gone.
    public var removedBytes = 0
    /// Segments that a retention let go.
    public var droppedSegments = 0
    /// Rows that a retention let go.
    public var droppedRows = 0
    /// Rows that were erased and whose values left the files.
    public var purgedRows = 0
    /// Why the last step in the background did not end well; nil where it did. It is tried again after the next seal.
    public var failure: StoreError?

    package init() {}
}

extension MaintenanceStatus {
    /// The metadata of the manifest that holds it.
    package static let key = "maintenance"

    private static let counters: [any WritableKeyPath<MaintenanceStatus, Int> & Sendable] = [
        \.merges, \.mergedSegments, \.rewrittenRows, \.writtenBytes, \.removedBytes, \.droppedSegments, \.droppedRows,
        \.purgedRows,
    ]

    /// Version, counters as varints, then the failure as text, empty where there was none.
    package var bytes: [UInt8] {
        var writer = ByteWriter()
        writer.append(UInt8(1))
        for counter in Self.counters { writer.append(varint: UInt64(self[keyPath: counter])) }
        writer.append(string: failure.map { String("\($0)".prefix(1_024)) } ?? "")
        return writer.bytes
    }

    /// What a manifest says; nothing done where that cannot be read: it serves people only.
    package init(metadata: [String: [UInt8]]) {
        self.init()
        guard let bytes = metadata[Self.key] else { return }
        let found = unsafe try? bytes.withUnsafeBytesThrowing { raw throws(FormatError) in
            var reader = unsafe ByteReader(raw)
            guard try reader.read(UInt8.self) == 1 else {
                throw FormatError(.unsupported, "counters of another version")
            }
            var status = MaintenanceStatus()
            for counter in Self.counters {
                status[keyPath: counter] = try reader.readCount(limit: 1 << 60, of: "steps of maintenance")
            }
            let failure = try reader.readString(limit: 1 << 16)
            // The text begins with the kind of error.
            if let start = failure.firstRange(of: ": ")?.upperBound {
                status.failure = StoreError(.corrupt, String(failure[start...]))
            }
            return status
        }
        if let found { self = found }
    }
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
    /// Rows that a retention let go.
    public var droppedRows = 0
    /// Erased rows whose values left the files.
    public var purgedRows = 0

    package init() {}
}
