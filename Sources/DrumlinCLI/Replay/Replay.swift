import CommandSupport
import Drumlin

/// Plays predictions and labels from files into a store in the order of their times, as an inference process would.
struct Replay {
    struct Options {
        var store: String
        var specification: String
        var reference: String?
        var predictions: String?
        var labels: String?
        var modelVersion = "1"
        var referenceRole = ReferenceRole.heldOut
        var durability = Durability.buffered
        var onError = ErrorPolicy.stop
    }

    private let options: Options
    private let specification: TaskSpecification
    private let refusals: (reference: RefusalLog, predictions: RefusalLog, labels: RefusalLog)
    private let reference: ReferenceFile?
    private let predictions: PredictionFile?
    private let labels: LabelFile?

    /// Opens the files and finds their columns, before anything in the store is touched.
    ///
    /// - Parameter report: takes messages about refused rows, each with its line end.
    init(_ options: Options, report: @escaping (String) -> Void) throws {
        func log() -> RefusalLog {
            RefusalLog(
                options.onError, remedy: "correct the row, or leave such rows out with --on-error skip", report: report)
        }
        self.options = options
        let specification = try TaskSpecification(path: options.specification)
        let refusals = (reference: log(), predictions: log(), labels: log())
        reference = try options.reference.map {
            try ReferenceFile(path: $0, specification: specification, refusals: refusals.reference)
        }
        predictions = try options.predictions.map {
            try PredictionFile(path: $0, specification: specification, refusals: refusals.predictions)
        }
        labels = try options.labels.map {
            try LabelFile(path: $0, specification: specification, refusals: refusals.labels)
        }
        self.specification = specification
        self.refusals = refusals
    }

    /// Plays everything. What was logged stays in the store also where an error ends the replay; run again, it goes on,
    /// because events that are in the store already change nothing.
    ///
    /// - Throws: ``CommandError`` or `StoreError`.
    func run(terminal: Terminal) throws -> ReplaySummary {
        let clock = ContinuousClock()
        let start = clock.now
        var storeOptions = StoreOptions()
        storeOptions.durability = options.durability
        storeOptions.arrival = .eventTime
        let store = try Store.opening(options.store, storeOptions)
        var summary = ReplaySummary(store: options.store, task: specification.name)
        do {
            let task = try store.task(specification.name, schema: specification.schema)
            for entry in specification.metrics { try task.registerMetric(entry.metric, windows: entry.windows) }
            for segments in specification.segments { try task.registerSegments(segments) }
            if let reference { try fit(reference, task, &summary, terminal) }
            switch specification.constraints {
            case .listed(let constraints): try task.registerConstraints(constraints)
            case .suggested: try task.registerConstraints(try task.suggestConstraints())
            }
            try task.registerAlerts(specification.alerts)
            let before = task.status
            try play(task, &summary, terminal)
            // What is checked in the background is sealed with the rest.
            store.drainTriggers()
            try store.seal()
            summary.finish(before: before, after: task.status)
            try store.close()
        } catch {
            // What was logged must not wait for recovery; the first error is the one to tell.
            try? store.close()
            throw placed(error)
        }
        summary.refused = (refusals.reference.count, refusals.predictions.count, refusals.labels.count)
        summary.seconds = start.duration(to: clock.now).inSeconds
        summary.byteCount = PosixFileSystem().byteCount(below: options.store)
        summary.disorders = [predictions?.events.disorder, labels?.events.disorder].compactMap { $0 }
        return summary
    }

    /// An error of the store about a registration, with the file that asks for it.
    private func placed(_ error: any Error) -> any Error {
        guard var error = error as? StoreError, error.path == nil else { return error }
        error.path = options.specification
        return error
    }

    // MARK: Parts

    private func fit(
        _ file: ReferenceFile, _ task: MonitoredTask, _ summary: inout ReplaySummary, _ terminal: Terminal
    ) throws {
        let progress = ProgressBar("reference", unit: "rows", terminal: terminal)
        defer { progress.finish() }
        let (set, count) = try file.read(progress)
        do throws(StoreError) {
            try task.logTrainingSet(set, modelVersion: options.modelVersion, role: options.referenceRole)
        } catch {
            guard error.code == .schemaMismatch else { throw error }
            throw CommandError(
                .refused, error.message, at: options.reference,
                remedy: "name the version of the model that these rows are of: --model-version 2")
        }
        summary.reference = (count, options.modelVersion)
    }

    /// Merges the two files by their times; at equal times the prediction comes first.
    private func play(_ task: MonitoredTask, _ summary: inout ReplaySummary, _ terminal: Terminal) throws(CommandError)
    {
        let progress = ProgressBar("events", unit: "events", terminal: terminal)
        defer { progress.finish() }
        let row = task.makePredictionRow()
        try predictions?.events.advance()
        try labels?.events.advance()
        var count = 0
        while true {
            let predictionTime = predictions.flatMap { $0.events.hasEvent ? $0.events.at : nil }
            let labelTime = labels.flatMap { $0.events.hasEvent ? $0.events.at : nil }
            if let predictions, let predictionTime, predictionTime <= labelTime ?? .max {
                if try predictions.log(to: task, row) { summary.predictions.accepted += 1 }
                try predictions.events.advance()
            } else if let labels, labelTime != nil {
                if try labels.log(to: task) { summary.labels.accepted += 1 }
                try labels.events.advance()
            } else {
                return
            }
            count += 1
            if count & 0x3FF == 0, progress.isActive { progress.update(share: share, count: count) }
        }
    }

    /// How much of both files has been read.
    private var share: Double? {
        var read = 0
        var all = 0
        if let events = predictions?.events {
            guard let byteCount = events.byteCount else { return nil }
            read += events.bytesRead
            all += byteCount
        }
        if let events = labels?.events {
            guard let byteCount = events.byteCount else { return nil }
            read += events.bytesRead
            all += byteCount
        }
        return all == 0 ? 1 : Double(read) / Double(all)
    }
}
