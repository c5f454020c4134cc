import ColumnFormat
import ColumnStore
import CommandSupport

/// What back-pressure and the limits did to calls and events, as of the last seal or the end of the writer.
enum PressureRendering {
    private typealias Counter = EventCounters.Counter

    private static func counters(_ inspection: Inspection) -> [(owner: String, counters: EventCounters)] {
        EventCounterSet.read(inspection.manifest?.metadata ?? [:]).sorted { $0.key < $1.key }.map {
            ($0.key, EventCounters($0.value))
        }
    }

    /// A line where anything was held up, refused or dropped.
    static func facts(_ inspection: Inspection) -> [(String, String)] {
        var parts: [String] = []
        var (refused, violating, late, pending) = (0, 0, 0, 0)
        for (_, counters) in counters(inspection) {
            // Shorter waits are how a store that is filled fast keeps its memory.
            if counters[.waitedMicroseconds] >= 1_000_000 {
                parts.append(
                    "\(DamageRendering.counted(counters[.waitedCalls], "call")) waited, "
                        + "\(Units.count(counters[.waitedMicroseconds] / 1_000_000)) s")
            }
            if counters[.refusedCalls] > 0 {
                parts.append("\(DamageRendering.counted(counters[.refusedCalls], "call")) refused")
            }
            if counters[.droppedEvents] > 0 || counters[.droppedCalls] > 0 {
                parts.append("\(DamageRendering.counted(counters[.droppedEvents], "event")) dropped")
            }
            refused += counters[.refusedPredictions] + counters[.refusedFeedback]
            violating += counters[.violatingPredictions] + counters[.violatingFeedback]
            late += counters[.latePredictions]
            pending += counters[.pendingLabels]
        }
        var facts = parts.isEmpty ? [] : [("pressure", parts.joined(separator: "; "))]
        var events: [String] = []
        if late > 0 { events.append("\(DamageRendering.counted(late, "prediction")) late") }
        if pending > 0 { events.append("\(DamageRendering.counted(pending, "id")) with feedback and no prediction") }
        if refused > 0 { events.append("\(DamageRendering.counted(refused, "event")) refused by a limit") }
        if violating > 0 { events.append("\(DamageRendering.counted(violating, "event")) refused by a constraint") }
        if !events.isEmpty { facts.append(("events", events.joined(separator: "; "))) }
        return facts
    }

    static func write(_ inspection: Inspection, to json: inout JSONWriter) {
        guard inspection.manifest != nil else {
            json.null()
            return
        }
        let all = counters(inspection)
        let own = all.first { $0.owner.isEmpty }?.counters ?? EventCounters()
        json.object { json in
            json.member("waited_calls", own[.waitedCalls])
            json.member("waited_us", own[.waitedMicroseconds])
            json.member("refused_calls", own[.refusedCalls])
            json.member("dropped_calls", own[.droppedCalls])
            json.member("dropped_events", own[.droppedEvents])
            json.member("tasks") { json in
                json.array { json in
                    for (task, counters) in all where !task.isEmpty {
                        json.object { json in
                            json.member("task", task)
                            json.member("dropped_predictions", counters[.droppedPredictions])
                            json.member("dropped_feedback", counters[.droppedFeedback])
                            json.member("late_predictions", counters[.latePredictions])
                            json.member("refused_predictions", counters[.refusedPredictions])
                            json.member("refused_feedback", counters[.refusedFeedback])
                            json.member("violating_predictions", counters[.violatingPredictions])
                            json.member("violating_feedback", counters[.violatingFeedback])
                            json.member("pending_labels", counters[.pendingLabels])
                        }
                    }
                }
            }
        }
    }
}
