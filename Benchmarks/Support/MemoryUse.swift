import Foundation

/// What the process holds in memory of its own; mapped files are not among it.
package enum MemoryUse {
    /// Nil where the system does not say (it is read from /proc).
    package static func anonymousBytes() throws -> Int? {
        guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8) else { return nil }
        let line = status.split(separator: "\n").first { $0.hasPrefix("RssAnon:") }
        return line?.split(separator: " ").compactMap { Int($0) }.first.map { $0 * 1_024 }
    }
}
