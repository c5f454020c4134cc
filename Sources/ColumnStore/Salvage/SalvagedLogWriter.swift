internal import ColumnFormat

/// A part of a call as it goes into the new log.
struct SalvagedSection {
    let kind: LogSectionKind
    let tableID: UInt32
    let schemaVersion: UInt32
    let rowCount: Int
    let bytes: [UInt8]
}

/// Writes the log of a new store, frame after frame.
final class SalvagedLogWriter {
    private let path: String
    private let fileSystem: any FileSystem
    private let file: any File
    private var builder: LogFrameBuilder
    private var nextSequence: UInt64
    private static let bufferByteCount = 1 << 20

    /// Begins `path`, which gets its name when it is complete.
    init(_ path: String, firstSequence: UInt64, _ fileSystem: any FileSystem) throws(StoreError) {
        self.path = path
        self.fileSystem = fileSystem
        let header = LogFileHeader(
            kind: .log, id: UniqueID(high: fileSystem.randomUInt64(), low: fileSystem.randomUInt64()), number: 1,
            firstSequence: firstSequence)
        let file = try fileSystem.open(path + ".tmp", .createNew)
        self.file = file
        try file.write(header.encoded(), at: 0)
        builder = LogFrameBuilder(
            buffer: LogBuffer(byteCapacity: 2 * Self.bufferByteCount), fileSeed: header.seed,
            fileOffset: LogFileHeader.byteCount)
        nextSequence = firstSequence
    }

    func append(_ sections: [SalvagedSection], arrival: Int64) throws(StoreError) {
        builder.beginFrame()
        do throws(FormatError) {
            for section in sections {
                try builder.beginSection(
                    section.kind, tableID: section.tableID, schemaVersion: section.schemaVersion)
                try builder.append(section.bytes)
                builder.endSection(rowCount: section.rowCount)
            }
        } catch {
            throw StoreError(.invalidInput, error.message, path: path)
        }
        // All of the file is durable before the store exists.
        let count = builder.endFrame(
            baseSequence: nextSequence, arrivalMicroseconds: arrival, durableUpTo: nextSequence)
        nextSequence += UInt64(count)
        if builder.pendingByteCount >= Self.bufferByteCount { try flush() }
    }

    private func flush() throws(StoreError) {
        let offset = builder.fileOffset
        let buffer = builder.takeBuffer(replacement: LogBuffer(byteCapacity: 2 * Self.bufferByteCount))
        try file.write(buffer.copy(), at: offset)
    }

    /// Makes the log durable under its name; returns where its frames end.
    func close() throws(StoreError) -> Int {
        if builder.pendingByteCount > 0 { try flush() }
        try file.sync()
        file.close()
        try fileSystem.rename(path + ".tmp", to: path)
        try fileSystem.syncDirectory(FilePath.parent(of: path))
        return builder.fileOffset
    }
}
