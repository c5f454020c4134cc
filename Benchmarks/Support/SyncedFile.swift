#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A growing file, synced page by page: the price of durability.
package final class SyncedFile {
    private let scratch: ScratchFolder
    private let page: [UInt8]
    private let file: Int32

    package init(pageByteCount: Int) throws {
        scratch = try ScratchFolder()
        page = [UInt8](repeating: 7, count: pageByteCount)
        file = unsafe open(scratch.path("synced"), O_CREAT | O_WRONLY | O_TRUNC, 0o600)
        guard file >= 0 else { throw MachineError(call: "open", code: errno) }
    }

    deinit { close(file) }

    /// Writes one page and waits until the disk has it.
    package func append() throws {
        guard unsafe write(file, page, page.count) == page.count else {
            throw MachineError(call: "write", code: errno)
        }
        #if canImport(Darwin)
            guard fcntl(file, F_FULLFSYNC) == 0 else { throw MachineError(call: "fcntl", code: errno) }
        #else
            guard fdatasync(file) == 0 else { throw MachineError(call: "fdatasync", code: errno) }
        #endif
    }
}

/// A call of the system that failed while the machine was measured.
package struct MachineError: Error, CustomStringConvertible {
    package let call: String
    package let code: Int32
    package var description: String { "\(call) failed with error \(code)" }
}
