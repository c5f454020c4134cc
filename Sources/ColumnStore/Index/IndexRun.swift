package import ColumnFormat
internal import Synchronization

/// An immutable index file, mapped: the hashes of the keys of a range of rows of one table. See ``IndexRunFormat``.
///
/// Opening reads the header and the checksums. A piece of the rest is held against its checksum when it is first read, so
/// that damage ends in an error and never hides a row; the bounds of everything read are checked besides. Thread-safe.
@safe
package final class IndexRun: Sendable {
    package let path: String
    /// The name by which the manifest knows it.
    package let fileName: String
    package let header: IndexRunFormat.Header
    package var firstRow: UInt64 { header.firstRow }
    package var endRow: UInt64 { header.endRow }
    package var entryCount: Int { header.entryCount }
    package var byteCount: Int { header.byteCount }
    /// The checksum of the header, which tells this run from any other.
    package let headerChecksum: UInt64
    private let file: MappedFile
    private nonisolated(unsafe) let checked: UnsafeMutablePointer<Atomic<UInt64>>
    private nonisolated(unsafe) let probeValue: IndexProbe

    var probe: IndexProbe { unsafe probeValue }

    /// Opens a run. O(checksums): a 512th of the file is read.
    package init(file: MappedFile, path: String, fileName: String = "") throws(StoreError) {
        try file.load(0..<IndexRunFormat.headerByteCount)
        let header = try Self.located(path) { () throws(FormatError) in unsafe try IndexRunFormat.check(file.bytes) }
        try file.load(header.checksumOffset..<file.count)
        try Self.located(path) { () throws(FormatError) in
            unsafe try IndexRunFormat.check(checksumsOf: header, in: file.bytes)
        }
        self.header = header
        self.path = path
        self.fileName = fileName
        self.file = file
        headerChecksum = unsafe UInt64(
            littleEndian: file.bytes.loadUnaligned(
                fromByteOffset: IndexRunFormat.headerByteCount - 8, as: UInt64.self))
        let wordCount = (header.pieceCount + 63) / 64
        let checked = UnsafeMutablePointer<Atomic<UInt64>>.allocate(capacity: wordCount)
        for word in 0..<wordCount { unsafe (checked + word).initialize(to: Atomic(0)) }
        unsafe self.checked = unsafe checked
        unsafe probeValue = IndexProbe(header, file: file.bytes.baseAddress!, checked: checked)
    }

    deinit { unsafe checked.deallocate() }

    private static func located<R>(_ path: String, _ body: () throws(FormatError) -> R) throws(StoreError) -> R {
        do throws(FormatError) {
            return try body()
        } catch {
            var failure = StoreError(error, path: path)
            if failure.code == .corrupt { failure.remedy = Self.remedy }
            throw failure
        }
    }

    /// Whether it is the run that a record of the manifest names. A run does not name its table: the checksum tells it from
    /// another table's.
    package func isOne(_ record: IndexRunRecord) -> Bool {
        firstRow == record.firstRow && endRow == record.endRow && UInt64(entryCount) == record.entryCount
            && UInt64(byteCount) == record.byteCount && headerChecksum == record.checksum
    }

    // MARK: Lookup

    /// The first row with this hash that `matches` accepts. Expected O(1), apart from the rows with the same hash.
    package func find(hash: UInt32, matches: (UInt64) throws(StoreError) -> Bool) throws(StoreError) -> UInt64? {
        let probe = probe
        return try find(hash: hash, probe, places(of: hash, probe), matches: matches)
    }

    /// ``find(hash:matches:)`` where the places are known.
    @inline(__always)
    func find(
        hash: UInt32, _ probe: IndexProbe, _ places: Range<Int>, matches: (UInt64) throws(StoreError) -> Bool
    ) throws(StoreError) -> UInt64? {
        let wanted = probe.rest(of: hash)
        var place = probe.firstPlace(of: wanted, in: places)
        while place < places.upperBound {
            let entry = probe.entry(place)
            guard probe.rest(entry) == wanted else { break }
            let row = try row(entry, probe)
            if try matches(row) { return row }
            place &+= 1
        }
        return nil
    }

    /// Where entries with this hash are, if anywhere.
    @inline(__always)
    func places(of hash: UInt32, _ probe: IndexProbe) throws(StoreError) -> Range<Int> {
        if let places = probe.readyPlaces(of: hash) { return places }
        return try places(of: hash)
    }

    /// Where entries with this hash are, if anywhere, after the bytes that say so were held against their checksums.
    @inline(never)
    func places(of hash: UInt32) throws(StoreError) -> Range<Int> {
        let bucket = probe.bucket(of: hash)
        let pieces = probe.pieces(ofBucket: bucket)
        try check(pieces.first...pieces.last)
        guard let places = probe.places(ofBucket: bucket) else { throw impossible("where bucket \(bucket) lies") }
        if places.isEmpty { return places }
        let entryPieces = probe.pieces(ofEntries: places)
        try check(entryPieces.first...entryPieces.last)
        return places
    }

    /// The row of an entry.
    @inline(__always)
    func row(_ entry: UInt64, _ probe: IndexProbe) throws(StoreError) -> UInt64 {
        let row = probe.firstRow &+ probe.rowOffset(entry)
        guard row < probe.endRow else { throw impossible("row \(row)") }
        return row
    }

    // MARK: Checksums

    /// Holds pieces of the file against their checksums, those that never were.
    @inline(never)
    func check(_ pieces: ClosedRange<Int>) throws(StoreError) {
        for piece in pieces where !probe.isChecked(piece) {
            let place = header.piece(piece)
            try file.load(place)
            let bytes = unsafe UnsafeRawBufferPointer(rebasing: file.bytes[place])
            let stored = unsafe UInt64(
                littleEndian: file.bytes.loadUnaligned(
                    fromByteOffset: header.checksumOffset + piece * 8, as: UInt64.self))
            guard unsafe Checksum.of(bytes, seed: UInt64(place.lowerBound)) == stored else {
                throw damaged(
                    "bytes \(place.lowerBound) to \(place.upperBound) do not match their checksum", place.lowerBound)
            }
            probe.noteChecked(piece)
        }
    }

    @inline(never)
    func impossible(_ what: String) -> StoreError {
        damaged("the index says of \(what) what cannot be", header.entryOffset)
    }

    func damaged(_ message: String, _ offset: Int) -> StoreError {
        StoreError(.corrupt, message, path: path, offset: offset, remedy: Self.remedy)
    }

    private static let remedy =
        "close the store, remove this file and open the store for writing: the index is then made again from the rows"

    /// Holds all of the file against its checksums.
    package func verifyChecksums() throws(StoreError) { try check(0...header.pieceCount - 1) }

    /// Reads all of the run: each checksum, the order of the entries, and that the directory leads to them. Returns a sum
    /// of all entries, which is equal for runs with the same entries.
    @discardableResult
    package func verify() throws(StoreError) -> UInt64 {
        var cursor = IndexRunCursor(self)
        var digest = IndexDigest()
        var previous: UInt64 = 0
        while let key = try cursor.next() {
            guard key >= previous else { throw impossible("the order of the hashes") }
            previous = key
            digest.add(hash: UInt32(truncatingIfNeeded: key >> 32), row: firstRow &+ (key & 0xFFFF_FFFF))
        }
        try check(0...header.pieceCount - 1)
        guard probe.start(ofBucket: 0) == 0, probe.start(ofBucket: probe.bucketCount) == entryCount else {
            throw impossible("the first and the last entry")
        }
        return digest.sum
    }
}

/// A sum over entries in any order.
struct IndexDigest {
    private(set) var sum: UInt64 = 0

    @inline(__always)
    mutating func add(hash: UInt32, row: UInt64) {
        var mixed = (UInt64(hash) &<< 32 ^ row) &* 0x9E37_79B9_7F4A_7C15
        mixed = (mixed ^ mixed &>> 32) &* 0xD6E8_FEB8_6659_FD93
        sum = sum &+ (mixed ^ mixed &>> 29)
    }
}
