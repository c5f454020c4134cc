import ColumnFormat
import ColumnStore
import Drumlin

/// What the metrics of a life's task are, computed anew in a store of its own from the rows that are there. Remembers it: a
/// life is recovered many times at the same call.
@safe
final class LifeMetrics: @unchecked Sendable {
    private struct Key: Hashable {
        let callCount: Int
        let registrationCount: Int
        let hasReference: Bool
    }

    private var known: [Key: [MetricRow]] = [:]

    /// Forgets the calls from one on, which were lost.
    func forget(from callCount: Int) { known = known.filter { $0.key.callCount <= callCount } }

    func rows(_ model: LifeModel, _ callCount: Int, _ definitions: LifeModel.Definitions) throws -> [MetricRow] {
        let key = Key(
            callCount: callCount, registrationCount: definitions.registrationCount,
            hasReference: definitions.hasReference)
        if let rows = known[key] { return rows }
        let rows = try Self.compute(model, model.states[callCount], definitions)
        known[key] = rows
        return rows
    }

    private static func compute(
        _ model: LifeModel, _ state: LifeModel.State, _ definitions: LifeModel.Definitions
    ) throws -> [MetricRow] {
        let disk = SimulatedFileSystem(seed: 1)
        disk.setKeepsJournal(false)
        let simulated = SimulatedStore(disk)
        var options = simulated.options()
        options.arrival = .eventTime
        let store = try Store.open("/fresh", options: options)
        let task = try store.task("t", schema: LifeTask.schema)
        defer { disk.powerOff() }
        var left = definitions
        func apply(_ event: LifeModel.Event) throws {
            switch event {
            case .prediction(let row):
                guard row < state.predictions, !state.erasedPredictions.contains(UInt64(row)) else { return }
                try LifeTask.log([model.predictions[row]], to: task)
            case .label(let row):
                guard row < state.labels, !state.erasedLabels.contains(UInt64(row)) else { return }
                try LifeTask.log(model.labels[row], to: task)
            case .registration(let number):
                guard number < definitions.registrationCount else { return }
                let registration = LifeTask.registrations[number]
                try task.registerMetric(registration.metric, windows: registration.windows)
            case .reference:
                guard left.hasReference else { return }
                try task.logTrainingSet(LifeTask.reference(), modelVersion: "v0")
                left.hasReference = false
            }
        }
        let events = model.events.prefix(state.eventCount)
        for event in events { try apply(event) }
        for number in 0..<definitions.registrationCount where !events.contains(.registration(number)) {
            try apply(.registration(number))
        }
        if left.hasReference { try apply(.reference) }
        if let clock = state.clock { try task.advance(to: Timestamp(microseconds: clock)) }
        return try comparable(task)
    }

    /// The rows without what depends on when they were published and asked for, and on what retention has removed.
    static func comparable(_ task: MonitoredTask) throws -> [MetricRow] {
        try task.metrics().map { row in
            var row = row
            row.revision = 0
            row.computedAt = nil
            row.coverageFrom = nil
            return row
        }
        .sorted {
            ($0.metric, $0.window, $0.start?.microseconds ?? 0) < ($1.metric, $1.window, $1.start?.microseconds ?? 0)
        }
    }

    static func isIdentical(_ left: [MetricRow], _ right: [MetricRow]) -> Bool {
        left == right
            || left.count == right.count
                && zip(left, right).allSatisfy { zip($0.values, $1.values).allSatisfy { $0.isIdentical(to: $1) } }
    }
}
