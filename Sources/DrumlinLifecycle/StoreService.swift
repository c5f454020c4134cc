#if ServiceLifecycle
    internal import Dispatch
    public import Drumlin
    public import ServiceLifecycle

    /// Owns a store for as long as a server runs: a service of swift-service-lifecycle that closes it in the end, so that
    /// everything is on the disk, and moves tasks' clocks and does what you ask meanwhile.
    ///
    ///     let store = try Store.open("model.drumlin")
    ///     let service = StoreService(store, advancing: [task], every: .seconds(15)) { _ in try metrics.export() }
    ///     let group = ServiceGroup(services: [service, server], gracefulShutdownSignals: [.sigterm], logger: logger)
    ///
    /// Services are shut down in the reverse of their order: put the store before what logs to it.
    public struct StoreService: Service {
        private let store: Store
        private let tasks: [MonitoredTask]
        private let interval: Duration
        private let body: (@Sendable (Store) async throws -> Void)?
        private let onFailure: @Sendable (any Error) -> Void

        /// - Parameters:
        ///   - tasks: whose clock moves with that of the machine, so that windows close and alerts are judged also where no
        ///     event comes.
        ///   - interval: how often that is done, and `body` called.
        ///   - onFailure: told of what went wrong in between. A monitor that fails does not end what it watches.
        ///   - body: what else is to be done now and then, as an export of metrics.
        public init(
            _ store: Store, advancing tasks: [MonitoredTask] = [], every interval: Duration = .seconds(10),
            onFailure: @escaping @Sendable (any Error) -> Void = { _ in },
            _ body: (@Sendable (Store) async throws -> Void)? = nil
        ) {
            self.store = store
            self.tasks = tasks
            self.interval = interval
            self.onFailure = onFailure
            self.body = body
        }

        /// Returns when the store was closed, after a graceful shutdown or a cancellation. Throws what `close()` throws.
        public func run() async throws {
            await cancelWhenGracefulShutdown {
                while !Task.isCancelled {
                    try? await Task.sleep(for: interval)
                    if Task.isCancelled { return }
                    for task in tasks {
                        do { try task.advance(to: .now) } catch { onFailure(error) }
                    }
                    do { try await body?(store) } catch { onFailure(error) }
                }
            }
            try await close()
        }

        /// On a thread that may wait: for the disk, and for handlers of what was appended last.
        private func close() async throws {
            let store = store
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                DispatchQueue.global().async {
                    continuation.resume(with: Result { try store.close() })
                }
            }
        }
    }
#endif
