#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A file or standard output, written forward in large pieces.
///
/// A file appears under its name when it is whole: until ``finish()`` its bytes are in `NAME.partial`, and a file that was
/// there before stays. What is no regular file (a pipe, a device) is written to directly.
package final class OutputFile {
    /// The path as messages name it.
    package let name: String
    /// Bytes written so far.
    package private(set) var byteCount = 0
    private let descriptor: Int32
    private let ownsDescriptor: Bool
    /// What is renamed to ``name`` at the end; nil where the bytes go to their place at once.
    private let partialPath: String?
    private var isFinished = false

    /// Opens `path` for writing; nil is standard output.
    ///
    /// - Throws: ``CommandError`` with status ``ExitStatus/cannotRead``.
    package init(path: String?) throws(CommandError) {
        guard let path else {
            name = "standard output"
            descriptor = STDOUT_FILENO
            ownsDescriptor = false
            partialPath = nil
            // Whoever reads may stop, as head does: that is told by the write, not by the end of the process.
            _ = signal(SIGPIPE, SIG_IGN)
            return
        }
        name = path
        ownsDescriptor = true
        var information = stat()
        let isThere = unsafe stat(path, &information) == 0
        if isThere, information.st_mode & S_IFMT != S_IFREG {
            partialPath = nil
            descriptor = unsafe open(path, O_WRONLY | O_CLOEXEC)
        } else {
            partialPath = path + ".partial"
            descriptor = unsafe open(path + ".partial", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
        }
        guard descriptor >= 0 else { throw Self.failure(path, doing: "open") }
    }

    deinit {
        guard ownsDescriptor, descriptor >= 0, !isFinished else { return }
        close(descriptor)
        if let partialPath { unsafe _ = unlink(partialPath) }
    }

    /// Writes all of `bytes`; false where nobody reads them any more.
    package func write(_ bytes: UnsafeRawBufferPointer) throws(CommandError) -> Bool {
        var offset = 0
        while offset < bytes.count {
            #if canImport(Glibc)
                let count = unsafe Glibc.write(descriptor, bytes.baseAddress! + offset, bytes.count - offset)
            #elseif canImport(Musl)
                let count = unsafe Musl.write(descriptor, bytes.baseAddress! + offset, bytes.count - offset)
            #else
                let count = unsafe Darwin.write(descriptor, bytes.baseAddress! + offset, bytes.count - offset)
            #endif
            if count < 0 {
                if errno == EINTR { continue }
                if errno == EPIPE { return false }
                throw Self.failure(name, doing: "write to")
            }
            offset += count
            byteCount += count
        }
        return true
    }

    /// Gives the file its name. What was written is then there as a whole.
    package func finish() throws(CommandError) {
        guard ownsDescriptor, !isFinished else { return }
        isFinished = true
        let isClosed = close(descriptor) == 0
        guard let partialPath else { return }
        guard isClosed, unsafe rename(partialPath, name) == 0 else {
            let error = Self.failure(name, doing: "write to")
            unsafe _ = unlink(partialPath)
            throw error
        }
    }

    private static func failure(_ name: String, doing action: String) -> CommandError {
        let (code, reason) = (errno, unsafe String(cString: strerror(errno)))
        return CommandError(
            .cannotRead, "cannot \(action) it: \(reason)", at: name,
            remedy: code == ENOSPC ? "make room on the disk" : code == ENOENT ? "check the path" : nil)
    }
}
