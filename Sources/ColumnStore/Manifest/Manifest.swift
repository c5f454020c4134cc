package import ColumnFormat
import Synchronization

/// The list of what is live in a store, kept as a log of edits.
///
/// `CURRENT` names the manifest, `MANIFEST-000007`: a file in the log's framing whose first frame is a snapshot and whose
/// further frames are commits, each durable before the next is written. At about 1 MiB, and after any error, a new file is
/// begun with a snapshot, and `CURRENT` replaced.
///
/// May be used from several threads; commits follow each other.
package final class Manifest: Sendable {
    /// What one manifest file looked like when it was read; two equal versions hold the same state.
    package struct Version: Equatable, Sendable {
        package let number: UInt64
        package let byteCount: Int
    }

    static let prefix = "MANIFEST-"
    static let currentName = "CURRENT"

    let fileSystem: any FileSystem
    let directory: String
    private let rollByteCount: Int
    private let output: Mutex<Output>
    private let published: Mutex<ManifestState>

    private struct Output {
        var file: (any File)?
        var seed: UInt64
        /// The greatest that was ever used: attempts that failed have left files of greater numbers than `file` has.
        var number: UInt64
        /// Of `file`.
        var fileNumber: UInt64 = 0
        var offset: Int
        var nextSequence: UInt64
        /// The file ends in something unknown: the next commit goes to a new one.
        var needsRoll: Bool
        var isClosed = false
    }

    private init(
        _ fileSystem: any FileSystem, _ directory: String, _ rollByteCount: Int, _ output: Output,
        _ state: ManifestState
    ) {
        self.fileSystem = fileSystem
        self.directory = directory
        self.rollByteCount = rollByteCount
        self.output = Mutex(output)
        published = Mutex(state)
    }

    /// Whether a directory holds a store.
    package static func exists(_ fileSystem: any FileSystem, _ directory: String) throws(StoreError) -> Bool {
        try fileSystem.kind(of: FilePath.join(directory, currentName)) != .none
    }

    /// The manifest of a new store in a directory that exists; durable on return. Throws `.alreadyExists`, `.noSpace`, `.io`.
    package static func create(
        _ fileSystem: any FileSystem, _ directory: String, rollByteCount: Int = 1 << 20
    ) throws(StoreError) -> Manifest {
        guard try !exists(fileSystem, directory) else {
            throw StoreError(.alreadyExists, "there is a store already", path: directory)
        }
        // What a crash during an earlier creation left may have any number.
        let number = try manifestNumbers(fileSystem, directory).max() ?? 0
        let manifest = Manifest(
            fileSystem, directory, rollByteCount,
            Output(file: nil, seed: 0, number: number, offset: 0, nextSequence: 1, needsRoll: true), ManifestState())
        let id = UniqueID(high: fileSystem.randomUInt64(), low: fileSystem.randomUInt64())
        try manifest.commit([.storeCreated(id: id)])
        return manifest
    }

    /// Opens a store's manifest for its one writer. What a crash left unfinished at its end was never acknowledged and goes.
    /// Throws `.notFound` if there is no store, `.corrupt`, `.unsupportedVersion`, `.io`.
    package static func open(
        _ fileSystem: any FileSystem, _ directory: String, rollByteCount: Int = 1 << 20
    ) throws(StoreError) -> Manifest {
        let current = try current(fileSystem, directory)
        let number = current.number
        let file = try openCurrent(number, .readWrite, fileSystem, directory)
        let contents = try read(file, current)
        // A process that was killed may have written what it never synced; from here on it counts.
        try file.sync()
        let manifest = Manifest(
            fileSystem, directory, rollByteCount,
            Output(
                file: file, seed: contents.seed,
                number: max(number, try manifestNumbers(fileSystem, directory).max() ?? 0), fileNumber: number,
                offset: contents.end.validByteCount, nextSequence: contents.end.nextSequence,
                needsRoll: contents.end.isTorn), contents.state)
        try manifest.removeReplaced(by: current)
        return manifest
    }

    /// What is live, for a reader while another process may be writing. Throws as `open` does.
    package static func load(
        _ fileSystem: any FileSystem, _ directory: String
    ) throws(StoreError) -> (state: ManifestState, version: Version) {
        var current = try current(fileSystem, directory)
        while true {
            let number = current.number
            do throws(StoreError) {
                let file = try fileSystem.open(path(directory, number), .read)
                defer { file.close() }
                let contents = try read(file, current)
                return (contents.state, Version(number: number, byteCount: contents.end.validByteCount))
            } catch {
                // The writer may have gone on to a new file since CURRENT was read.
                let newer = try Self.current(fileSystem, directory)
                guard error.code == .notFound, newer.number != number else {
                    throw error.code == .notFound ? missing(number, directory) : error
                }
                current = newer
            }
        }
    }

    /// What is live now.
    package var state: ManifestState { published.withLock { $0 } }

    /// Makes a list of edits durable, and then visible in `state`, as a whole.
    ///
    /// Throws `.invalidInput` if the edits do not fit what is live, `.noSpace`, `.io`, `.closed`. The state is then what it was,
    /// and a later commit may succeed. But until one does, a crash may bring either outcome: do not remove a file that the
    /// edits name before the next commit, or the next opening of the store.
    package func commit(_ edits: [ManifestEdit]) throws(StoreError) {
        try output.withLock { output throws(StoreError) in
            guard !output.isClosed else { throw StoreError(.closed, "the manifest was closed", path: directory) }
            var next = state
            do throws(FormatError) {
                try next.apply(edits)
            } catch {
                throw StoreError(.invalidInput, "the manifest refuses an edit: \(error.message)", path: directory)
            }
            if !output.needsRoll, output.offset < rollByteCount {
                do throws(StoreError) {
                    try append(edits, &output)
                } catch {
                    output.needsRoll = true
                    try roll(next, &output)
                }
            } else {
                try roll(next, &output)
            }
            published.withLock { $0 = next }
        }
    }

    /// Ends the use of the manifest; every commit is durable already. After all went well `CURRENT` says where it ends, best
    /// effort: without that the manifest is as good, and only a cut of it is not told from an earlier state.
    package func close(recordingEnd: Bool = false) {
        output.withLock { output in
            if recordingEnd, !output.isClosed, !output.needsRoll, output.file != nil {
                let current = CurrentFile(number: output.fileNumber, durableByteCount: output.offset)
                try? fileSystem.replaceFile(FilePath.join(directory, Self.currentName), with: current.bytes)
            }
            output.isClosed = true
            output.file?.close()
        }
    }

    private func append(_ edits: [ManifestEdit], _ output: inout Output) throws(StoreError) {
        guard let file = output.file else { throw StoreError(.closed, "the manifest has no file", path: directory) }
        let bytes = try Self.frame(edits, seed: output.seed, offset: output.offset, sequence: output.nextSequence)
        try file.write(bytes, at: output.offset)
        #if DRUMLIN_INJECTED_BUGS
            if !InjectedBug.skipManifestSync.isOn { try file.sync() }
        #else
            try file.sync()
        #endif
        output.offset += bytes.count
        output.nextSequence += 1
    }

    /// Begins a new file with a snapshot of `state`. Until it returns without an error, `CURRENT` may name either file.
    private func roll(_ state: ManifestState, _ output: inout Output) throws(StoreError) {
        output.needsRoll = true
        // A number is used for one attempt only: after an error nobody knows what its file holds.
        output.number += 1
        let number = output.number
        let header = LogFileHeader(
            kind: .manifest, id: UniqueID(high: fileSystem.randomUInt64(), low: fileSystem.randomUInt64()),
            number: number, firstSequence: output.nextSequence)
        let frame = try Self.frame(
            state.snapshotEdits, seed: header.seed, offset: LogFileHeader.byteCount, sequence: output.nextSequence)
        let file = try LogFile.create(
            Self.path(directory, number), bytes: header.encoded() + frame, byteCount: 0, fileSystem)
        try fileSystem.replaceFile(
            FilePath.join(directory, Self.currentName), with: CurrentFile(number: number).bytes)
        output.file?.close()
        output.file = file
        output.fileNumber = number
        output.seed = header.seed
        output.offset = LogFileHeader.byteCount + frame.count
        output.nextSequence += 1
        output.needsRoll = false
        try? removeOthers(than: number)
    }

    private static func frame(
        _ edits: [ManifestEdit], seed: UInt64, offset: Int, sequence: UInt64
    ) throws(StoreError) -> [UInt8] {
        let bytes = ManifestEdit.encode(edits)
        var builder = LogFrameBuilder(
            buffer: LogBuffer(byteCapacity: bytes.count + 256), fileSeed: seed, fileOffset: offset)
        builder.beginFrame()
        do throws(FormatError) {
            try builder.beginSection(.manifestEdits, tableID: 0, schemaVersion: 0)
            try builder.append(bytes)
        } catch {
            throw StoreError(.invalidInput, error.message)
        }
        builder.endSection(rowCount: 0)
        builder.endFrame(baseSequence: sequence, arrivalMicroseconds: 0, durableUpTo: sequence)
        return builder.takeBuffer(replacement: LogBuffer(byteCapacity: 0)).copy()
    }

    private static func read(
        _ file: any File, _ current: CurrentFile
    ) throws(StoreError) -> (state: ManifestState, seed: UInt64, end: LogEnd) {
        let reader = try LogReader(file: file, kind: .manifest, number: current.number)
        var state = ManifestState()
        var end: LogEnd
        repeat {
            while let frame = try reader.next() {
                do throws(FormatError) {
                    try apply(frame, to: &state)
                } catch {
                    throw StoreError(error, path: file.path, base: frame.offset)
                }
            }
            end = try reader.finish()
        } while end.hasMore
        guard state.storeID != nil else {
            // It was whole when CURRENT came to name it.
            throw .corrupt("the manifest's snapshot is damaged", path: file.path, offset: LogFileHeader.byteCount)
        }
        guard end.validByteCount >= current.durableByteCount else {
            throw .corrupt(
                "the manifest ends after \(end.validByteCount) bytes; when the store was closed it had "
                    + "\(current.durableByteCount)", path: file.path, offset: end.validByteCount)
        }
        return (state, reader.header.seed, end)
    }

    private static func apply(_ frame: LogFrame, to state: inout ManifestState) throws(FormatError) {
        var sections = frame.sections
        while let section = try sections.next() {
            guard section.kind == .manifestEdits else { continue }
            try state.replay(try unsafe ManifestEdit.decode(section.bytes))
        }
    }
}
