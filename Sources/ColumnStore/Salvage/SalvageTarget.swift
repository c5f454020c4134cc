internal import ColumnFormat

/// The new store, while its files are written; it becomes one with its manifest, which comes last.
struct SalvageTarget {
    let path: String
    let fileSystem: any FileSystem
    private(set) var fileNumber: UInt64 = 1
    var edits: [ManifestEdit] = []

    /// A name for a file of a table, in a folder that is there.
    mutating func newName(table: String, extension suffix: String) throws(StoreError) -> String {
        try fileSystem.createDirectories(FilePath.join(path, table))
        let digits = String(fileNumber, radix: 16)
        fileNumber += 1
        return "\(table)/\(String(repeating: "0", count: max(0, 10 - digits.count)))\(digits).\(suffix)"
    }

    /// Writes a file of a table; its name is durable on return.
    mutating func write(
        _ bytes: [UInt8], table: String, extension suffix: String
    ) throws(StoreError) -> String {
        let name = try newName(table: table, extension: suffix)
        try fileSystem.replaceFile(FilePath.join(path, name), with: bytes)
        return name
    }

    /// Writes a segment and makes it live.
    mutating func add(_ bytes: [UInt8], to table: SalvagedTable) throws(StoreError) {
        let reader = try unsafe bytes.withUnsafeBytesThrowing { (raw) throws(StoreError) in
            try SegmentReader(file: unsafe MappedFile(copying: raw), path: table.name)
        }
        let name = try write(bytes, table: table.name, extension: "seg")
        let record = SegmentRecord(
            fileName: name, firstRow: reader.firstRow, rowCount: UInt64(reader.rowCount),
            byteCount: UInt64(bytes.count), footerChecksum: reader.footerChecksum, firstSequence: 1, lastSequence: 1)
        edits.append(.segmentAdded(tableID: table.id, record))
    }

    /// Makes the directory a store.
    mutating func commit() throws(StoreError) {
        let manifest = try Manifest.create(fileSystem, path)
        edits.append(.nextFileNumber(fileNumber))
        try manifest.commit(edits)
        manifest.close()
    }
}
