import BenchmarkSupport
import CommandSupport
import Foundation

// Durability TASK-FOLDER [OUTPUT]
//
// What durability costs, beside what the machine's fdatasync allows; what a stalled sync does to callers; how fast a log is
// read again. `only=group`, `only=stall` or `only=recovery` measures one of them; `only=day` something else, for minutes: whether
// a day with retention leaves disk and memory flat, at `rate=1000` events a simulated second.

var arguments = Array(CommandLine.arguments.dropFirst())
let only = arguments.first { $0.hasPrefix("only=") }.map { String($0.dropFirst(5)) }
let rate = arguments.first { $0.hasPrefix("rate=") }.flatMap { Int($0.dropFirst(5)) } ?? 1_000
arguments.removeAll { $0.hasPrefix("only=") || $0.hasPrefix("rate=") }
guard let folder = arguments.first else {
    print("usage: Durability TASK-FOLDER [OUTPUT] [only=group|stall|recovery|day] [rate=1000]")
    exit(2)
}
do {
    var report = Report()
    if only == nil || only == "group" { try GroupCommits(folder: folder).add(to: &report) }
    if only == nil || only == "stall" { try StalledSyncs(folder: folder).add(to: &report) }
    if only == nil || only == "recovery" { try Recoveries(folder: folder).add(to: &report) }
    if only == "day" { try LongRun(folder: folder, rate: rate).add(to: &report) }
    if arguments.count > 1 { try report.json.write(toFile: arguments[1], atomically: true, encoding: .utf8) }
} catch {
    FileHandle.standardError.write(Data("error: \(error)\n".utf8))
    exit(1)
}
