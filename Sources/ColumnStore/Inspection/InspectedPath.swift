internal import ColumnFormat

/// What a path given to an inspector means.
package enum InspectedPath: Sendable, Equatable {
    /// A store's directory.
    case store(String)
    /// A table, or the tables of a task, of a store: its directory, and the rest of the path.
    case tables(store: String, name: String)
    /// A directory of segment files without the store that they are from.
    case folder(String)
    /// One segment file.
    case segment(String)

    /// Looks at what is there. A table need not have a folder yet: `STORE/TASK/TABLE` is enough.
    ///
    /// - Parameter currentDirectory: An absolute path, from which relative ones count.
    /// - Throws: `.notFound`; `.invalidInput` for what is no part of a store; `.corrupt` for a store without `CURRENT`; `.io`.
    package init(_ path: String, currentDirectory: String, fileSystem: any FileSystem) throws(StoreError) {
        switch try fileSystem.kind(of: path) {
        case .file, .other:
            try Self.checkSegment(path, fileSystem)
            self = .segment(path)
            return
        case .directory:
            if try Manifest.exists(fileSystem, path) {
                self = .store(path)
                return
            }
        case .none: break
        }
        if let inside = try Self.insideStore(path, currentDirectory, fileSystem) {
            self = inside
            return
        }
        guard try fileSystem.kind(of: path) == .directory else {
            throw StoreError(
                .notFound, "there is nothing here", path: path, remedy: "check the path, or the name of the verb")
        }
        let names = try fileSystem.list(path)
        if names.contains(where: { $0.hasSuffix(".seg") }) {
            self = .folder(path)
        } else if names.contains(where: { LogFile.number(of: $0, prefix: Manifest.prefix) != nil }) {
            throw .corrupt("the store's file CURRENT is missing", path: FilePath.join(path, Manifest.currentName))
        } else {
            throw StoreError(
                .invalidInput, "this directory is no store: it has no CURRENT and no segment files", path: path,
                remedy: "give the path of a store, of a table in it, or of a segment file")
        }
    }

    private static func checkSegment(_ path: String, _ fileSystem: any FileSystem) throws(StoreError) {
        guard !path.hasSuffix(".seg") else { return }
        guard try fileSystem.kind(of: path) == .file else {
            throw StoreError(
                .invalidInput, "this is neither a file nor a directory", path: path, remedy: "give the path of a store")
        }
        let file = try fileSystem.open(path, .read)
        defer { file.close() }
        let start = try file.read(min(8, try file.byteCount()), at: 0)
        guard start == Array(SegmentFormat.header().prefix(8)) else {
            throw StoreError(
                .invalidInput, "this file is no segment: it does not begin with DRUMLSEG", path: path,
                remedy: "give the path of a store, of a table in it, or of a segment file")
        }
    }

    /// A table's path is that of its store and at most two names: `TASK/TABLE`.
    private static let maximumDepth = 2

    private static func insideStore(
        _ path: String, _ currentDirectory: String, _ fileSystem: any FileSystem
    ) throws(StoreError) -> InspectedPath? {
        let isAbsolute = path.hasPrefix("/")
        let names = normalized(isAbsolute ? path : FilePath.join(currentDirectory, path))
        let given = path.split(separator: "/")
        let isPlain = !given.contains("..") && !given.contains(".")
        for depth in 1...maximumDepth where depth < names.count {
            let absolute = "/" + names.dropLast(depth).joined(separator: "/")
            guard try fileSystem.kind(of: absolute) == .directory, try Manifest.exists(fileSystem, absolute) else {
                continue
            }
            // Called as it was called, as far as that is possible.
            let shown = given.dropLast(depth).joined(separator: "/")
            let store = isPlain && given.count > depth ? (isAbsolute ? "/" : "") + shown : absolute
            return .tables(store: store, name: names.suffix(depth).joined(separator: "/"))
        }
        return nil
    }

    private static func normalized(_ path: String) -> [Substring] {
        var names: [Substring] = []
        for name in path.split(separator: "/") where name != "." {
            if name == ".." { _ = names.popLast() } else { names.append(name) }
        }
        return names
    }
}
