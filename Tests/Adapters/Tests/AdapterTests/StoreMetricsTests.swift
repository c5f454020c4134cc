import Drumlin
import DrumlinMetrics
import Metrics
import MetricsTestKit
import Testing

struct StoreMetricsTests {
    @Test func gaugesAreSetAndCountersGrowByWhatIsNew() throws {
        let (world, factory) = (try AdapterStore(), TestMetrics())
        let metrics = StoreMetrics(world.store, dimensions: [("store", "s")], factory: factory)
        try world.log(hours: 0..<3, right: 5)
        try metrics.export()
        let labels = [("store", "s"), ("task", "t")]
        let predictions = try factory.expectCounter("drumlin_predictions", labels)
        #expect(predictions.values == [120])
        let value = try factory.expectMeter(
            "drumlin_metric_value", labels + [("metric", "accuracy"), ("window", "1h")])
        #expect(value.values == [0.5])
        let alerts = try factory.expectMeter("drumlin_alerts_active", labels + [("rule", "low")])
        #expect(alerts.lastValue == 1)
        let onset = labels + [("rule", "low"), ("kind", "metric"), ("window", "1h"), ("subject", "accuracy")]
        #expect(try factory.expectMeter("drumlin_alert_value", onset).lastValue == 0.5)

        try world.log(hours: 3..<8, right: 10)
        try metrics.export()
        #expect(predictions.totalValue == 320 && value.values == [0.5, 1] && alerts.lastValue == 0)
        #expect(throws: (any Error).self) { try factory.expectMeter("drumlin_alert_value", onset) }
        try world.store.close()
        #expect(throws: StoreError.self) { try metrics.export() }
    }

    @Test func itRunsUntilItIsCancelledOrTheStoreIsClosed() async throws {
        let (world, factory) = (try AdapterStore(), TestMetrics())
        let metrics = StoreMetrics(world.store, factory: factory)
        let running = Task { await metrics.run(every: .milliseconds(1)) }
        while factory.meters.isEmpty { try await Task.sleep(for: .milliseconds(1)) }
        running.cancel()
        await running.value
        let again = Task { await metrics.run(every: .milliseconds(1)) }
        try world.store.close()
        await again.value
    }
}
