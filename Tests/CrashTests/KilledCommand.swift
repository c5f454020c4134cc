import Foundation
import TestSupport

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The real `drumlin`, or another program, as a process that can be killed at any moment.
final class KilledCommand {
    static let executable = executable("drumlin")

    /// An executable that was built along with the tests; nil where only the tests were.
    static func executable(_ name: String) -> URL? {
        // On Linux the running program is the test bundle itself; elsewhere a helper runs it, and the bundle is loaded.
        let bundles = [Bundle.main] + Bundle.allBundles
        let folders = bundles.flatMap { bundle in
            [bundle.executableURL?.deletingLastPathComponent(), bundle.bundleURL.deletingLastPathComponent()]
        }
        let candidates = folders.compactMap { $0?.appendingPathComponent(name) }
        return candidates.first { FileManager.default.isExecutableFile(atPath: $0.path) }
    }

    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private let errors: URL
    private var unread = Data()

    /// Starts the command. What it says on standard error goes to the file `errors`.
    init(_ arguments: [String], of executable: URL? = executable, errors: URL) throws {
        // A write to a process that has just been killed is an error to be caught, not the end of the tests.
        signal(SIGPIPE, SIG_IGN)
        self.errors = errors
        try Data().write(to: errors)
        process.executableURL = executable
        process.arguments = arguments
        process.standardInput = input
        process.standardOutput = output
        process.standardError = try FileHandle(forWritingTo: errors)
        try process.run()
        // The other ends are the child's alone, so that its death is the end of them.
        try? input.fileHandleForReading.close()
        try? output.fileHandleForWriting.close()
    }

    // MARK: Input and output

    func send(_ text: String) throws { try input.fileHandleForWriting.write(contentsOf: Data(text.utf8)) }

    func endInput() throws { try input.fileHandleForWriting.close() }

    /// The next line that the command wrote, waiting for it; nil at the end. The rest of a line that was cut is no line.
    func nextLine() -> String? {
        while true {
            if let end = unread.firstIndex(of: 0x0A) {
                defer { unread = Data(unread[(end + 1)...]) }
                return String(decoding: unread[..<end], as: UTF8.self)
            }
            let data = output.fileHandleForReading.availableData
            if data.isEmpty { return nil }
            unread += data
        }
    }

    // MARK: Ends

    /// Kills the command, and says whether it was still there to be killed. Throws what it said if it failed by itself.
    func killed() throws -> Bool {
        kill(process.processIdentifier, SIGKILL)
        return try ended()
    }

    /// Waits for the command to end by itself.
    func finish() throws {
        try? endInput()
        while nextLine() != nil {}
        guard try !ended() else { throw Violation("the command died") }
    }

    private func ended() throws -> Bool {
        process.waitUntilExit()
        if process.terminationReason == .uncaughtSignal, process.terminationStatus == SIGKILL { return true }
        guard process.terminationReason == .exit, process.terminationStatus == 0 else {
            let message = (try? String(contentsOf: errors, encoding: .utf8)) ?? ""
            throw Violation("the command ended with status \(process.terminationStatus): \(message)")
        }
        return false
    }
}
