#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Standard output, written at once and whole.
package enum StandardOutput {
    /// Writes all of `text`.
    ///
    /// - Throws: ``CommandError`` where the stream takes no more: a full disk, a closed pipe.
    package static func write(_ text: String) throws(CommandError) {
        if let reason = writeAll(STDOUT_FILENO, text) {
            throw CommandError(.cannotRead, "cannot write to standard output: \(reason)")
        }
    }
}

/// Standard error, where messages and progress go. What cannot be written there is lost: there is nobody left to tell.
package enum StandardError {
    /// Writes all of `text`.
    package static func write(_ text: String) { _ = writeAll(STDERR_FILENO, text) }
}

/// Writes all of `text`; returns why it could not, or nil.
private func writeAll(_ descriptor: Int32, _ text: String) -> String? {
    var copy = text
    return copy.withUTF8 { bytes in
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
                return unsafe String(cString: strerror(errno))
            }
            offset += count
        }
        return nil
    }
}
