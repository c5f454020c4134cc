internal import ColumnFormat

/// Writes a run as its entries come, in the order of (hash, row): with two small buffers, and the checksums, whatever the
/// size of the run.
struct IndexRunWriter: ~Copyable {
    private var header: IndexRunFormat.Header
    private var sink: IndexRunSink
    private var directory: PackedSection
    private var entries: PackedSection
    private let bias: Int
    private let restMask: UInt64
    /// The bucket of the entry before, and how many entries there are.
    private var bucket = -1
    private var count = 0
    private var previous: UInt64 = 0
    private(set) var digest = IndexDigest()
    /// The entries are so uneven that the directory cannot say where they are: they have to be written again, to a run with
    /// a wider directory.
    private(set) var isSkewed = false

    /// `file` is empty; nothing else is done with it until ``finish()``.
    init(_ file: any File, _ header: IndexRunFormat.Header) {
        self.header = header
        sink = IndexRunSink(file, byteCount: header.byteCount)
        directory = PackedSection(
            width: header.directoryBits, offset: header.directoryOffset, byteCount: header.directoryByteCount)
        entries = PackedSection(width: header.entryBits, offset: header.entryOffset, byteCount: header.entryByteCount)
        bias = 1 << (header.directoryBits - 1)
        restMask = UInt64(UInt32.max) >> UInt64(header.bucketBits)
    }

    /// Adds an entry: `hash << 32 | row`, rows counted from the run's first.
    @inline(__always)
    mutating func append(_ key: UInt64) throws(StoreError) {
        precondition(key >= previous || count == 0, "entries of an index run come in their order")
        previous = key
        let (hash, row) = (key &>> 32, key & 0xFFFF_FFFF)
        let next = Int(truncatingIfNeeded: hash &>> UInt64(truncatingIfNeeded: 32 &- header.bucketBits))
        if next != bucket { try begin(next) }
        try entries.append((hash & restMask) &<< UInt64(truncatingIfNeeded: header.rowBits) | row, to: &sink)
        digest.add(hash: UInt32(truncatingIfNeeded: hash), row: header.firstRow &+ row)
        count &+= 1
    }

    /// Says of the buckets up to `next` where they begin.
    private mutating func begin(_ next: Int) throws(StoreError) {
        while bucket < next {
            bucket &+= 1
            let deviation = count &- header.expectedStart(ofBucket: bucket) &+ bias
            guard deviation >= 0, deviation &>> header.directoryBits == 0 else {
                isSkewed = true
                bucket = next
                return
            }
            try directory.append(UInt64(truncatingIfNeeded: deviation), to: &sink)
        }
    }

    /// Writes what is left, and the header. The file is not synced.
    mutating func finish() throws(StoreError) -> IndexRunFormat.Header {
        precondition(count == header.entryCount, "\(count) entries, \(header.entryCount) were announced")
        try begin(header.bucketCount)
        guard !isSkewed else { return header }
        try directory.finish(&sink)
        try entries.finish(&sink)
        var checksums = ByteWriter(reservingCapacity: header.pieceCount * 8)
        for checksum in directory.checksums { checksums.append(checksum) }
        for checksum in entries.checksums { checksums.append(checksum) }
        header.checksum = Checksum.of(checksums.bytes, seed: IndexRunFormat.magic)
        try sink.write(checksums.bytes, at: header.checksumOffset)
        try sink.write(header.bytes(), at: 0)
        try sink.finish()
        return header
    }
}

/// Takes pieces of a file in any order: a small file is put together in memory and written once.
private struct IndexRunSink {
    private static let smallByteCount = 256 << 10

    private let file: any File
    private let memory: RawBuffer?
    private let byteCount: Int

