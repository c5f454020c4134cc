import ColumnFormat

extension Manifest {
    static func path(_ directory: String, _ number: UInt64) -> String {
        FilePath.join(directory, prefix + LogFile.padded(number))
    }

    /// The number of the manifest that `CURRENT` names. Throws `.notFound` if there is no store, `.corrupt`.
    static func currentNumber(_ fileSystem: any FileSystem, _ directory: String) throws(StoreError) -> UInt64 {
        try current(fileSystem, directory).number
    }

    static func current(_ fileSystem: any FileSystem, _ directory: String) throws(StoreError) -> CurrentFile {
        let path = FilePath.join(directory, currentName)
        let bytes: [UInt8]
        do throws(StoreError) {
            bytes = try fileSystem.readFile(path, limit: CurrentFile.byteLimit)
        } catch {
            guard error.code == .notFound else { throw error }
            throw StoreError(
                .notFound, "there is no store here", path: directory, remedy: "check the path, or create the store",
                cause: error)
        }
        guard let current = CurrentFile(reading: bytes) else {
            throw .corrupt("it does not name a manifest", path: path, offset: 0)
        }
        return current
    }

    static func openCurrent(
        _ number: UInt64, _ mode: FileMode, _ fileSystem: any FileSystem, _ directory: String
    ) throws(StoreError) -> any File {
        do throws(StoreError) {
            return try fileSystem.open(path(directory, number), mode)
        } catch {
            throw error.code == .notFound ? missing(number, directory) : error
        }
    }

    static func missing(_ number: UInt64, _ directory: String) -> StoreError {
        .corrupt("CURRENT names a manifest that does not exist", path: path(directory, number))
    }

    static func manifestNumbers(_ fileSystem: any FileSystem, _ directory: String) throws(StoreError) -> [UInt64] {
        let names = try fileSystem.list(directory)
        return names.compactMap { LogFile.number(of: $0, prefix: prefix) }
    }

    /// What the open file looks like, without reading it: for a reader that asks whether to load it again.
    package static func version(
        _ fileSystem: any FileSystem, _ directory: String
    ) throws(StoreError) -> Version {
        let number = try currentNumber(fileSystem, directory)
        return Version(number: number, byteCount: try fileSystem.byteCount(of: path(directory, number)))
    }

    /// Removes at an opening what an earlier process left of manifests. That may have been killed, or have had a failed sync,
    /// between naming one in `CURRENT` and making the name durable: it is written anew, so that no loss of power brings back a name
    /// whose file is gone. Another sync would not do, as what a failed one was for is not tried again.
    func removeReplaced(by current: CurrentFile) throws(StoreError) {
        guard try Self.manifestNumbers(fileSystem, directory).contains(where: { $0 != current.number }) else { return }
        try fileSystem.replaceFile(FilePath.join(directory, Self.currentName), with: current.bytes)
        try removeOthers(than: current.number)
    }

    /// Removes manifests that were replaced, or never came to be named. Those who read one of them have it open.
    func removeOthers(than number: UInt64) throws(StoreError) {
        for other in try Self.manifestNumbers(fileSystem, directory) where other != number {
            try fileSystem.unlink(Self.path(directory, other))
        }
    }
}
