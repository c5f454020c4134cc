internal import CDrumlinShims
internal import ColumnFormat
internal import Synchronization

/// Where the parts of an index run lie in memory, and how to read a bucket: plain words, so that a search through all runs
/// of a table counts no references. Valid as long as its ``IndexRun``.
@safe
struct IndexProbe {
    private let directory: UnsafeRawPointer
    private let entries: UnsafeRawPointer
    /// A bit for each piece whose checksum was found right.
    private let checked: UnsafeMutablePointer<Atomic<UInt64>>
    private let directoryPieceCount: Int
    private let directoryBits: Int
    private let directoryBias: Int
    private let bucketBits: Int
    private let entryBits: Int
    private let rowBits: Int
    let entryCount: Int
    let firstRow: UInt64
    let endRow: UInt64

    init(_ header: IndexRunFormat.Header, file: UnsafeRawPointer, checked: UnsafeMutablePointer<Atomic<UInt64>>) {
        unsafe directory = file + header.directoryOffset
        unsafe entries = file + header.entryOffset
        unsafe self.checked = unsafe checked
        directoryPieceCount = header.directoryPieceCount
        directoryBits = header.directoryBits
        directoryBias = 1 << (header.directoryBits - 1)
        bucketBits = header.bucketBits
        entryBits = header.entryBits
        rowBits = header.rowBits
        entryCount = header.entryCount
        firstRow = header.firstRow
        endRow = header.endRow
    }

    var bucketCount: Int { 1 << bucketBits }

    @inline(__always)
    func bucket(of hash: UInt32) -> Int {
        Int(truncatingIfNeeded: UInt64(hash) &>> UInt64(truncatingIfNeeded: 32 &- bucketBits))
    }

    /// What an entry keeps of a hash.
    @inline(__always)
    func rest(of hash: UInt32) -> UInt64 {
        UInt64(hash) & ~(UInt64.max &<< UInt64(truncatingIfNeeded: 32 &- bucketBits))
    }

    /// The hash of an entry of a bucket.
    @inline(__always)
    func hash(bucket: Int, entry: UInt64) -> UInt32 {
        UInt32(truncatingIfNeeded: UInt64(truncatingIfNeeded: bucket) &<< UInt64(truncatingIfNeeded: 32 &- bucketBits))
            | UInt32(truncatingIfNeeded: rest(entry))
    }

    @inline(__always)
    func rest(_ entry: UInt64) -> UInt64 { entry &>> UInt64(truncatingIfNeeded: rowBits) }

    /// The row of an entry, counted from ``firstRow``; nothing says that the run has it.
    @inline(__always)
    func rowOffset(_ entry: UInt64) -> UInt64 { entry & ~(UInt64.max &<< UInt64(truncatingIfNeeded: rowBits)) }

    @inline(__always)
    func entry(_ place: Int) -> UInt64 { unsafe IndexRunFormat.number(entries, place, width: entryBits) }

    /// Where a bucket begins, as the directory has it: any number. `bucket` may be the one behind the last.
    @inline(__always)
    func start(ofBucket bucket: Int) -> Int {
        let expected =
            (UInt64(truncatingIfNeeded: bucket) &* UInt64(truncatingIfNeeded: entryCount))
            &>> UInt64(truncatingIfNeeded: bucketBits)
        let deviation = unsafe IndexRunFormat.number(directory, bucket, width: directoryBits)
        return Int(truncatingIfNeeded: expected &+ deviation) &- directoryBias
    }

    /// The places of a bucket's entries; nil where the directory says what cannot be.
    @inline(__always)
    func places(ofBucket bucket: Int) -> Range<Int>? {
        let (start, end) = (start(ofBucket: bucket), start(ofBucket: bucket &+ 1))
        guard start >= 0, start <= end, end <= entryCount else { return nil }
        return unsafe Range(uncheckedBounds: (start, end))
    }

    /// Where entries with this hash are, if anywhere: in the order of hashes, up to the end of their bucket. Nil where bytes
    /// that say so were not held against their checksum yet, or cannot be: ``IndexRun/places(of:)`` then does, and says.
    @inline(__always)
    func readyPlaces(of hash: UInt32) -> Range<Int>? {
        let bucket = bucket(of: hash)
        let pieces = pieces(ofBucket: bucket)
        guard isChecked(pieces.first), isChecked(pieces.last), let places = places(ofBucket: bucket) else { return nil }
        if places.isEmpty { return places }
        let entryPieces = self.pieces(ofEntries: places)
        guard isChecked(entryPieces.first), isChecked(entryPieces.last), entryPieces.last &- entryPieces.first <= 1
        else { return nil }
        return places
    }

    /// The first place in `places` whose entry does not come before what is kept of the wanted hash. Buckets hold about
    /// ten entries; only where many keys have one hash there are more.
    @inline(__always)
    func firstPlace(of wanted: UInt64, in places: Range<Int>) -> Int {
        var low = places.lowerBound
        if places.count > 64 {
            var high = places.upperBound
            while low < high {
                let middle = (low &+ high) / 2
                if rest(entry(middle)) < wanted { low = middle &+ 1 } else { high = middle }
            }
            return low
        }
        while low < places.upperBound, rest(entry(low)) < wanted { low &+= 1 }
        return low
    }

    // MARK: Checksums

    @inline(__always)
    func isChecked(_ piece: Int) -> Bool {
        unsafe checked[piece &>> 6].load(ordering: .relaxed) &>> UInt64(truncatingIfNeeded: piece & 63) & 1 != 0
    }

    func noteChecked(_ piece: Int) {
        unsafe checked[piece >> 6].bitwiseOr(1 << UInt64(piece & 63), ordering: .relaxed)
    }

    /// The pieces in which the directory says where a bucket begins and ends.
    @inline(__always)
    func pieces(ofBucket bucket: Int) -> (first: Int, last: Int) {
        let bit = bucket &* directoryBits
        return (bit &>> 15, (bit &+ 2 &* directoryBits &- 1) &>> 15)
    }

    /// The pieces in which entries lie; `places` are not empty.
    @inline(__always)
    func pieces(ofEntries places: Range<Int>) -> (first: Int, last: Int) {
        (
            directoryPieceCount &+ (places.lowerBound &* entryBits) &>> 15,
            directoryPieceCount &+ (places.upperBound &* entryBits &- 1) &>> 15
        )
    }

    // MARK: Memory

    @inline(__always)
    func prefetchDirectory(_ bucket: Int) { unsafe drumlin_prefetch(directory + (bucket &* directoryBits) &>> 3) }

    @inline(__always)
    func prefetchEntries(_ places: Range<Int>) {
        let first = unsafe entries + (places.lowerBound &* entryBits) &>> 3
        unsafe drumlin_prefetch(first)
        // Ten entries of 36 bits cross a line in most buckets.
        unsafe drumlin_prefetch(first + (places.count &* entryBits) &>> 3)
    }
}
