internal import ColumnEncoding
internal import ColumnFormat

/// The search for many keys of one column, some thousand at a time: memory is asked for some keys ahead of where it is read,
/// and in the order of its addresses, so that the keys wait for it together and not one after the other.
///
///     for each run, newest first:  keys by hash → directory … entries … rows with the hash
///                                  these by row → page … value … comparison
struct LookupMany {
    private static let chunkCount = 4_096
    /// Keys that are looked for in memory at a time, under the store's lock.
    private static let lockedCount = 256
    /// How many keys ahead memory is asked for.
    private static let lead = 24
    private static let bucketBits = 10

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
    /// How many of ``pending`` were looked for in memory.
    private var lockedEnd = 0
    private var candidates: [Candidate] = []
    private var sorted: [Candidate] = []
    /// The pages of the candidates, in their order.
    private var pages: [(reader: PageReader, segment: Int)] = []

    /// A row with the hash of a key.
    private struct Candidate {
        let key: Int
        let row: UInt64
        var page = 0
        var rowInPage = 0
    }

    init(count: Int) { rows = Array(repeating: nil, count: count) }

    // MARK: The keys

    /// Goes on to the next keys; false where there is none.
    mutating func begin(upTo count: Int) -> Bool {
        range = range.upperBound..<min(range.upperBound + Self.chunkCount, count)
        bytes.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
        pending.removeAll(keepingCapacity: true)
        lockedEnd = 0
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
        guard lockedEnd == 0 else { return }
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

    /// Under the store's lock: the next keys in what is not sealed. False where there are more of them.
    mutating func findInMemory(of table: TableState, column: Int) throws(StoreError) -> Bool {
        guard table.active.rowCount > 0 || !table.frozen.isEmpty else { return true }
        let end = min(lockedEnd + Self.lockedCount, pending.count)
        for place in lockedEnd..<end {
            let key = pending[place]
            let hash = hashes[key]
            rows[range.lowerBound + key] = unsafe try withKey(key) { (bytes) throws(StoreError) in
                unsafe try table.newestRowInMemory(column: column, key: bytes, hash: hash)
            }
        }
        lockedEnd = end
        return end == pending.count
    }

    private mutating func removeFound() {
        let first = range.lowerBound
        pending.removeAll { rows[first + $0] != nil }
    }

    /// Without the lock: what is sealed. It was looked at no earlier than the memory was.
    mutating func findSealed(_ sealed: SealedRows, column: Int) throws(StoreError) {
        try sealed.index.checkUsable()
        removeFound()
        sortPending()
        var place = sealed.index.runs.count
        while place > 0, !pending.isEmpty {
            place -= 1
            let (run, probe) = (sealed.index.runs[place], sealed.index.probe(place))
            try findCandidates(run, probe, sealed, column: column)
            try compareCandidates(of: run, sealed, column: column)
            removeFound()
        }
    }

    /// By the upper bits of their hashes: as they lie in a run.
    private mutating func sortPending() {
        let shift = UInt32(32 - Self.bucketBits)
        var starts = [Int](repeating: 0, count: 1 << Self.bucketBits + 1)
        for key in pending { starts[Int(hashes[key] >> shift) + 1] += 1 }
        for bucket in 1..<starts.count { starts[bucket] += starts[bucket - 1] }
        var sorted = pending
        for key in pending {
            let bucket = Int(hashes[key] >> shift)
            sorted[starts[bucket]] = key
            starts[bucket] += 1
        }
        pending = sorted
    }

    private mutating func findCandidates(
        _ run: IndexRun, _ probe: IndexProbe, _ sealed: SealedRows, column: Int
    ) throws(StoreError) {
        let count = pending.count
        places.removeAll(keepingCapacity: true)
        for step in 0..<count &+ 2 &* Self.lead {
            if step < count { probe.prefetchDirectory(probe.bucket(of: hashes[pending[step]])) }
            let middle = step &- Self.lead
            if middle >= 0, middle < count {
                let found = try run.places(of: hashes[pending[middle]], probe)
                places.append(found)
                probe.prefetchEntries(found)
            }
            let last = middle &- Self.lead
            guard last >= 0 else { continue }
            let wanted = probe.rest(of: hashes[pending[last]])
            let places = places[last]
            var place = probe.firstPlace(of: wanted, in: places)
            while place < places.upperBound {
                let entry = probe.entry(place)
                guard probe.rest(entry) == wanted else { break }
                let row = try run.row(entry, probe)
                place &+= 1
                guard sealed.isLive(row) else { continue }
                candidates.append(Candidate(key: pending[last], row: row))
                // Only where many keys have one hash.
                if candidates.count == 4 * Self.chunkCount { try compareCandidates(of: run, sealed, column: column) }
            }
        }
    }

    /// Candidates are compared in the order of their rows, so the last that is a key is its newest.
    private mutating func compareCandidates(
        of run: IndexRun, _ sealed: SealedRows, column: Int
    ) throws(StoreError) {
        sortCandidates(of: run)
        try findPages(sealed, column: column)
        guard let firstPage = pages.first else { return candidates.removeAll(keepingCapacity: true) }
        let count = sorted.count
        // The pages of the candidate that is asked for and of the one that is compared: fetched when they change, so that no
        // candidate counts references.
        var (asked, askedReader) = (0, firstPage.reader)
        var (compared, reader, segment) = (0, firstPage.reader, sealed.segments[firstPage.segment])
        for step in 0..<count &+ Self.lead {
            if step < count {
                let candidate = sorted[step]
                if candidate.page != asked { (asked, askedReader) = (candidate.page, pages[candidate.page].reader) }
                askedReader.prefetch(candidate.rowInPage)
            }
            guard step >= Self.lead else { continue }
            let candidate = sorted[step &- Self.lead]
            if candidate.page != compared {
                compared = candidate.page
                reader = pages[compared].reader
                segment = sealed.segments[pages[compared].segment]
            }
            let isKey = unsafe try withKey(candidate.key) { (key) throws(StoreError) in
                unsafe try segment.holds(key, column: column, page: reader, rowInPage: candidate.rowInPage)
            }
            if isKey { rows[range.lowerBound + candidate.key] = candidate.row }
        }
        candidates.removeAll(keepingCapacity: true)
        pages.removeAll(keepingCapacity: true)
    }

    /// By the upper bits of their rows, those of one bucket in the order in which they were found: rows with one hash ascend.
    private mutating func sortCandidates(of run: IndexRun) {
        let shift = UInt64(max(0, run.header.rowBits - Self.bucketBits))
        var starts = [Int](repeating: 0, count: 1 << Self.bucketBits + 1)
        for candidate in candidates { starts[Int((candidate.row - run.firstRow) >> shift) + 1] += 1 }
        for bucket in 1..<starts.count { starts[bucket] += starts[bucket - 1] }
        sorted.removeAll(keepingCapacity: true)
        sorted.append(contentsOf: candidates)
        for candidate in candidates {
            let bucket = Int((candidate.row - run.firstRow) >> shift)
            sorted[starts[bucket]] = candidate
            starts[bucket] += 1
        }
    }

    /// Says of each candidate where its page is. Those without a segment go.
    private mutating func findPages(_ sealed: SealedRows, column: Int) throws(StoreError) {
        var pageRows: Range<UInt64> = 0..<0
        var kept = 0
        for place in sorted.indices {
            var candidate = sorted[place]
            if !pageRows.contains(candidate.row) {
                guard let segment = sealed.segments.place(of: candidate.row) else { continue }
                let (reader, rowInPage) = try sealed.segments[segment].page(column: column, row: candidate.row)
                let first = candidate.row - UInt64(rowInPage)
                pageRows = first..<first + UInt64(reader.rowCount)
                pages.append((reader, segment))
            }
            candidate.page = pages.count - 1
            candidate.rowInPage = Int(candidate.row - pageRows.lowerBound)
            sorted[kept] = candidate
            kept += 1
        }
        sorted.removeLast(sorted.count - kept)
    }
}
