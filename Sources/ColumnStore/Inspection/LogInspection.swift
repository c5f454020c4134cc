internal import ColumnFormat

/// What the logs of a store hold: the rows that are in no segment yet.
package struct LogInspection: Sendable {
    /// The numbers of the logs, ascending.
    package private(set) var numbers: [UInt64] = []
    /// Bytes of the files, which are made larger than what they hold.
    package private(set) var byteCount = 0
    /// Bytes of headers and whole frames.
    package private(set) var usedByteCount = 0
    package private(set) var frameCount = 0
    /// Rows by the number of their table.
    package private(set) var rowCounts: [UInt32: Int] = [:]
    /// Where the newest log ends in bytes that are no whole frame, which a crash leaves.
    package private(set) var torn: (path: String, offset: Int)?

    /// Reads the frames, but no row in them. What is wrong goes to `damages`; throws `.io` or `.unsupportedVersion`.
    init(
        _ state: ManifestState, directory: String, _ fileSystem: any FileSystem, damages: inout [Damage]
    ) throws(StoreError) {
        do throws(StoreError) {
            var (frames, bytes, rows) = (0, 0, [UInt32: Int]())
            let replay = try LogReplay(
                fileSystem: fileSystem, directory: directory, from: state.logStart,
                validByteCounts: state.logValidByteCounts, makeDurable: false
            ) { (frame) throws(StoreError) in
                frames += 1
                bytes += frame.header.frameByteCount
                do throws(FormatError) {
                    var sections = frame.sections
                    while let section = try sections.next() {
                        guard section.kind == .rows else { continue }
                        rows[section.tableID, default: 0] += section.rowCount
                    }
                } catch { throw .corrupt(error.message, path: directory, offset: error.offset) }
            }
            (frameCount, usedByteCount, rowCounts) = (frames, bytes, rows)
            usedByteCount += replay.numbers.count * LogFileHeader.byteCount
            if let end = replay.torn { torn = (LogFile.path(directory, end.number), end.validByteCount) }
        } catch {
            guard error.isDamage else { throw error }
            damages.append(Damage(error, path: LogFile.path(directory, state.logStart)))
        }
        for number in try LogFile.numbers(in: directory, fileSystem) where number >= state.logStart {
            numbers.append(number)
            byteCount += (try? fileSystem.byteCount(of: LogFile.path(directory, number))) ?? 0
        }
    }
}

extension StoreError {
    /// Whether the error tells of one file that is damaged or missing, so that others can still be looked at.
    var isDamage: Bool { code == .corrupt || code == .notFound }
}
