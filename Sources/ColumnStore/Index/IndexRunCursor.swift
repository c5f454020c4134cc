/// Reads the entries of a run in order: for merging, and for verifying.
struct IndexRunCursor {
    private let run: IndexRun
    private let probe: IndexProbe
    private var place = 0
    private var bucket = -1
    /// The place behind the bucket's entries.
    private var end = 0
    /// The place up to which entries are checked.
    private var checkedEnd = 0

    init(_ run: IndexRun) {
        self.run = run
        probe = run.probe
    }

    /// The next entry as `hash << 32 | row`, rows counted from the run's first.
    mutating func next() throws(StoreError) -> UInt64? {
        if place == end {
            guard place < probe.entryCount else { return nil }
            try nextBucket()
        }
        if place >= checkedEnd { try checkMore() }
        let entry = probe.entry(place)
        place &+= 1
        let offset = probe.rowOffset(entry)
        guard offset < probe.endRow &- probe.firstRow else { throw run.impossible("row \(offset)") }
        return UInt64(probe.hash(bucket: bucket, entry: entry)) &<< 32 | offset
    }

    /// Goes on to the next bucket that has entries.
    private mutating func nextBucket() throws(StoreError) {
        while place == end {
            bucket &+= 1
            guard bucket < probe.bucketCount else { throw run.impossible("the last bucket") }
            let pieces = probe.pieces(ofBucket: bucket)
            if !probe.isChecked(pieces.first) || !probe.isChecked(pieces.last) {
                try run.check(pieces.first...pieces.last)
            }
            guard let places = probe.places(ofBucket: bucket), places.lowerBound == place else {
                throw run.impossible("where bucket \(bucket) lies")
            }
            end = places.upperBound
        }
    }

    private mutating func checkMore() throws(StoreError) {
        checkedEnd = min(place + 1_024, probe.entryCount)
        let pieces = probe.pieces(ofEntries: place..<checkedEnd)
        try run.check(pieces.first...pieces.last)
    }
}
