import ColumnFormat
import Synchronization

/// A retired log whose blocks on the disk are written already, with zeros: a sync into it changes no metadata of the file
/// system, and takes about half the time.
struct SpareLog: Sendable {
    let file: any File
    let byteCount: Int
}

extension LogWriter {
    /// The name of the spare. Like all that ends in `.tmp` it goes when the store is opened.
    static let spareName = "log-spare.tmp"
    /// A larger log goes, rather than to be kept.
    private static let spareByteLimit = 128 << 20
    private static let pieceByteCount = 1 << 20

    private var sparePath: String { FilePath.join(directory, Self.spareName) }

    /// Takes a log that no manifest names any more, to be the next one; false where it is still there under its name and has
    /// to be removed.
    ///
    /// What it held is overwritten before this returns, so nothing that is erased later is left in it. Its header goes first:
    /// a reader in another process that has the file open looks at that again when it has read the rest.
    func recycle(_ number: UInt64) -> Bool {
        let isWanted = spare.withLock { $0 == nil } && appendState.withLock { !$0.isEnded }
        guard options.recyclesLogs, isWanted,
            (try? fileSystem.rename(LogFile.path(directory, number), to: sparePath)) != nil
        else { return false }
        do throws(StoreError) {
            let file = try fileSystem.open(sparePath, .readWrite)
            let byteCount = try file.byteCount()
            // One that a closing store cut has no room for what calls are promised; and somebody's backup may be a hard link.
            guard byteCount >= max(options.chunkByteCount, LogFileHeader.byteCount), byteCount <= Self.spareByteLimit,
                try file.linkCount() == 1
            else {
                file.close()
                try fileSystem.unlink(sparePath)
                return true
            }
            try clear(file, byteCount)
            let isKept = spare.withLock { spare in
                guard spare == nil, appendState.withLock({ !$0.isEnded }) else { return false }
                spare = SpareLog(file: file, byteCount: byteCount)
                return true
            }
            if !isKept {
                file.close()
                try fileSystem.unlink(sparePath)
            }
        } catch {
            try? fileSystem.unlink(sparePath)
        }
        return true
    }

    private func clear(_ file: any File, _ byteCount: Int) throws(StoreError) {
        #if DRUMLIN_INJECTED_BUGS
            if InjectedBug.recycleUncleared.isOn { return }
        #endif
        let zeros = [UInt8](repeating: 0, count: min(byteCount, Self.pieceByteCount))
        try file.write(Array(zeros.prefix(LogFileHeader.byteCount)), at: 0)
        var offset = 0
        while offset < byteCount {
            let count = min(zeros.count, byteCount - offset)
            try file.write(count == zeros.count ? zeros : Array(zeros.prefix(count)), at: offset)
            offset += count
            // Piece by piece, so that the syncs of callers do not queue up behind a large one.
            try file.sync()
        }
    }

    /// The spare as the file of `target`, durable with its name; nil where there is none, or where it cannot be written.
    /// Throws what a name that may or may not be durable means: the caller treats it as it does for a new file.
    func takeSpare(for target: LogTarget) throws(StoreError) -> (any File)? {
        guard let spare = takeSpare() else { return nil }
        defer { spare.file.close() }
        do throws(StoreError) {
            try spare.file.write(target.header.encoded(), at: 0)
            try spare.file.sync()
        } catch {
            // Nothing depends on it yet: a new file takes its place.
            try? fileSystem.unlink(sparePath)
            return nil
        }
        try fileSystem.rename(sparePath, to: target.path)
        #if DRUMLIN_INJECTED_BUGS
            if !InjectedBug.skipDirectorySync.isOn { try fileSystem.syncDirectory(directory) }
        #else
            try fileSystem.syncDirectory(directory)
        #endif
        let file = try fileSystem.open(target.path, .readWrite)
        appendState.withLock { state in
            if state.target === target { state.reservedByteCount = max(state.reservedByteCount, spare.byteCount) }
        }
        return file
    }

    /// Lets the spare go.
    func removeSpare() {
        guard let spare = takeSpare() else { return }
        spare.file.close()
        try? fileSystem.unlink(sparePath)
    }

    private func takeSpare() -> SpareLog? {
        spare.withLock { spare in
            defer { spare = nil }
            return spare
        }
    }
}
