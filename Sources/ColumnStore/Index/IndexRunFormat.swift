package import ColumnFormat

/// The bytes of an index run: the keys of a range of rows of one table.
///
///     header  64 bytes: magic "DRUMLIDX", version u16, 6 zero bytes, first row u64, end row u64, entry count u64,
///             capacity u64, checksum of the slots u64, checksum of the header u64
///     slots   capacity × 8 bytes: (32-bit hash << 32) | (row − first row + 1), 0 = empty
///
/// A key's search begins at slot ⌊hash · capacity / 2³²⌋ and goes on to the next slot, from the last to the first,
/// until it meets an empty one. At most ¾ of the slots are taken.
package enum IndexRunFormat {
    package static let magic: UInt64 = 0x5844_494C_4D55_5244
    package static let version: UInt16 = 1
    package static let headerByteCount = 64

    package static func capacity(forEntries count: Int) -> Int { max(16, count + count / 3 + 1) }

    /// The bytes of a run with `entries`, whose row offsets count from `firstRow`. Deterministic: entries are placed in
    /// the order of (hash, row).
    package static func bytes(entries: [UInt64], firstRow: UInt64, endRow: UInt64) -> [UInt8] {
        let sorted = entries.sorted()
        let capacity = capacity(forEntries: sorted.count)
        var slots = [UInt64](repeating: 0, count: capacity)
        for bits in sorted {
            var slot = IndexEntry.homeSlot(of: IndexEntry(bits: bits).hash, capacity: capacity)
            while slots[slot] != 0 { slot = slot + 1 == capacity ? 0 : slot + 1 }
            slots[slot] = bits.littleEndian
        }
        let slotChecksum = unsafe slots.withUnsafeBytes { unsafe Checksum.of($0, seed: magic) }
        var writer = ByteWriter(reservingCapacity: headerByteCount + capacity * 8)
        writer.append(magic)
        writer.append(version)
        for _ in 0..<6 { writer.append(UInt8(0)) }
        writer.append(firstRow)
        writer.append(endRow)
        writer.append(UInt64(sorted.count))
        writer.append(UInt64(capacity))
        writer.append(slotChecksum)
        writer.append(Checksum.of(writer.bytes))
        unsafe slots.withUnsafeBytes { unsafe writer.append(raw: $0) }
        return writer.bytes
    }

    package struct Header: Sendable {
        package let firstRow: UInt64
        package let endRow: UInt64
        package let entryCount: Int
        package let capacity: Int
    }

    /// Checks all of the file: header, bounds, and the checksum of the slots.
    package static func check(_ bytes: UnsafeRawBufferPointer) throws(FormatError) -> Header {
        var reader = unsafe ByteReader(bytes)
        guard try reader.read(UInt64.self) == magic else {
            throw FormatError(.badMagic, "this is no index run: it does not begin with DRUMLIDX")
        }
        let version = try reader.read(UInt16.self)
        try reader.skip(6)
        let (firstRow, endRow) = (try reader.read(UInt64.self), try reader.read(UInt64.self))
        let (entryCount, capacity) = (try reader.read(UInt64.self), try reader.read(UInt64.self))
        let slotChecksum = try reader.read(UInt64.self)
        let stored = try reader.read(UInt64.self)
        guard unsafe Checksum.of(UnsafeRawBufferPointer(rebasing: bytes[..<56])) == stored else {
            throw FormatError(.badChecksum, "the header does not match its checksum", at: 56)
        }
        guard version == Self.version else {
            throw FormatError(.unsupported, "index run version \(version), this version reads \(Self.version)", at: 8)
        }
        let room = UInt64((bytes.count - headerByteCount) / 8)
        guard capacity == room, (bytes.count - headerByteCount) % 8 == 0, capacity > entryCount, capacity > 0 else {
            throw FormatError(.invalid, "\(capacity) slots for \(entryCount) keys in \(bytes.count) bytes", at: 32)
        }
        guard endRow >= firstRow, endRow - firstRow <= UInt64(IndexEntry.maximumRowCount), endRow <= UInt64(Int64.max)
        else { throw FormatError(.invalid, "rows \(firstRow) to \(endRow)", at: 16) }
        guard
            unsafe Checksum.of(UnsafeRawBufferPointer(rebasing: bytes[headerByteCount...]), seed: magic) == slotChecksum
        else { throw FormatError(.badChecksum, "the slots do not match their checksum", at: headerByteCount) }
        return Header(
            firstRow: firstRow, endRow: endRow, entryCount: Int(entryCount), capacity: Int(capacity))
    }
}
