/// How sealed files are read.
public enum FileAccess: Sendable, CaseIterable {
    /// Mapped into memory: the operating system brings what is touched, shares it among processes, and takes it away when
    /// memory is short. A disk that fails while it does that ends the process with SIGBUS. For local disks.
    case mapped
    /// Read piece by piece when it is first needed, so that a disk that fails is an error with a place (`.io`). What was read
    /// stays in memory as long as the store, or a snapshot, is open, and each file keeps a descriptor. For disks that may
    /// fail or go away: network file systems, a disk that is to be rescued.
    case copied
}

extension FileSystem {
    /// The bytes of a file that no one writes any more.
    func bytes(of path: String, _ access: FileAccess) throws(StoreError) -> MappedFile {
        let file = try open(path, .read)
        switch access {
        case .mapped:
            // The map needs no descriptor.
            defer { file.close() }
            return try file.map()
        case .copied:
            return MappedFile(reading: file, byteCount: try file.byteCount())
        }
    }
}
