import Foundation
import TestSupport

/// The files that a replay reads, in a folder of their own, which goes with them.
struct KillFiles {
    private let folder = TemporaryFolder()

    init(_ workload: KillWorkload) throws {
        for (name, text) in [
            ("task.json", KillWorkload.specification), ("reference.csv", KillWorkload.referenceFile),
            ("predictions.csv", workload.predictionFile), ("labels.csv", workload.labelFile),
        ] { try Data(text.utf8).write(to: URL(fileURLWithPath: path(name))) }
    }

    func path(_ name: String) -> String { folder.path(name) }

    /// Starts a replay of everything.
    func startReplay(into store: String) throws -> KilledCommand {
        try start(
            [
                "replay", store, "--spec", path("task.json"), "--reference", path("reference.csv"), "--predictions",
                path("predictions.csv"), "--labels", path("labels.csv"), "--durability", "written",
            ])
    }

    /// Makes a store with the task, its metrics and the reference set, and no events.
    func makeStore(_ store: String) throws {
        try start(["replay", store, "--spec", path("task.json"), "--reference", path("reference.csv")]).finish()
    }

    func startLog(into store: String) throws -> KilledCommand {
        try start(["log", store, "--durability", "written", "--event-time"])
    }

    private func start(_ arguments: [String]) throws -> KilledCommand {
        try KilledCommand(arguments, errors: URL(fileURLWithPath: path("errors.txt")))
    }
}
