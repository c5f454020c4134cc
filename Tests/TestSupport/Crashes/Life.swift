import ColumnFormat
import ColumnStore
import Drumlin

/// The life of a store on a simulated disk: openings, calls of every kind, background work, faults, losses of power; all of
/// it a function of one seed.
///
/// Two tables of a user's, to which one call appends, and a monitored task; see ``LifeModel`` for what is known of them.
/// Everything runs on the thread that calls ``run()``, also what is called before an operation of the disk.
@safe
package final class Life: @unchecked Sendable {
    package static let path = "/dir/store"

    package let seed: UInt64
    package let plan: LifePlan
    package private(set) var model = LifeModel()
    package private(set) var fileSystem: SimulatedFileSystem
    package let clock = ManualClock()
    /// Called before each operation that changes the disk.
    package var beforeOperation: ((Life) -> Void)?
    /// What the life did, one line a step, for who replays it.
    package var narrates: ((String) -> Void)?

    var random: SeededGenerator
    var simulated: SimulatedStore
    var store: Store?
    var task: MonitoredTask?
    /// Numbers of predictions, which are not used again.
    var nextPrediction = 0
    var eventTime: Int64 = LifeTask.firstTime
    /// A call within maintenance that failed: then nobody knows what the life's calls were.
    var interruptionFailure: StoreError?
    private(set) var isTaskLeftAlone = false
    let expectations = LifeMetrics()

    package init(seed: UInt64, plan: LifePlan? = nil, keepsJournal: Bool = true) throws {
        self.seed = seed
        self.plan = plan ?? LifePlan(seed: seed)
        random = SeededGenerator(seed: seed)
        fileSystem = SimulatedFileSystem(seed: seed)
        fileSystem.setKeepsJournal(keepsJournal)
        simulated = SimulatedStore(fileSystem)
        try fileSystem.createDirectory("/dir")
        try fileSystem.syncDirectory("/")
    }

    /// Lives. Throws ``Violation`` where the store did what it must not, whoever broke off.
    package func run() throws {
        for session in 0..<plan.sessionCount {
            fileSystem.observe { [weak self] _ in
                guard let self else { return }
                beforeOperation?(self)
            }
            do {
                try open(session)
                for _ in 0..<plan.stepCount { try step() }
                try end()
            } catch let error as StoreError {
                guard plan.hasFaults else { throw Violation("a call failed although nothing was wrong: \(error)") }
                say("failed: \(error)")
                losePower()
            }
        }
        // The last word: all that was acknowledged is there, without any fault.
        fileSystem.observe(nil)
        fileSystem.clearFaults()
        (store, task) = (nil, nil)
        let last = try LifeRecovery(model, expectations).recover(
            fileSystem.fork(.nothing, seed: seed), promised: model.durableCount, isThorough: true)
        say("ends with \(last.map { "\($0.callCount)" } ?? "no") calls of \(model.callCount)")
    }

    func change(_ body: (inout LifeModel) -> Void) { body(&model) }

    func say(_ text: @autoclosure () -> String) { narrates?(text()) }

    func chance(_ share: Double) -> Bool { Double.random(in: 0..<1, using: &random) < share }

    // MARK: Openings

    func open(_ session: Int) throws {
        let durability = Durability.allCases.randomElement(using: &random)!
        simulated = SimulatedStore(fileSystem, clock: clock, seed: random.next())
        var options = simulated.options(durability, memtableByteCount: plan.memtableByteCount)
        options.arrival = .eventTime
        if plan.hasInterruptions {
            let hooked = HookedFileSystem(fileSystem)
            hooked.setHook { [weak self] in self?.interrupt() }
            options.environment.fileSystem = hooked
        }
        interruptionFailure = nil
        say("session \(session), \(durability), \(plan)")
        planFaults()
        let opened = try Store.open(Self.path, options: options)
        store = opened
        change { $0.isMade = true }
        // What became of a registration that failed is seen only with the task: such a task is not left alone.
        isTaskLeftAlone =
            plan.leavesTaskAlone && session > 0 && chance(0.5)
            && model.attemptedDefinitions.allSatisfy { $0.hasSameRegistrations(as: model.definitions) }
        task = opened.taskNames == ["t"] && !isTaskLeftAlone ? try opened.task("t", schema: LifeTask.schema) : nil
        let found = try LifeObservation(
            opened, task, model, promised: model.writtenCount, expectations, isThorough: session == 1)
        adopt(found)
        // Opening makes durable whatever it found.
        change { $0.noteDurable() }
        try makeDefinitions()
    }

    /// Goes on from what the store holds.
    private func adopt(_ found: LifeObservation) {
        let callCount = found.callCount
        if callCount < model.callCount { expectations.forget(from: callCount) }
        change { $0.adopt(callCount, found.definitions) }
    }

    /// Lives one session with a disk that does one thing wrong and calls it done, closes the store and opens it again. True if
    /// all is there; false if an error names the file. Throws ``Violation`` for a wrong answer.
    package func run(lyingAt operation: Int, _ fault: SimulatedFault) throws -> Bool {
        var isClosed = false
        do {
            fileSystem.fail(at: fileSystem.operationCount + operation, fault)
            try open(0)
            for _ in 0..<plan.stepCount { try step() }
            try store?.close()
            isClosed = true
        } catch is StoreError {}
        let image = fileSystem.fork(.kill, seed: seed)
        fileSystem.powerOff()
        (store, task) = (nil, nil)
        do {
            // What was not closed may have lost its end, which nobody can see.
            try LifeRecovery(model, expectations).recover(
                image, promised: isClosed ? model.callCount : 0, isThorough: false)
            return true
        } catch let error as StoreError {
            guard error.path != nil else { throw Violation("an error without a file: \(error)") }
            return false
        }
    }

    private func planFaults() {
        let first = fileSystem.operationCount
        for _ in 0..<3 {
            let place = first + Int.random(in: 0..<150, using: &random)
            fileSystem.fail(at: place, chance(0.5) ? .shortWrite : .interrupted)
            fileSystem.failRead(
                at: fileSystem.readCount + Int.random(in: 0..<100, using: &random), chance(0.5) ? .short : .interrupted)
        }
        guard plan.hasFaults else { return }
        switch Int.random(in: 0..<5, using: &random) {
        case 0: fileSystem.setCapacity(fileSystem.usedByteCount + Int.random(in: 4_000...60_000, using: &random))
        case 1:
            fileSystem.failRead(at: fileSystem.readCount + Int.random(in: 0..<60, using: &random), .inputOutput)
        default:
            // More than one of them: the first ends the session, wherever it strikes.
            for _ in 0..<3 {
                let fault = [SimulatedFault.inputOutput, .noSpace, .syncLosesData].randomElement(using: &random)!
                fileSystem.fail(at: first + Int.random(in: 0..<200, using: &random), fault)
            }
        }
    }

    // MARK: Ends

    private func end() throws {
        guard let store else { return }
        if chance(0.6) {
            say("close")
            try store.close()
            change { $0.noteDurable() }
            (self.store, task) = (nil, nil)
            fileSystem.clearFaults()
            return
        }
        losePower()
    }

    private func losePower() {
        let outcome: CrashOutcome =
            switch Int.random(in: 0..<6, using: &random) {
            case 0: .nothing
            case 1: .everything
            case 2: .kill
            case 3: .torn(seed: random.next())
            default: .subset(seed: random.next())
            }
        say("power lost: \(outcome)")
        if outcome != .kill { change { $0.writtenCount = $0.durableCount } }
        fileSystem.clearFaults()
        let image = fileSystem.fork(outcome, seed: random.next())
        fileSystem.observe(nil)
        fileSystem.powerOff()
        (store, task) = (nil, nil)
        fileSystem = image
    }

    /// After a full disk: there is room again, and what is there is what was there, with the call that failed or without it.
    func makeRoom() throws {
        guard let store else { return }
        fileSystem.setCapacity(nil)
        adopt(
            try LifeObservation(
                store, task, model, promised: model.writtenCount, expectations, isThorough: false))
        say("there is room again: \(model.callCount) calls")
    }
}
