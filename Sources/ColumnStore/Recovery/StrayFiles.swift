internal import ColumnFormat

/// Removes what crashes and failed removals left in a store's directory. Only its writer may, before it writes.
///
/// Everything is best effort: a file that cannot be removed does no harm but take room.
struct StrayFiles {
    let directory: String
    let fileSystem: any FileSystem

    /// Files are two folders down at most: `task/table/0000000001.seg`.
    private static let maximumDepth = 2

    func remove(keeping state: ManifestState) {
        for name in names(in: "") {
            // CURRENT.tmp, MANIFEST-000007.tmp, log-000042.tmp
            if name.hasSuffix(".tmp"), name == "CURRENT.tmp" || name.hasPrefix("MANIFEST-") || name.hasPrefix("log-") {
                try? fileSystem.unlink(FilePath.join(directory, name))
            }
        }
        for log in (try? LogFile.numbers(in: directory, fileSystem)) ?? [] where log < state.logStart {
            try? fileSystem.unlink(LogFile.path(directory, log))
        }
        let folders = Set(state.tables.values.map(\.name))
        for name in names(in: "") { clean(name, depth: 0, live: state.fileNames, tables: folders) }
    }

    private func clean(_ folder: String, depth: Int, live: Set<String>, tables: Set<String>) {
        let path = FilePath.join(directory, folder)
        // What lies behind a link is not the store's.
        guard (try? fileSystem.isLink(path)) == false, (try? fileSystem.kind(of: path)) == .directory else { return }
        for name in names(in: folder) {
            let relative = "\(folder)/\(name)"
            if Self.isOurs(name) {
                if !live.contains(relative) { try? fileSystem.unlink(FilePath.join(directory, relative)) }
            } else if depth < Self.maximumDepth {
                clean(relative, depth: depth + 1, live: live, tables: tables)
            }
        }
        // What a dropped table leaves; fails, as it should, where anything is in it.
        if !tables.contains(folder), names(in: folder).isEmpty {
            try? fileSystem.removeDirectory(FilePath.join(directory, folder))
        }
    }

    /// Whether a name is one that the store gives to files of tables and views: ten hexadecimal digits and a suffix.
    private static func isOurs(_ name: String) -> Bool {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2 || parts.count == 3 && parts[2] == "tmp" else { return false }
        return ["seg", "idx", "ckpt"].contains(parts[1]) && parts[0].utf8.count >= 10
            && parts[0].allSatisfy { $0.isHexDigit && !$0.isUppercase }
    }

    private func names(in folder: String) -> [String] {
        (try? fileSystem.list(folder.isEmpty ? directory : FilePath.join(directory, folder))) ?? []
    }
}
