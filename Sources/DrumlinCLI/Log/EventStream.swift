import CommandSupport
import Drumlin

/// Logs the events of `drumlin log` and acknowledges them in their order.
///
/// Lines that are in memory together form a group: they are logged one after the other, made as durable as was asked for
/// together, and then acknowledged. So a client that waits for each answer gets it at once, and one that sends many lines
/// pays for one sync a group.
struct EventStream {
    let store: Store
    let task: MonitoredTask
    /// Whether acknowledged events must survive power loss; the store itself need not sync every call then.
    let syncsGroups: Bool
    let write: (String) throws(CommandError) -> Void

    /// The most lines that are acknowledged together.
    static let maximumGroupCount = 1_024

    /// What became of the events.
    struct Summary: Equatable {
        var accepted = 0
        var refused = 0
    }

    private enum Acknowledgement {
        case accepted(id: String)
        case refused(line: Int, id: String?, error: String)
    }

    /// Reads `lines` to their end. Empty lines are skipped; a bad line is answered and does not stop the stream.
    ///
    /// - Throws: ``CommandError`` or `StoreError` where nothing more can be read, written or stored.
    func run(_ lines: LineReader) throws -> Summary {
        var summary = Summary()
        var group: [Acknowledgement] = []
        while let line = try lines.next() {
            if line.contains(where: { $0 != 0x20 && $0 != 0x09 }) {
                let answer = try log(line, lineNumber: lines.lineNumber)
                if case .accepted = answer { summary.accepted += 1 } else { summary.refused += 1 }
                group.append(answer)
            }
            if !lines.hasLine || group.count >= Self.maximumGroupCount { try acknowledge(&group) }
        }
        try acknowledge(&group)
        return summary
    }

    // MARK: Parts

    private func log(_ line: [UInt8], lineNumber: Int) throws(StoreError) -> Acknowledgement {
        let event: LoggedEvent
        do {
            event = try LoggedEvent(line, schema: task.schema)
        } catch {
            return .refused(line: lineNumber, id: nil, error: Self.text(error.commandError))
        }
        do {
            switch event {
            case .prediction(let id, let at, let prediction, let features, let observed):
                try task.logPrediction(
                    id: id, at: at ?? .now, prediction: prediction, features: features, observed: observed)
            case .feedback(let id, let at, let label, let observed):
                try task.logFeedback(id: id, at: at ?? .now, label: label, observed: observed)
            }
            return .accepted(id: event.id)
        } catch {
            guard error.isAboutTheEvent else { throw error }
            return .refused(line: lineNumber, id: event.id, error: Self.text(error.commandError))
        }
    }

    private func acknowledge(_ group: inout [Acknowledgement]) throws {
        guard !group.isEmpty else { return }
        if syncsGroups { try store.sync() }
        var text = ""
        for answer in group { text += Self.line(answer) + "\n" }
        try write(text)
        group.removeAll(keepingCapacity: true)
    }

    private static func text(_ error: CommandError) -> String {
        var text = error.description
        if let remedy = error.remedy { text += "; \(remedy)" }
        return text
    }

    private static func line(_ answer: Acknowledgement) -> String {
        var json = JSONWriter()
        json.object { json in
            switch answer {
            case .accepted(let id):
                json.member("ok", true)
                json.member("id", id)
            case .refused(let line, let id, let error):
                json.member("ok", false)
                if let id { json.member("id", id) }
                json.member("error", error)
                json.member("line", line)
            }
        }
        return json.text
    }
}
