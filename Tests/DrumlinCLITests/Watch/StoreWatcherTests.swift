import CommandSupport
import Foundation
import Testing

@testable import Drumlin
@testable import DrumlinCLI

/// `drumlin watch` on a store that is being written.
struct StoreWatcherTests {
    private static func log(_ task: MonitoredTask, _ rows: Range<Int>) throws {
        for row in rows {
            let at = Timestamp(microseconds: 1_588_000_000_000_000 + Int64(row) * 60_000_000)
            try task.logPrediction(id: "\(row)", at: at, prediction: 0.7, features: [:])
            if row % 2 == 0 { try task.logFeedback(id: "\(row)", at: at, label: 1) }
        }
    }

    @Test func itFollowsTheStore() throws {
        let folder = try TestFolder()
        var options = StoreOptions()
        options.arrival = .eventTime
        options.durability = .written
        let store = try Store.open(folder.store, options: options)
        let schema = TaskSchema(kind: .binary(), features: ["x": .float64])
        let task = try store.task("a", schema: schema)
        _ = try store.task("b", schema: schema)
        try task.registerMetric(.accuracy, windows: [.tumbling(.hours(1)), .cumulative])
        try Self.log(task, 0..<300)

        let watcher = StoreWatcher(folder.store, task: nil)
        watcher.refresh(windows: 10)
        #expect(watcher.failure == nil && !watcher.isViewStale && watcher.rates.isEmpty)
        #expect(watcher.counts.endRows["a/predictions"] == 300 && watcher.counts.endRows["a/labels"] == 150)
        let view = try #require(watcher.view)
        #expect(view.name == "a" && view.names == ["a", "b"] && view.status.predictions == 300)
        #expect(view.newest == Timestamp(microseconds: 1_588_000_000_000_000 + 299 * 60_000_000))
        #expect(view.series.map(\.window) == ["1h", "cumulative"])
        #expect(view.series[0].settled?.status == "closed" && view.series[0].open?.status == "open")
        #expect(view.series[1].settled?.labeledCount == 150 && view.series[1].open == nil)

        // More comes, and is sealed; the windows are made anew when it is their turn, or somebody asks.
        try Self.log(task, 300..<500)
        try store.seal()
        watcher.refresh(windows: 10, isWanted: true)
        #expect(watcher.view?.status.predictions == 500 && watcher.counts.endRows["a/predictions"] == 500)
        #expect(watcher.counts.logRows == 0 && watcher.counts.undurableRows == 0)
        #expect(try #require(watcher.rates["a/predictions"]?.last) > 0)
        watcher.showNextTask()
        watcher.refresh(windows: 10)
        #expect(watcher.view?.name == "b" && watcher.view?.series.isEmpty == true)
        try store.close()

        let once = try #require(try DrumlinCommand.parse(["watch", folder.store, "--once"]) as? WatchCommand)
        var text = ""
        try once.execute(for: .none) { text += $0 }
        #expect(text.contains("accuracy") && text.contains("predictions           500") && !text.contains("\u{1B}"))
        try FileManager.default.removeItem(atPath: folder.store)
        watcher.refresh(windows: 10, isWanted: true)
        #expect(watcher.failure != nil && watcher.view != nil)
    }

    @Test func wrongUseIsTold() throws {
        let folder = try TestFolder()
        let store = try Store.open(folder.store)
        _ = try store.task("a", schema: TaskSchema(kind: .binary(), features: ["x": .float64]))
        try store.close()
        #expect(
            DrumlinCommand.run(["watch", folder.store, "--once", "--task", "b"])?.text.contains("the tasks are a")
                == true)
        #expect(DrumlinCommand.run(["watch", folder.path + "/none", "--once"])?.status == .cannotRead)
        for interval in ["0", "-1", "nan", "1e9"] {
            #expect(DrumlinCommand.run(["watch", folder.store, "--interval", interval])?.status == .wrongUse)
        }
    }
}
