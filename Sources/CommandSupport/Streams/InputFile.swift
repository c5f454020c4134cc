#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A file or standard input, read forward in large pieces.
package final class InputFile {
    /// The path as messages name it.
    package let name: String
    /// The size of a regular file in bytes, or nil for a pipe or terminal.
    package let byteCount: Int?
    private let descriptor: Int32
    private let ownsDescriptor: Bool

    /// Opens `path`; `-` is standard input.
    ///
    /// - Throws: ``CommandError`` with status ``ExitStatus/cannotRead``.
    package init(path: String) throws(CommandError) {
        if path == "-" {
            name = "standard input"
            descriptor = STDIN_FILENO
            ownsDescriptor = false
        } else {
            name = path
            descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
            ownsDescriptor = true
            guard descriptor >= 0 else {
                throw Self.failure(path, doing: "open", remedy: errno == ENOENT ? "check the path" : nil)
            }
        }
        var information = stat()
        guard unsafe fstat(descriptor, &information) == 0 else { throw Self.failure(name, doing: "examine") }
        switch information.st_mode & S_IFMT {
        case S_IFDIR: throw CommandError(.cannotRead, "this is a directory, not a file", at: name)
        case S_IFREG: byteCount = Int(information.st_size)
        default: byteCount = nil
        }
    }

    deinit {
        if ownsDescriptor { close(descriptor) }
    }

    /// Reads up to `capacity` bytes; returns their number, 0 at the end of the file. A pipe gives what it has.
    package func read(into target: UnsafeMutableRawPointer, capacity: Int) throws(CommandError) -> Int {
        while true {
            #if canImport(Glibc)
                let count = unsafe Glibc.read(descriptor, target, capacity)
            #elseif canImport(Musl)
                let count = unsafe Musl.read(descriptor, target, capacity)
            #else
                let count = unsafe Darwin.read(descriptor, target, capacity)
            #endif
            if count >= 0 { return count }
            if errno != EINTR { throw Self.failure(name, doing: "read") }
        }
    }

    /// Every byte of the file at `path` (`-`: standard input), at most `limit` of them.
    package static func contents(of path: String, limit: Int) throws(CommandError) -> [UInt8] {
        let file = try InputFile(path: path)
        var bytes: [UInt8] = []
        let chunkSize = 1 << 16
        let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: chunkSize, alignment: 16)
        defer { unsafe chunk.deallocate() }
        while true {
            let count = unsafe try file.read(into: chunk.baseAddress!, capacity: chunkSize)
            if count == 0 { return bytes }
            guard bytes.count + count <= limit else {
                throw CommandError(.cannotRead, "more than \(limit) bytes, which this file never needs", at: path)
            }
            unsafe bytes.append(contentsOf: UnsafeRawBufferPointer(start: chunk.baseAddress, count: count))
        }
    }

    private static func failure(_ name: String, doing verb: String, remedy: String? = nil) -> CommandError {
        let reason = unsafe String(cString: strerror(errno))
        return CommandError(.cannotRead, "cannot \(verb) this file: \(reason)", at: name, remedy: remedy)
    }
}
