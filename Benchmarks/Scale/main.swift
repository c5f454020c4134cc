import BenchmarkSupport
import CommandSupport
import Foundation

// Scale [--watched] STREAM TABLE [OUTPUT] [COUNT …]
//
// Measures Drumlin in process on two workload folders: single events of STREAM after 10,000, 100,000, 1,000,000 and 10,000,000
// (or after each COUNT), and the table of TABLE's predictions. With --watched every feature has a constraint besides, and all columns are
// watched for drift and anomalies. Writes OUTPUT (drumlin.json) for Benchmarks/Peers/compare.py.

let arguments = CommandLine.arguments.filter { $0 != "--watched" }
guard arguments.count >= 3 else {
    print("usage: Scale [--watched] STREAM TABLE [OUTPUT] [COUNT …]")
    exit(2)
}
let counts = arguments.dropFirst(4).compactMap { Int($0) }
do {
    let figures = try Figures(
        stream: arguments[1], table: arguments[2],
        counts: counts.isEmpty ? [10_000, 100_000, 1_000_000, 10_000_000] : counts,
        isWatched: CommandLine.arguments.contains("--watched"))
    print(figures.text)
    if arguments.count > 3 { try figures.json.write(toFile: arguments[3], atomically: true, encoding: .utf8) }
} catch {
    FileHandle.standardError.write(Data("error: \(error)\n".utf8))
    exit(1)
}
