import ColumnStore
import Drumlin

/// Opens what a crash left and says what is there.
struct LifeRecovery {
    let model: LifeModel
    let expectations: LifeMetrics

    init(_ model: LifeModel, _ expectations: LifeMetrics) {
        self.model = model
        self.expectations = expectations
    }

    /// Recovers the store on `disk`, which is used up. Nil where there is none, as may be.
    ///
    /// Thorough: a reader sees the same before; a second recovery, after another loss of power, is the first; and the store
    /// can be written, sealed and opened once more.
    @discardableResult
    func recover(
        _ disk: SimulatedFileSystem, promised: Int, isThorough: Bool,
        duringRecovery: (@Sendable (SimulatedFileSystem) -> Void)? = nil
    ) throws -> LifeObservation? {
        guard try disk.kind(of: Life.path + "/CURRENT") == .file else {
            guard !model.isMade else { throw Violation("there is no store") }
            return nil
        }
        var read: LifeObservation?
        if isThorough {
            let store = try Store.openReadOnly(Life.path, options: options(disk))
            read = try observe(store, promised, isThorough: false)
        }
        let first: LifeObservation
        do {
            disk.observe(duringRecovery)
            let store = try Store.open(Life.path, options: options(disk))
            first = try observe(store, promised, isThorough: isThorough)
            disk.observe(nil)
            let again = isThorough ? disk.fork(.nothing, seed: 2) : nil
            // What the store would still write when it is let go never happens.
            disk.powerOff()
            guard let again else { return first }
            if let read, read != first { throw Violation("a reader sees other rows than the recovered store has") }
            try goOn(again, first)
        }
        return first
    }

    private func goOn(_ disk: SimulatedFileSystem, _ first: LifeObservation) throws {
        let store = try Store.open(Life.path, options: options(disk))
        let second = try observe(store, first.callCount, isThorough: false)
        guard second.isSame(as: first) else {
            throw Violation("the second recovery differs from the first: \(second.callCount), \(first.callCount)")
        }
        let table = try store.createTable("after", schema: LifeRows.schema)
        for number in 0..<5 { try table.append(rows: [["id": .string("n\(number)"), "call": .int(Int64(number))]]) }
        try store.seal()
        try table.append(rows: [["id": "n5", "call": 5]])
        try store.close()
        let last = try Store.open(Life.path, options: options(disk))
        guard try last.table("after").allRows().map({ $0["call"] }) == (0...5).map({ .int(Int64($0)) }) else {
            throw Violation("rows that were written after the recovery are missing")
        }
        try last.dropTables(["after"])
        let end = try observe(last, first.callCount, isThorough: true)
        guard end.callCount == first.callCount, LifeMetrics.isIdentical(end.metrics, first.metrics) else {
            throw Violation("rows or metrics changed when the store was written again")
        }
        disk.powerOff()
    }

    private func observe(_ store: Store, _ promised: Int, isThorough: Bool) throws -> LifeObservation {
        let task = store.taskNames == ["t"] ? try store.task("t") : nil
        return try LifeObservation(store, task, model, promised: promised, expectations, isThorough: isThorough)
    }

    private func options(_ disk: SimulatedFileSystem) -> StoreOptions {
        // The executors are those of a store that nobody advances.
        let simulated = SimulatedStore(disk)
        var options = simulated.options()
        options.arrival = .eventTime
        return options
    }
}

extension LifeObservation {
    /// The same but for what maintenance may drop at any time.
    func isSame(as other: LifeObservation) -> Bool {
        callCount == other.callCount && definitions == other.definitions
            && LifeMetrics.isIdentical(metrics, other.metrics)
    }
}
