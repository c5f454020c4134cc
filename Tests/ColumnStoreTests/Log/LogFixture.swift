import ColumnFormat
import ColumnStore
import TestSupport

/// A log of texts: each call appends one frame with one section, in which each row is a byte count and its text.
enum LogFixture {
    static let directory = "/store"

    static func fileSystem(seed: UInt64 = 1) throws -> SimulatedFileSystem {
        let fileSystem = SimulatedFileSystem(seed: seed)
        try fileSystem.createDirectory(directory)
        try fileSystem.syncDirectory("/")
        return fileSystem
    }

    static func options(chunkByteCount: Int = 4_096) -> LogWriterOptions {
        var options = LogWriterOptions()
        options.chunkByteCount = chunkByteCount
        options.flushByteCount = 1_024
        return options
    }

    static func writer(
        _ fileSystem: any FileSystem, number: UInt64 = 1, firstSequence: UInt64 = 1, chunkByteCount: Int = 4_096,
        directory: String = directory, executor: (any BackgroundExecutor)? = nil
    ) throws -> LogWriter {
        try LogWriter(
            fileSystem: fileSystem, directory: directory, number: number, firstSequence: firstSequence,
            options: options(chunkByteCount: chunkByteCount), executor: executor)
    }

    @discardableResult
    static func append(_ writer: LogWriter, _ rows: [String], arrival: Int64 = 0) throws -> Range<UInt64> {
        try writer.append(arrival: Timestamp(microseconds: arrival)) { builder throws(StoreError) in
            do throws(FormatError) {
                try builder.beginSection(.rows, tableID: 7, schemaVersion: 3)
                for row in rows { try builder.append(text: row) }
                builder.endSection(rowCount: rows.count)
            } catch {
                throw StoreError(.invalidInput, error.message)
            }
        }
    }

    static func texts(of frame: LogFrame) throws -> [String] {
        var texts: [String] = []
        var sections = frame.sections
        while let section = try sections.next() {
            var reader = unsafe ByteReader(section.bytes)
            for _ in 0..<section.rowCount { texts.append(try reader.readString(limit: .max)) }
            guard reader.remaining == 0 else { throw FormatError(.invalid, "bytes left") }
        }
        return texts
    }

    /// All calls in a file, and how it ends.
    static func read(
        _ fileSystem: any FileSystem, number: UInt64 = 1, validByteCount: Int? = nil, directory: String = directory
    ) throws -> (calls: [[String]], end: LogEnd) {
        let file = try fileSystem.open(LogFile.path(directory, number), .read)
        defer { file.close() }
        let reader = try LogReader(file: file, number: number, validByteCount: validByteCount, chunkByteCount: 4_096)
        var calls: [[String]] = []
        while let frame = try reader.next() { calls.append(try texts(of: frame)) }
        return (calls, try reader.finish())
    }
}

extension LogFrameBuilder {
    mutating func append(text: String) throws(FormatError) {
        var writer = ByteWriter()
        writer.append(string: text)
        try append(writer.bytes)
    }
}
