import Drumlin
import Foundation
import TaxiTrips

/// Commands worth trying on the store that the example leaves.
struct NextSteps {
    let store: String
    let week: ServedWeek?

    /// One command a line, and what it shows.
    func lines() -> [String] {
        let metrics = "\(Self.path(to: "drumlin")) metrics \(quoted(store)) --metric accuracy"
        let colstat = Self.path(to: "colstat")
        var steps = [
            ("\(colstat) \(quoted(store))", "what is in the store"),
            ("\(colstat) columns \(quoted(store + "/taxi_tip/predictions"))", "bytes and encoding of each column"),
            ("\(colstat) head \(quoted(store + "/taxi_tip/predictions"))", "the first predictions"),
            ("\(metrics) --window \(Serving.week)", "each week with all labels, from the store"),
        ]
        steps.append(
            ("\(Self.path(to: "drumlin")) report \(quoted(store)) -o report.html", "all of it on a page, for a browser")
        )
        if let week {
            let days = "--window \(Serving.day) --from \(week.start.date) --to \(week.end.date)"
            steps.append(("\(metrics) \(days)", "the week of \(week.start.date), day by day"))
            steps.append(("\(metrics) \(days) --as-of \(week.closed)", "and as it was believed when it had ended"))
        }
        return steps.flatMap { ["  # \($1)", "  \($0)"] }
    }

    /// The command beside this program where it is there (as after `swift build`), else its name.
    private static func path(to command: String) -> String {
        guard var folder = Bundle.main.executableURL?.deletingLastPathComponent().resolvingSymlinksInPath(),
            FileManager.default.isExecutableFile(atPath: folder.appending(path: command).path)
        else { return command }
        // SwiftPM's .build/release stands for .build/x86_64-unknown-linux-gnu/release.
        let short = folder.deletingLastPathComponent().deletingLastPathComponent().appending(
            path: folder.lastPathComponent)
        if short.resolvingSymlinksInPath().path == folder.path { folder = short }
        let path = folder.appending(path: command).path
        let here = FileManager.default.currentDirectoryPath + "/"
        return quoted(path.hasPrefix(here) ? String(path.dropFirst(here.count)) : path)
    }
}

/// A path as a shell takes it.
private func quoted(_ path: String) -> String {
    let plain = path.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "/._-".contains($0)) }
    return plain ? path : "'" + path.replacingOccurrences(of: "'", with: "'\\''") + "'"
}
