/// The index runs of a table, oldest first; together they cover its sealed rows. Immutable, so that a reader searches what
/// it found, whatever is sealed meanwhile.
@safe
package final class SealedIndex: Sendable {
    package let runs: [IndexRun]
    /// The runs' parts, together: a search through all of them counts no references.
    private nonisolated(unsafe) let probes: UnsafeMutablePointer<IndexProbe>

    /// Why nothing can be looked up: a run cannot be read, in a store that was opened for reading.
    private let failure: StoreError?

    package init(_ runs: [IndexRun] = [], failure: StoreError? = nil) {
        self.runs = runs
        self.failure = failure
        unsafe probes = UnsafeMutablePointer<IndexProbe>.allocate(capacity: runs.count)
        for place in runs.indices { unsafe (probes + place).initialize(to: runs[place].probe) }
    }

    deinit { unsafe probes.deallocate() }

    /// The parts of one run.
    @inline(__always)
    func probe(_ place: Int) -> IndexProbe { unsafe probes[place] }

    @inline(__always)
    func checkUsable() throws(StoreError) {
        if let failure { throw failure }
    }

    // MARK: One key

    /// Asks for the memory in which the search for a hash begins, of all runs at once.
    @inline(__always)
    package func prefetch(_ hash: UInt32) {
        for place in 0..<runs.count {
            let probe = unsafe probes[place]
            probe.prefetchDirectory(probe.bucket(of: hash))
        }
    }

    /// The newest-first search for rows with a hash, up to the first that `matches` accepts.
    ///
    /// Of n rows there are at most log₂(n ÷ rows of a memtable) + 2 runs; their memory is waited for together: once for the
    /// directories, once for the entries. Apart from that O(runs), and one call for each row with this hash.
    @inline(__always)
    package func find(
        _ hash: UInt32, matches: (UInt64) throws(StoreError) -> Bool
    ) throws(StoreError) -> UInt64? {
        try checkUsable()
        prefetchEntries(hash)
        var place = runs.count
        while place > 0 {
            place &-= 1
            let found = try find(hash, inRun: place, matches: matches)
            if let found { return found }
        }
        return nil
    }

    /// The newest row with a hash that `matches` accepts. As ``find(_:matches:)``, and one call more for each row with this hash
    /// in the run where the newest is.
    package func newest(
        _ hash: UInt32, matches: (UInt64) throws(StoreError) -> Bool
    ) throws(StoreError) -> UInt64? {
        try checkUsable()
        prefetchEntries(hash)
        var newest: UInt64?
        var place = runs.count
        while place > 0, newest == nil {
            place &-= 1
            _ = try find(hash, inRun: place) { (row: UInt64) throws(StoreError) -> Bool in
                if try matches(row) { newest = max(newest ?? 0, row) }
                return false
            }
        }
        return newest
    }

    @inline(__always)
    private func prefetchEntries(_ hash: UInt32) {
        for place in 0..<runs.count {
            let probe = unsafe probes[place]
            if let places = probe.places(ofBucket: probe.bucket(of: hash)) { probe.prefetchEntries(places) }
        }
    }

    @inline(__always)
    private func find(
        _ hash: UInt32, inRun place: Int, matches: (UInt64) throws(StoreError) -> Bool
    ) throws(StoreError) -> UInt64? {
        let probe = unsafe probes[place]
        let places: Range<Int>
        if let ready = probe.readyPlaces(of: hash) { places = ready } else { places = try runs[place].places(of: hash) }
        let wanted = probe.rest(of: hash)
        let first = probe.firstPlace(of: wanted, in: places)
        guard first < places.upperBound, probe.rest(probe.entry(first)) == wanted else { return nil }
        return try runs[place].find(hash: hash, probe, first..<places.upperBound, matches: matches)
    }
}