    init(_ file: any File, byteCount: Int) {
        self.file = file
        self.byteCount = byteCount
        memory = byteCount <= Self.smallByteCount ? RawBuffer(byteCapacity: byteCount) : nil
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(StoreError) {
        guard let memory else { return unsafe try file.pwrite(bytes, at: offset) }
        unsafe (memory.base + offset).copyMemory(from: bytes.baseAddress!, byteCount: bytes.count)
    }

    func write(_ bytes: [UInt8], at offset: Int) throws(StoreError) {
        guard let memory else { return try file.write(bytes, at: offset) }
        for (index, byte) in bytes.enumerated() {
            unsafe memory.base.storeBytes(of: byte, toByteOffset: offset + index, as: UInt8.self)
        }
    }

    func finish() throws(StoreError) {
        guard let memory else { return }
        unsafe try file.pwrite(UnsafeRawBufferPointer(start: memory.base, count: byteCount), at: 0)
    }
}

/// Numbers of one width, packed without gaps, on their way into a part of a file.
@safe
private struct PackedSection: ~Copyable {
    private static let bufferByteCount = 128 << 10

    private let width: Int
    private let offset: Int
    private let byteCount: Int
    private let buffer: UnsafeMutableRawPointer
    private let bufferByteCount: Int
    /// Whole bytes in the buffer, and the bits after them.
    private var used = 0
    private var bits: UInt64 = 0
    private var bitCount = 0
    private var written = 0
    private(set) var checksums: [UInt64] = []

    init(width: Int, offset: Int, byteCount: Int) {
        self.width = width
        self.offset = offset
        self.byteCount = byteCount
        // A section that fits is written once, at its end.
        bufferByteCount = min(
            Self.bufferByteCount, IndexRunFormat.pieceCount(byteCount) * IndexRunFormat.pieceByteCount)
        unsafe buffer = UnsafeMutableRawPointer.allocate(byteCount: bufferByteCount + 16, alignment: 64)
        checksums.reserveCapacity(IndexRunFormat.pieceCount(byteCount))
    }

    deinit { unsafe buffer.deallocate() }

    @inline(__always)
    mutating func append(_ number: UInt64, to sink: inout IndexRunSink) throws(StoreError) {
        bits |= number &<< UInt64(truncatingIfNeeded: bitCount)
        unsafe buffer.storeBytes(of: bits.littleEndian, toByteOffset: used, as: UInt64.self)
        let filled = bitCount &+ width
        used &+= filled &>> 3
        bits = filled == 64 ? 0 : bits &>> UInt64(truncatingIfNeeded: filled & ~7)
        bitCount = filled & 7
        if used >= bufferByteCount { try flush(&sink) }
    }

    /// Writes the whole buffer; what lies behind it goes to its front.
    private mutating func flush(_ sink: inout IndexRunSink) throws(StoreError) {
        try write(bufferByteCount, to: &sink)
        let rest = unsafe buffer.loadUnaligned(fromByteOffset: bufferByteCount, as: UInt64.self)
        unsafe buffer.storeBytes(of: rest, as: UInt64.self)
        used -= bufferByteCount
    }

    /// The zeros at the end, and whatever is still in the buffer.
    mutating func finish(_ sink: inout IndexRunSink) throws(StoreError) {
        while written + used < byteCount || bitCount > 0 {
            unsafe buffer.storeBytes(of: UInt8(truncatingIfNeeded: bits), toByteOffset: used, as: UInt8.self)
            (bits, bitCount) = (0, 0)
            used += 1
            if used >= bufferByteCount { try flush(&sink) }
        }
        precondition(written + used == byteCount, "\(written + used) bytes of \(byteCount)")
        if used > 0 { try write(used, to: &sink) }
        used = 0
    }

    private mutating func write(_ count: Int, to sink: inout IndexRunSink) throws(StoreError) {
        var start = 0
        while start < count {
            let end = min(start + IndexRunFormat.pieceByteCount, count)
            let piece = unsafe UnsafeRawBufferPointer(start: buffer + start, count: end - start)
            unsafe checksums.append(Checksum.of(piece, seed: UInt64(offset + written + start)))
            start = end
        }
        unsafe try sink.write(UnsafeRawBufferPointer(start: buffer, count: count), at: offset + written)
        written += count
    }
}
