#if Logging
    public import Drumlin
    public import Logging
    internal import Synchronization

    /// Writes to a swift-log `Logger` what happens to a store and its models: alerts as they are entered and left, failures as
    /// they come and go, and events that were dropped or refused.
    ///
    ///     let log = StoreLog(store, logger: Logger(label: "drumlin"))
    ///     try log.follow(task)                     // alerts, as they come
    ///     await log.run(every: .seconds(15))       // all else; or log.check() now and then
    ///
    /// An alert that is entered and an event that is lost are warnings, a failure is an error, what ends is a notice. Facts are
    /// metadata: `task`, `rule`, `kind`, `subject`, `window`, `value`, `limit`. Thread-safe.
    public final class StoreLog: Sendable {
        private let store: Store
        private let logger: Logger
        private let last = Mutex(Last())

        private struct Last {
            var failures: [String: String] = [:]
            var counts: [Key: Double] = [:]
        }

        private struct Key: Hashable {
            let name: String
            let labels: [MeasurementFamily.Label]
        }

        /// What has been counted until now is not news.
        public init(_ store: Store, logger: Logger) {
            self.store = store
            self.logger = logger
            let counts = losses()
            last.withLock { $0.counts = counts }
        }

        /// Logs each alert of a task that is entered or left from now on, until the trigger is cancelled. Throws `.readOnly` for
        /// a store that was opened for reading.
        ///
        /// - Parameter firstRow: the number of the first row of the task's table `alerts`; nil for those from now on.
        @discardableResult
        public func follow(_ task: MonitoredTask, from firstRow: UInt64? = nil) throws(StoreError) -> AppendTrigger {
            let logger = logger
            return try task.onAlert(from: firstRow) { alert in
                logger.log(
                    level: alert.state == "entered" ? .warning : .notice, "\(alert.state): \(alert.message)",
                    metadata: Self.metadata(alert))
            }
        }

        private static func metadata(_ alert: AlertRow) -> Logger.Metadata {
            var metadata: Logger.Metadata = [
                "task": "\(alert.task)", "alert": "\(alert.alert)", "rule": "\(alert.rule)", "kind": "\(alert.kind)",
                "state": "\(alert.state)", "window": "\(alert.window)", "window_start": "\(alert.start)",
                "value": "\(alert.value)", "limit": "\(alert.limit)",
            ]
            if let subject = alert.subject { metadata["subject"] = "\(subject)" }
            if let expected = alert.expected { metadata["expected"] = "\(expected)" }
            return metadata
        }

        /// Logs what has changed since the last check: failures that came or went, and events that were lost.
        public func check() {
            let status = store.status
            let failures: [(String, StoreError?)] = [
                ("log", status.logFailure), ("seal", status.sealFailure),
                ("maintenance", store.maintenanceStatus.failure),
            ]
            let counts = losses()
            last.withLock { last in
                for (part, failure) in failures {
                    let text = failure.map { "\($0)" }
                    guard text != last.failures[part] else { continue }
                    if let text {
                        logger.error("\(part) failed: \(text)", metadata: ["part": "\(part)", "path": "\(store.path)"])
                    } else {
                        logger.notice("\(part) works again", metadata: ["part": "\(part)", "path": "\(store.path)"])
                    }
                    last.failures[part] = text
                }
                for (key, count) in counts.sorted(by: { $0.key.name < $1.key.name }) {
                    let new = count - (last.counts[key] ?? 0)
                    guard new > 0 else { continue }
                    var metadata: Logger.Metadata = ["count": "\(Int(new))", "path": "\(store.path)"]
                    for label in key.labels { metadata[label.name] = "\(label.value)" }
                    let what = key.name.dropFirst("drumlin_".count).map { $0 == "_" ? " " : String($0) }.joined()
                    logger.warning("\(Int(new)) \(what)", metadata: metadata)
                }
                last.counts = counts
            }
        }

        /// Checks every `interval`, until the task is cancelled; that ends it without an error.
        public func run(every interval: Duration) async {
            while !Task.isCancelled {
                check()
                try? await Task.sleep(for: interval)
            }
        }

        /// Counts of events and calls that are not in the store.
        private func losses() -> [Key: Double] {
            let names = [
                "drumlin_dropped_calls", "drumlin_refused_calls", "drumlin_dropped_events", "drumlin_refused_events",
            ]
            var counts: [Key: Double] = [:]
            // A store that was closed loses nothing more.
            for family in (try? store.measurements()) ?? [] where names.contains(family.name) {
                for sample in family.samples {
                    counts[Key(name: family.name, labels: sample.labels)] = sample.value
                }
            }
            return counts
        }
    }
#endif
