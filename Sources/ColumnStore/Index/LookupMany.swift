internal import ColumnEncoding
internal import ColumnFormat

/// The search for many keys of one column, some hundred at a time: each step is done for all of them before the next, so that
/// they wait for the memory together and not one after the other.
///
///     directories of all runs → of each run, newest first: entries → values in the pages → comparison
struct LookupMany {
    private static let chunkCount = 256
    private static let none = UInt64.max

    /// The newest row of each key.
    private(set) var rows: [UInt64?]
    /// The keys that are being looked up.
    private(set) var range = 0..<0

    // Of each of these keys: its bytes, its hash, and where a run may have it.
    private var bytes: [UInt8] = []
    private var ends: [Int] = []
    private var hashes: [UInt32] = []
    private var places: [Range<Int>] = []
    /// The keys that were not found yet, counted from the first of the range.
    private var pending: [Int] = []
    private var candidates: [Candidate] = []
    /// What was read ahead: kept so that reading it is not optimized away.
    private var touched: UInt8 = 0

    /// An entry of a run with the hash of a key, and the page that says whether it is the key.
    private struct Candidate {
        let key: Int
        let row: UInt64
        let page: PageReader
        let rowInPage: Int
        let segment: SegmentReader
    }

    init(count: Int) { rows = Array(repeating: nil, count: count) }

    // MARK: The keys

    /// Goes on to the next keys; false where there is none.
    mutating func begin(upTo count: Int) -> Bool {
        range = range.upperBound..<min(range.upperBound + Self.chunkCount, count)
        bytes.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
        pending.removeAll(keepingCapacity: true)
        return !range.isEmpty
    }

    mutating func add(_ key: UnsafeRawBufferPointer) {
        pending.append(ends.count)
        unsafe bytes.append(contentsOf: key)
        ends.append(bytes.count)
    }

    /// A key that no row has.
    mutating func addNothing() { ends.append(bytes.count) }

    mutating func hash(_ hash: IndexHash, column: Int) {
        hashes.removeAll(keepingCapacity: true)
        for key in ends.indices { hashes.append(unsafe withKey(key) { unsafe hash($0, column: column) }) }
    }

    private func withKey<R, E: Error>(_ key: Int, _ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        let range = (key == 0 ? 0 : ends[key - 1])..<ends[key]
        let result = unsafe bytes.withUnsafeBytes { bytes in
            Result { () throws(E) in unsafe try body(UnsafeRawBufferPointer(rebasing: bytes[range])) }
        }
        return try result.get()
    }

    // MARK: The search

    /// Under the store's lock: what is not sealed.
    mutating func findInMemory(of table: TableState, column: Int) throws(StoreError) {
        guard table.active.rowCount > 0 || !table.frozen.isEmpty else { return }
        for key in pending {
            let hash = hashes[key]
            rows[range.lowerBound + key] = unsafe try withKey(key) { (bytes) throws(StoreError) in
                unsafe try table.newestRowInMemory(column: column, key: bytes, hash: hash)
            }
        }
        removeFound()
    }

    private mutating func removeFound() {
        let first = range.lowerBound
        pending.removeAll { rows[first + $0] != nil }
    }

    /// Without the lock: what is sealed.
    mutating func findSealed(_ rows: SealedRows, column: Int) throws(StoreError) {
        let index = rows.index
        try index.checkUsable()
        for place in index.runs.indices {
            let probe = index.probe(place)
            for key in pending { probe.prefetchDirectory(probe.bucket(of: hashes[key])) }
        }
        var place = index.runs.count
        while place > 0, !pending.isEmpty {
            place -= 1
            let (run, probe) = (index.runs[place], index.probe(place))
            try findPlaces(run, probe)
            try findCandidates(run, probe, rows, column: column)
            try compareCandidates(column: column)
            removeFound()
        }
    }

    private mutating func findPlaces(_ run: IndexRun, _ probe: IndexProbe) throws(StoreError) {
        places.removeAll(keepingCapacity: true)
        for key in pending {
            let hash = hashes[key]
            let found = try run.places(of: hash, probe)
            places.append(found)
            probe.prefetchEntries(found)
        }
    }

    private mutating func findCandidates(
        _ run: IndexRun, _ probe: IndexProbe, _ rows: SealedRows, column: Int
    ) throws(StoreError) {
        for (order, key) in pending.enumerated() {
            let wanted = probe.rest(of: hashes[key])
            let places = places[order]
            var place = probe.firstPlace(of: wanted, in: places)
            while place < places.upperBound {
                let entry = probe.entry(place)
                guard probe.rest(entry) == wanted else { break }
                let row = try run.row(entry, probe)
                place &+= 1
                guard rows.isLive(row), let segment = rows.segments.segment(of: row) else { continue }
                let (page, rowInPage) = try segment.page(column: column, row: row)
                touched &+= page.touch(rowInPage)
                candidates.append(
                    Candidate(key: key, row: row, page: page, rowInPage: rowInPage, segment: segment))
                // Only where many keys have one hash.
                if candidates.count == 4 * Self.chunkCount { try compareCandidates(column: column) }
            }
        }
    }

    /// Entries with one hash are in the order of their rows, so the last that is the key is the newest.
    private mutating func compareCandidates(column: Int) throws(StoreError) {
        for candidate in candidates {
            let isKey = unsafe try withKey(candidate.key) { (key) throws(StoreError) in
                unsafe try candidate.segment.holds(
                    key, column: column, page: candidate.page, rowInPage: candidate.rowInPage)
            }
            if isKey { rows[range.lowerBound + candidate.key] = candidate.row }
        }
        candidates.removeAll(keepingCapacity: true)
    }
}
