import Drumlin
import DrumlinLifecycle
import Foundation
import Logging
import ServiceLifecycle
import Synchronization
import Testing

struct StoreServiceTests {
    private struct Failure: Error {}

    @Test func theStoreIsClosedAfterAGracefulShutdown() async throws {
        let world = try AdapterStore()
        let calls = Mutex(0)
        let failures = Mutex(0)
        let (stream, reached) = AsyncStream<Void>.makeStream()
        let before = Timestamp.now
        let service = StoreService(
            world.store, advancing: [world.task], every: .milliseconds(1),
            onFailure: { _ in failures.withLock { $0 += 1 } }
        ) { store in
            _ = try store.measurements()
            if calls.withLock({
                $0 += 1; return $0
            }) == 3 {
                reached.yield()
            }
            throw Failure()
        }
        let group = ServiceGroup(services: [service], logger: Logger(label: "test"))
        let running = Task { try await group.run() }
        for await _ in stream { break }
        let clock = try #require(world.task.status.clock)
        #expect(clock >= before)
        await group.triggerGracefulShutdown()
        try await running.value
        #expect(failures.withLock { $0 } >= 3)
        #expect(throws: StoreError.self) { try world.store.measurements() }
        let again = try Store.open(world.path)
        #expect(again.taskNames == ["t"])
        try again.close()
    }

    @Test func aCancellationClosesItToo() async throws {
        let world = try AdapterStore()
        let service = StoreService(world.store, every: .seconds(3_600))
        let running = Task { try await service.run() }
        running.cancel()
        try await running.value
        #expect(throws: StoreError.self) { try world.store.measurements() }
    }
}
