import ColumnFormat

/// What a life has asked of its store, call by call in the order of the log, and what the store has promised of that.
///
/// A row of a user's table says which call appended it and its place in that; predictions and labels are numbered. So what a
/// store holds shows after which call it stands.
package struct LifeModel: Sendable {
    struct UserRow: Sendable {
        var call: Int
        var place: Int
        var textByteCount: Int
        /// How often the schema of its table had changed.
        var changeCount = 0
    }

    struct Prediction: Sendable {
        var number: Int
        var at: Int64
        var score: Double
    }

    struct Label: Sendable {
        /// Of the prediction.
        var number: Int
        var at: Int64
        /// Nil for a withdrawal.
        var label: Double?
        /// The row of the prediction, if it was known.
        var row: UInt64?
    }

    /// What the windows depend on, in order.
    enum Event: Sendable, Equatable {
        case prediction(row: Int)
        case label(row: Int)
        case registration(Int)
        case reference
    }

    /// The store after a call.
    struct State: Sendable {
        var a = 0
        var b = 0
        var predictions = 0
        var labels = 0
        var erasedA = RowSet()
        var erasedPredictions = RowSet()
        var erasedLabels = RowSet()
        var clock: Int64?
        var eventCount = 0
        var callNumber = 0
    }

    /// What is in the manifest and not in the log. Each change is durable when its call returns.
    struct Definitions: Sendable, Hashable {
        var tables: Set<String> = []
        var hasTask = false
        var metadata: UInt8?
        var schemaChangeCount = 0
        var registrationCount = 0
        var hasReference = false
        var keptRows: Int?
        var keptPredictions: Int?

        /// Whether what shows only where the task is opened is the same.
        func hasSameRegistrations(as other: Definitions) -> Bool {
            registrationCount == other.registrationCount && hasReference == other.hasReference
                && keptPredictions == other.keptPredictions
        }
    }

    var rowsA: [UserRow] = []
    var rowsB: [UserRow] = []
    var predictions: [Prediction] = []
    var labels: [Label] = []
    var events: [Event] = []
    /// The first is that of an empty store; a call that threw may have happened or not.
    var states = [State()]
    /// How many calls survive a loss of power, and a kill, as far as was promised.
    var durableCount = 0
    var writtenCount = 0
    var definitions = Definitions()
    /// What may be in place of ``definitions``: changes that were tried and never acknowledged.
    var attemptedDefinitions: [Definitions] = []
    /// The store exists, as opening it has promised.
    var isMade = false
    /// Whether a retention was ever tried.
    var keptRows: Int?
    var keptPredictions: Int?

    var callCount: Int { states.count - 1 }
    var last: State { states[states.count - 1] }

    /// The first `count` calls are durable, by default all.
    mutating func noteDurable(_ count: Int? = nil) {
        durableCount = max(durableCount, count ?? callCount)
        writtenCount = max(writtenCount, durableCount)
    }

    /// Begins a call.
    mutating func begin(_ change: (inout State) -> Void) {
        var state = last
        state.callNumber += 1
        change(&state)
        state.eventCount = events.count
        states.append(state)
    }

    /// Goes on from what a store turned out to hold.
    mutating func adopt(_ callCount: Int, _ found: Definitions) {
        states.removeLast(states.count - 1 - callCount)
        let state = last
        rowsA.removeLast(rowsA.count - state.a)
        rowsB.removeLast(rowsB.count - state.b)
        predictions.removeLast(predictions.count - state.predictions)
        labels.removeLast(labels.count - state.labels)
        events.removeLast(max(0, events.count - state.eventCount))
        // What is registered stays, behind the events that are left.
        for number in 0..<found.registrationCount where !events.contains(.registration(number)) {
            events.append(.registration(number))
        }
        if found.hasReference, !events.contains(.reference) { events.append(.reference) }
        states[states.count - 1].eventCount = events.count
        definitions = found
        durableCount = min(durableCount, callCount)
        writtenCount = min(writtenCount, callCount)
    }

    // MARK: Rows

    func isErasedPrediction(_ row: UInt64, in state: State) -> Bool { state.erasedPredictions.contains(row) }

    /// The row of a prediction that is there.
    func row(ofPrediction number: Int, in state: State) -> UInt64? {
        let row = predictions[..<state.predictions].lastIndex { $0.number == number }.map { UInt64($0) }
        return row.flatMap { state.erasedPredictions.contains($0) ? nil : $0 }
    }
}
