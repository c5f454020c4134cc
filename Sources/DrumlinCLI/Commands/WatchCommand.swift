import ArgumentParser
import CommandSupport
import Drumlin

struct WatchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Shows a store live while another process writes it.",
        discussion: """
            Events a second, the clock and its lag, what is durable; of each metric and kind of window the newest that has \
            closed, by labels and by estimate, the one that is open, and the windows before as a line of blocks; the alerts \
            that are on. Fits 80 x 24, and shows more where there is room.

            q or Ctrl-C ends it, Tab goes to the next task, the arrows scroll, a blank looks again at once. It only reads. \
            Windows are computed when something has changed, and take a tenth of the time at most.

            With --once, or where the output is no terminal, it prints one look as plain text and ends.

            EXAMPLES
              drumlin watch model.drumlin
              drumlin watch model.drumlin --task taxi_tip --interval 0.5
              drumlin watch model.drumlin --once
              ssh host drumlin watch /var/lib/app/model.drumlin --once
            """)

    @Argument(help: "The store, a directory. Another process may be writing it.")
    var store: String

    @Option(help: "The task to begin with; the first one where there are several.")
    var task: String?

    @Option(help: "Seconds between two looks, 0.1 to 3600.")
    var interval = 1.0

    @Flag(help: "Print one look and end.")
    var once = false

    func validate() throws {
        guard (0.1...3_600).contains(interval) else { throw ValidationError("--interval must be from 0.1 to 3600") }
    }

    func run() throws {
        if !once, let live = LiveTerminal() {
            defer { live.end() }
            // A slip of the pen, or a store that is not there, ends it.
            try check()
            try watch(live)
        } else {
            try execute(for: .standardOutput, write: StandardOutput.write)
        }
    }

    private func check() throws { _ = try Store.reading(store).tasks(named: task) }

    /// One look.
    func execute(for terminal: Terminal, write: (String) throws(CommandError) -> Void) throws {
        let watcher = StoreWatcher(store, task: task)
        if task != nil { try check() }
        try watcher.look(windows: WatchScreen.windowCount(width: terminal.width))
        let screen = WatchScreen(
            path: store, counts: watcher.counts, view: watcher.view, rates: watcher.rates, now: .now,
            terminal: terminal)
        try write(screen.lines().joined(separator: "\n") + "\n")
    }

    private func watch(_ live: LiveTerminal) throws {
        let watcher = StoreWatcher(store, task: task)
        var offset = 0
        var isWanted = false
        var nextLook = ContinuousClock.now
        while true {
            let size = live.size
            let style = Terminal.standardOutput
            // Behind what stands in the last column a terminal cannot erase the rest of the line.
            let columns = size.columns - 1
            if isWanted || .now >= nextLook {
                watcher.refresh(windows: WatchScreen.windowCount(width: columns), isWanted: isWanted)
                nextLook = .now + .seconds(interval)
                isWanted = false
            }
            let screen = WatchScreen(
                path: store, counts: watcher.counts, view: watcher.view, rates: watcher.rates,
                failure: watcher.failure, now: .now,
                staleness: watcher.isViewStale ? watcher.viewAge.flatMap { $0 > 2 * interval ? $0 : nil } : nil,
                offset: offset, terminal: Terminal(width: columns, hasColour: style.hasColour),
                height: size.rows)
            try live.draw(screen.lines())
            let left = ContinuousClock.now.duration(to: nextLook).inSeconds
            switch live.wait(milliseconds: Int(max(0, left) * 1_000) + 1) {
            case .end, .key("q"), .key("Q"): return
            case .key(" "), .key("r"): isWanted = true
            case .key("\t"):
                watcher.showNextTask()
                offset = 0
                isWanted = true
            case .key("j"), .down: offset = min(offset + 1, max(0, (watcher.view?.series.count ?? 0) - 1))
            case .key("k"), .up: offset = max(0, offset - 1)
            case .key, .resized, .timeout: break
            }
        }
    }
}
