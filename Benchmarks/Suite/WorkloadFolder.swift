import Foundation

/// Where the benchmarks find the standard workload: the folder that `DRUMLIN_WORKLOAD` names.
func workloadFolder() throws -> String {
    guard let folder = ProcessInfo.processInfo.environment["DRUMLIN_WORKLOAD"] else {
        throw SuiteError(description: "DRUMLIN_WORKLOAD names no workload folder: run the suite with `make bench`")
    }
    return folder
}

/// Why the suite cannot run.
struct SuiteError: Error, CustomStringConvertible {
    let description: String
}
