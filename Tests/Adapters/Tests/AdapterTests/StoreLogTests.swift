import Drumlin
import DrumlinLogging
import InMemoryLogging
import Logging
import Testing

struct StoreLogTests {
    @Test func alertsAreLoggedAsTheyComeAndGo() throws {
        let (world, handler) = (try AdapterStore(), InMemoryLogHandler())
        let log = StoreLog(world.store, logger: Logger(label: "test") { _ in handler })
        try log.follow(world.task)
        try world.log(hours: 0..<3, right: 5)
        try world.log(hours: 3..<8, right: 10)
        let entries = handler.entries
        #expect(entries.map(\.level) == [.warning, .notice])
        #expect(entries.first?.message.description.hasPrefix("entered: accuracy") == true, "\(entries)")
        #expect(entries.first?.metadata["rule"] == "low" && entries.first?.metadata["subject"] == "accuracy")
        #expect(entries.first?.metadata["value"] == "0.5" && entries.last?.metadata["state"] == "left")
    }

    @Test func lossesAreToldOnce() throws {
        let (world, handler) = (try AdapterStore(), InMemoryLogHandler())
        var options = StoreOptions()
        options.arrival = .eventTime
        options.limits.lateness = .hours(1)
        try world.store.close()
        let store = try Store.open(world.path, options: options)
        let task = try store.task("t")
        let log = StoreLog(store, logger: Logger(label: "test") { _ in handler })
        log.check()
        #expect(handler.entries.isEmpty)
        let late = Timestamp(microseconds: AdapterStore.begin)
        try task.advance(to: Timestamp(microseconds: AdapterStore.begin + 30 * AdapterStore.hour))
        for id in ["a", "b"] {
            #expect(throws: StoreError.self) {
                try task.logPrediction(id: id, at: late, prediction: 0.5, features: [:])
            }
        }
        log.check()
        log.check()
        let entries = handler.entries
        #expect(entries.count == 1 && entries.first?.level == .warning, "\(entries)")
        #expect(entries.first?.message == "2 refused events" && entries.first?.metadata["kind"] == "prediction")
        try store.close()
        log.check()
        #expect(handler.entries.count == 1)
    }
}
