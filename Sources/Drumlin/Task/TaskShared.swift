internal import ColumnFormat
internal import ColumnStore
internal import ColumnViews
internal import Synchronization

/// What all handles of one task in a process share.
final class TaskShared: Sendable {
    /// A metric of a user's own.
    struct Closure: Sendable {
        /// From labels and predictions.
        let compute: @Sendable ([Double], [Double]) throws -> Double
        /// How often it is computed of drawn rows for its interval; 0 for none.
        let intervalDraws: Int
    }

    /// The newest epoch, as a prediction needs it before it takes the store's lock.
    final class EpochContext: Sendable {
        let index: Int
        let buckets: FittedBuckets?
        /// Changes when the task is cleared: epochs of before do not exist any more.
        let generation: Int
        /// What refuses events before they are logged; nil where nothing does.
        let refusals: RefusalRules?

        init(index: Int, buckets: FittedBuckets?, generation: Int, refusals: RefusalRules?) {
            self.refusals = refusals
            self.index = index
            self.buckets = buckets
            self.generation = generation
        }
    }

    private struct Guarded: @unchecked Sendable {
        let state: TaskState
    }

    private let guarded: Guarded
    /// Touch it only under the store's lock.
    var state: TaskState { guarded.state }
    /// For what every call takes for a moment: not the standard library's, which hands itself to threads that sleep.
    private let callLock = SignalLock()
    // Both are guarded by `callLock`.
    private nonisolated(unsafe) var newestContext: EpochContext
    private nonisolated(unsafe) var freeScratches: [PredictionScratch] = []
    /// Held while something is registered, so that registrations follow each other.
    let registration = Mutex<Void>(())
    let closures = Mutex<[String: Closure]>([:])
    /// Values of closures by metric and window, with the fingerprint of the window's cells at that time.
    let closureValues = Mutex<[ClosureKey: ClosureValue]>([:])
    /// Reference rows that stand for unlabeled ones, for closures.
    let referenceResample = Mutex<ReferenceResample?>(nil)
    /// The newest counts of the last so many predictions.
    let countedRows = Mutex<CountedRows?>(nil)
    let checks = TaskChecks()
    /// Whether feedback has to look at the constraints that refuse events; it needs no context else.
    let refusesFeedback = Atomic<Bool>(false)
    let monitor = TaskMonitor()
    /// What those who ask again and again have read so far.
    let followed = Mutex(FollowedTables())
    /// How often a closure was called.
    let closureCallCount = Atomic<Int>(0)

    struct ClosureKey: Hashable, Sendable {
        let metric: String
        let interval: WindowInterval
    }

    struct ClosureValue: Sendable {
        /// The methods of rows: labeled rows alone, or with reference rows that stand for those without a label.
        static let labelMethod = "closure"
        static let resampleMethod = "closure:resample"

        let fingerprint: Int64
        /// The reference that stood for unlabeled rows; nil where there were none, or no reference.
        let reference: ReferenceResample.Moment?
        var value: Double?
        var labeledValue: Double?
        var unlabeledValue: Double?
        /// Half of the interval.
        var halfWidth: Double?
        var method = labelMethod
        var error: String?
    }

    init(_ state: TaskState) {
        guarded = Guarded(state: state)
        let context = state.context
        refusesFeedback.store(context.refusals != nil, ordering: .relaxed)
        unsafe newestContext = context
    }

    /// What a prediction is encoded with from now on.
    var context: EpochContext {
        get {
            callLock.lock()
            defer { callLock.unlock() }
            return unsafe newestContext
        }
        set {
            refusesFeedback.store(newValue.refusals != nil, ordering: .releasing)
            callLock.lock()
            defer { callLock.unlock() }
            unsafe newestContext = newValue
        }
    }

    /// Lends memory for one call.
    func withScratch<R>(_ body: (PredictionScratch) throws(StoreError) -> R) throws(StoreError) -> R {
        let scratch = takeScratch()
        defer { giveBack(scratch) }
        return try body(scratch)
    }

    /// Lends memory for one call, to be given back.
    func takeScratch() -> PredictionScratch {
        callLock.lock()
        let scratch = unsafe freeScratches.popLast()
        callLock.unlock()
        return scratch ?? PredictionScratch()
    }

    func giveBack(_ scratch: PredictionScratch) {
        scratch.removeAll()
        callLock.lock()
        defer { callLock.unlock() }
        if unsafe freeScratches.count < 64 { unsafe freeScratches.append(scratch) }
    }
}
