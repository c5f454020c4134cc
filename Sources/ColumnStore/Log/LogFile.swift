internal import ColumnFormat

/// The names of a store's logs: `log-000042`.
package enum LogFile {
    static let prefix = "log-"
    static let maximumNumber = ManifestState.maximumNumber

    package static func name(_ number: UInt64) -> String { prefix + padded(number) }

    package static func path(_ directory: String, _ number: UInt64) -> String {
        FilePath.join(directory, name(number))
    }

    /// The numbers of the logs in a directory, ascending.
    package static func numbers(in directory: String, _ fileSystem: any FileSystem) throws(StoreError) -> [UInt64] {
        let names = try fileSystem.list(directory)
        return names.compactMap { number(of: $0, prefix: prefix) }.sorted()
    }

    static func padded(_ number: UInt64) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 6 - digits.count)) + digits
    }

    /// The number in a name that `padded` made, so that each file has one name only.
    static func number(of name: String, prefix: String) -> UInt64? {
        // Numbers that nobody has reached leave room for all that come.
        guard name.hasPrefix(prefix), let number = UInt64(name.dropFirst(prefix.count)), number <= maximumNumber,
            name == prefix + padded(number)
        else { return nil }
        return number
    }

    /// Makes a file that begins with `bytes`, durable with its name on return. Throws `.noSpace` or `.io`, leaving nothing.
    static func create(
        _ path: String, bytes: [UInt8], byteCount: Int, _ fileSystem: any FileSystem
    ) throws(StoreError) -> any File {
        let temporary = path + ".tmp"
        do {
            let file = try fileSystem.open(temporary, .createOrTruncate)
            defer { file.close() }
            if byteCount > 0 { try file.preallocate(byteCount) }
            try file.write(bytes, at: 0)
            try file.sync()
            try fileSystem.rename(temporary, to: path)
            #if DRUMLIN_INJECTED_BUGS
                if InjectedBug.skipDirectorySync.isOn { return try fileSystem.open(path, .readWrite) }
            #endif
            try fileSystem.syncDirectory(FilePath.parent(of: path))
            // Opened anew so that its errors name it as it is called.
            return try fileSystem.open(path, .readWrite)
        } catch {
            // Best effort: a temporary file is ignored by all, and overwritten by the next attempt.
            try? fileSystem.unlink(temporary)
            throw error
        }
    }
}
