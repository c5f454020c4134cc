#if Metrics
    public import Drumlin
    public import Metrics
    internal import Synchronization

    /// Tells swift-metrics what a store and its models come to: ``Drumlin/ColumnStore/Store/measurements()`` as gauges and counters.
    ///
    ///     let metrics = StoreMetrics(store)
    ///     try metrics.export()                     // now, or
    ///     try await metrics.run(every: .seconds(15))
    ///
    /// Labels and dimensions are those of OpenMetrics: `drumlin_metric_value`, with `task`, `metric` and `window`. What is not
    /// told any more, as an alert that was left, is destroyed in the metrics system too. Thread-safe.
    public final class StoreMetrics: Sendable {
        private struct Key: Hashable {
            let name: String
            let labels: [MeasurementFamily.Label]
        }

        private enum Instrument {
            case meter(Meter)
            case counter(FloatingPointCounter, last: Double)

            func destroy() {
                switch self {
                case .meter(let meter): meter.destroy()
                case .counter(let counter, _): counter.destroy()
                }
            }
        }

        private let store: Store
        private let dimensions: [(String, String)]
        private let factory: (any MetricsFactory)?
        private let instruments = Mutex<[Key: Instrument]>([:])

        /// - Parameters:
        ///   - dimensions: what every instrument has beside its own, to tell several stores apart.
        ///   - factory: where instruments are made; that of `MetricsSystem` where nil.
        public init(_ store: Store, dimensions: [(String, String)] = [], factory: (any MetricsFactory)? = nil) {
            self.store = store
            self.dimensions = dimensions
            self.factory = factory
        }

        /// Sets gauges, and adds to counters what came since the last export.
        ///
        /// Cost and errors are those of `store.measurements()`; where it throws nothing has changed.
        public func export() throws(StoreError) {
            let families = try store.measurements()
            instruments.withLock { instruments in
                var seen: Set<Key> = []
                for family in families {
                    for sample in family.samples {
                        let key = Key(name: family.name, labels: sample.labels)
                        seen.insert(key)
                        set(&instruments[key], family, sample)
                    }
                }
                for key in instruments.keys where !seen.contains(key) {
                    instruments.removeValue(forKey: key)?.destroy()
                }
            }
        }

        /// Exports now and every `interval`, until the task is cancelled; that ends it without an error. An export that fails is
        /// left out, but for a store that was closed: then it ends too.
        public func run(every interval: Duration) async {
            while !Task.isCancelled {
                do throws(StoreError) {
                    try export()
                } catch {
                    if error.code == .closed { return }
                }
                try? await Task.sleep(for: interval)
            }
        }

        private func set(
            _ instrument: inout Instrument?, _ family: MeasurementFamily, _ sample: MeasurementFamily.Sample
        ) {
            if case .counter(let counter, let last) = instrument {
                // A count that begins again has all of it new.
                counter.increment(by: sample.value >= last ? sample.value - last : sample.value)
                instrument = .counter(counter, last: sample.value)
                return
            }
            if case .meter(let meter) = instrument {
                meter.set(sample.value)
                return
            }
            let dimensions = self.dimensions + sample.labels.map { ($0.name, $0.value) }
            switch family.kind {
            case .gauge, .info:
                let meter =
                    factory.map { Meter(label: family.name, dimensions: dimensions, factory: $0) }
                    ?? Meter(label: family.name, dimensions: dimensions)
                meter.set(sample.value)
                instrument = .meter(meter)
            case .counter:
                let counter =
                    factory.map { FloatingPointCounter(label: family.name, dimensions: dimensions, factory: $0) }
                    ?? FloatingPointCounter(label: family.name, dimensions: dimensions)
                counter.increment(by: sample.value)
                instrument = .counter(counter, last: sample.value)
            }
        }
    }
#endif
