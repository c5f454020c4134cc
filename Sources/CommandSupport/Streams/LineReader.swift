/// Reads lines of standard input or a file as they come: a line is there as soon as its end has been written.
@safe
package final class LineReader {
    /// Bytes beyond which a line is refused.
    package static let maximumLineByteCount = 16 << 20

    /// The number of the line that ``next()`` gave last, from 1.
    package private(set) var lineNumber = 0

    private let file: InputFile
    private var buffer: [UInt8]
    private var position = 0
    private var limit = 0
    private var isAtEnd = false

    private let limitPerLine: Int

    /// Opens `path` (`-` is standard input).
    package convenience init(path: String) throws(CommandError) {
        try self.init(path: path, maximumLineByteCount: Self.maximumLineByteCount)
    }

    /// Opens `path` with another limit than the usual one.
    package init(path: String, maximumLineByteCount: Int) throws(CommandError) {
        file = try InputFile(path: path)
        limitPerLine = maximumLineByteCount
        buffer = Array(repeating: 0, count: min(1 << 18, maximumLineByteCount))
    }

    /// The next line without its end (LF or CRLF); nil at the end. A last line without an end is a line.
    ///
    /// - Throws: ``CommandError`` where the file cannot be read or a line is longer than ``maximumLineByteCount``.
    package func next() throws(CommandError) -> [UInt8]? {
        var searched = position
        while true {
            if let end = lineEnd(from: searched) {
                defer { position = end + 1 }
                return line(upTo: end)
            }
            searched = limit
            if isAtEnd {
                guard position < limit else { return nil }
                defer { position = limit }
                return line(upTo: limit)
            }
            searched -= position
            try fill()
            searched += position
        }
    }

    /// Whether a whole line is in memory already, so that ``next()`` will not wait.
    package var hasLine: Bool { lineEnd(from: position) != nil || (isAtEnd && position < limit) }

    private func line(upTo end: Int) -> [UInt8] {
        lineNumber += 1
        let hasReturn = end > position && buffer[end - 1] == 0x0D
        return Array(buffer[position..<(hasReturn ? end - 1 : end)])
    }

    private func lineEnd(from start: Int) -> Int? {
        unsafe buffer.withUnsafeBytes { bytes in
            var at = start
            while at < limit {
                if unsafe bytes[at] == 0x0A { return at }
                at += 1
            }
            return nil
        }
    }

    private func fill() throws(CommandError) {
        if position > 0 {
            let kept = limit - position
            let from = position
            unsafe buffer.withUnsafeMutableBytes { bytes in
                if kept > 0 { unsafe bytes.baseAddress!.copyMemory(from: bytes.baseAddress! + from, byteCount: kept) }
            }
            position = 0
            limit = kept
        }
        if limit == buffer.count {
            guard limit < limitPerLine else {
                throw CommandError(
                    .cannotRead, "a line of more than \(limitPerLine) bytes",
                    at: "\(file.name):\(lineNumber + 1)", remedy: "write one JSON object a line")
            }
            buffer.append(contentsOf: repeatElement(0, count: buffer.count))
        }
        let offset = limit
        let result: Result<Int, CommandError> = unsafe buffer.withUnsafeMutableBytes { bytes in
            do throws(CommandError) {
                return .success(
                    unsafe try file.read(into: bytes.baseAddress! + offset, capacity: bytes.count - offset))
            } catch {
                return .failure(error)
            }
        }
        let count = try result.get()
        limit += count
        isAtEnd = count == 0
    }
}
