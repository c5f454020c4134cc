import CommandSupport
import Drumlin

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Looks at a store again and again, at a bounded cost.
///
/// How much there is is asked each time (``StoreCounts``, milliseconds). Windows, metrics and alerts (``TaskView``) need the
/// store to be opened, which reads the log's rows: that is done only when something has changed, and so seldom that it
/// takes at most a tenth of the time.
final class StoreWatcher {
    private let path: String
    private let directory = FileManager.default.currentDirectoryPath
    /// The task that is shown, by name; nil for the first one.
    var task: String?
    private(set) var counts = StoreCounts()
    private(set) var view: TaskView?
    /// Why the store could not be looked at the last time; nil where it could.
    private(set) var failure: String?
    /// Rows a second that each table got, between looks, oldest first.
    private(set) var rates: [String: [Double]] = [:]
    private var countedAt: ContinuousClock.Instant?
    private var viewedAt: ContinuousClock.Instant?
    private var viewedCounts: StoreCounts?
    private var viewedKey: [String] = []

    private static let rateLimit = 120
    private static let share = 9.0

    init(_ path: String, task: String?) {
        self.path = path
        self.task = task
    }

    /// How old the view is, in seconds.
    var viewAge: Double? { viewedAt.map { $0.duration(to: .now).inSeconds } }
    /// Whether the store has changed since the view was made.
    var isViewStale: Bool { viewedCounts != counts }

    /// Looks once; throws where the store cannot be read at all.
    func look(windows: Int) throws {
        try count()
        view = try TaskView.read(path, task: task, windows: windows)
        (viewedAt, viewedCounts) = (.now, counts)
    }

    /// Looks at what there is to look at; what goes wrong is in ``failure``.
    ///
    /// - Parameter isWanted: whether the view is to be made anew whatever it costs, since somebody asked.
    func refresh(windows: Int, isWanted: Bool = false) {
        do {
            try count()
            let key = [task ?? "", "\(windows)"]
            let isDue = (viewAge ?? .infinity) >= (view?.cost ?? 0) * Self.share
            if isWanted || key != viewedKey || (isViewStale && isDue) {
                view = try TaskView.read(path, task: task, windows: windows)
                (viewedAt, viewedCounts, viewedKey) = (.now, counts, key)
            }
            failure = nil
        } catch let error as any CommandErrorConvertible {
            failure = error.commandError.description
        } catch {
            failure = "\(error)"
        }
    }

    private func count() throws(StoreError) {
        let (now, before) = (ContinuousClock.now, counts)
        counts = try StoreCounts(path, currentDirectory: directory)
        if let countedAt {
            let seconds = max(countedAt.duration(to: now).inSeconds, 0.001)
            for (name, end) in counts.endRows {
                // A table that was cleared begins again.
                let from = before.endRows[name] ?? end
                rates[name, default: []].append(end >= from ? Double(end - from) / seconds : 0)
                if rates[name, default: []].count > Self.rateLimit { rates[name]?.removeFirst() }
            }
        }
        countedAt = now
    }

    /// Goes on with the next task.
    func showNextTask() {
        guard let view, let place = view.names.firstIndex(of: view.name) else { return }
        task = view.names[(place + 1) % view.names.count]
    }
}
