/// One line on a terminal's standard error that says how far a long job is. Writes nothing into pipes and files.
///
///     predictions  [███████·······]  48 %  1,204,331 rows  412,000/s  2.3 s left
@safe
package final class ProgressBar {
    /// What a job has done so far.
    package struct State: Sendable {
        package var label: String
        /// The share of the work that is done, 0 to 1; nil where nobody knows.
        package var share: Double?
        package var count: Int
        package var unit: String
        package var elapsedSeconds: Double

        package init(label: String, share: Double?, count: Int, unit: String, elapsedSeconds: Double) {
            self.label = label
            self.share = share
            self.count = count
            self.unit = unit
            self.elapsedSeconds = elapsedSeconds
        }
    }

    private let label: String
    private let unit: String
    private let terminal: Terminal
    private let start = ContinuousClock.now
    private var lastDrawn: ContinuousClock.Instant?
    private var isShown = false

    package init(_ label: String, unit: String, terminal: Terminal = .standardError) {
        self.label = label
        self.unit = unit
        self.terminal = terminal
    }

    /// Whether ``update(share:count:)`` shows anything; where it does not, callers need not compute what to show.
    package var isActive: Bool { terminal.isInteractive }

    /// Draws the line again, ten times a second at most.
    package func update(share: Double?, count: Int) {
        guard let width = terminal.width else { return }
        let now = ContinuousClock.now
        if let lastDrawn, lastDrawn.duration(to: now) < .milliseconds(100) { return }
        lastDrawn = now
        isShown = true
        let state = State(
            label: label, share: share, count: count, unit: unit, elapsedSeconds: start.duration(to: now).inSeconds)
        StandardError.write("\r\u{1B}[2K" + Self.line(state, width: width))
    }

    /// Takes the line away, so that what follows begins on a clean one.
    package func finish() {
        guard isShown else { return }
        isShown = false
        StandardError.write("\r\u{1B}[2K")
    }

    /// The line for `state` in at most `width - 1` columns.
    package static func line(_ state: State, width: Int) -> String {
        var parts = [PrintableText.escaping(state.label)]
        let share = state.share.map { min(max($0, 0), 1) }
        if let share {
            let cells = 20
            let full = Int(share * Double(cells))
            let bar = String(repeating: "█", count: full) + String(repeating: "·", count: cells - full)
            parts.append("[\(bar)] \(Units.fixed(share * 100, digits: 0)) %")
        }
        parts.append("\(Units.count(state.count)) \(state.unit)")
        if state.elapsedSeconds >= 0.5 {
            parts.append("\(Units.count(Int(Double(state.count) / state.elapsedSeconds)))/s")
            if let share, share > 0.01, share < 1 {
                parts.append(Units.duration(seconds: state.elapsedSeconds * (1 - share) / share) + " left")
            }
        }
        return DisplayWidth.truncated(parts.joined(separator: "  "), to: width - 1)
    }
}

extension Duration {
    /// The length in seconds.
    package var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
