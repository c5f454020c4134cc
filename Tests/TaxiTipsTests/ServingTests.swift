import Drumlin
import Foundation
import Testing

@testable import TaxiTips
@testable import TaxiTrips

/// The example from end to end: few trips, a small model, a store in a temporary folder.
@Suite struct ServingTests {
    private struct Demonstration {
        let periods: TripPeriods
        let model: BoostedTrees

        init(seed: UInt64) {
            var generator = TripGenerator(seed: 1, tripsPerDay: 80)
            periods = TripPeriods(generator.trips(weekCount: 4), seed: seed)
            model = BoostedTrees.train(
                rows: periods.training.map(TripFeatures.values), labels: periods.training.map(\.hasGoodTip),
                options: BoostedTrees.Options(treeCount: 10, depth: 3, learningRate: 0.3, minimumCurvature: 2))
        }

        func serve(into store: Store) throws -> [ServedWeek] {
            let serving = try Serving(store: store, model: model)
            try serving.logReference(periods.reference)
            var labels = LabelQueue(meanDelay: .days(2), seed: 1)
            return try serving.serve(periods.served, labels: &labels)
        }
    }

    private func withStore(_ body: (String) throws -> Void) throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "taxi-\(UUID().uuidString).drumlin").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try body(path)
    }

    @Test func theStoreKnowsTheTruthInTheEndAndBelievedSomethingBefore() throws {
        try withStore { path in
            let demonstration = Demonstration(seed: 1)
            let store = try Serving.openStore(path)
            let weeks = try demonstration.serve(into: store)
            #expect(weeks.map(\.tripCount) == [560, 560, 560])
            for week in weeks {
                #expect(week.confirmed?.labeledCount == week.tripCount)
                #expect(week.confirmed?.unlabeledCount == 0)
                #expect(week.confirmed?.labeled == week.trueAccuracy)
                let believed = try #require(week.believed)
                #expect(believed.labeledCount + believed.unlabeledCount == week.tripCount)
                #expect((280..<540).contains(believed.labeledCount), "about 73 % of labels are in when a week ends")
                #expect(believed.interval != nil)
                let unlabeled = try #require(week.unlabeled)
                #expect(unlabeled.error < 0.15)
            }
            try store.close()
        }
    }

    @Test func whatIsMissingIsNullInTheStore() throws {
        try withStore { path in
            let demonstration = Demonstration(seed: 1)
            let store = try Serving.openStore(path)
            _ = try demonstration.serve(into: store)
            let lacking = try store.table("taxi_tip/predictions").scan(columns: ["_id"], where: .isNull("rate_code"))
            var ids: Set<String> = []
            while let batch = try lacking.next() {
                for row in 0..<batch.rowCount { ids.insert(batch[row, "_id"].description) }
            }
            #expect(ids == Set(demonstration.periods.served.filter(\.rateCode.isNaN).map(\.id)))
            #expect(!ids.isEmpty)
            let tips = try store.table("taxi_tip/labels").scan(
                columns: ["tip_amount"], where: .isNotNull("tip_amount"))
            var tipCount = 0
            while let batch = try tips.next() { tipCount += batch.rowCount }
            #expect(tipCount == demonstration.periods.served.count)
            try store.close()
        }
    }

    @Test func aSecondRunChangesNothing() throws {
        try withStore { path in
            let demonstration = Demonstration(seed: 1)
            var store = try Serving.openStore(path)
            let first = try demonstration.serve(into: store)
            try store.close()

            store = try Serving.openStore(path)
            let second = try demonstration.serve(into: store)
            let status = try store.task("taxi_tip").status
            #expect(status.predictions == demonstration.periods.served.count)
            #expect(status.labels == demonstration.periods.served.count)
            #expect(status.corrections == 0 && status.pendingLabels == 0)
            #expect(second.map(\.believed) == first.map(\.believed))
            #expect(second.map(\.confirmed) == first.map(\.confirmed))
            try store.close()
        }
    }

    @Test func aStoreFromOtherTripsIsRefused() throws {
        try withStore { path in
            let store = try Serving.openStore(path)
            _ = try Demonstration(seed: 1).serve(into: store)
            let status = try store.task("taxi_tip").status
            #expect(throws: StoreError.self) { try Demonstration(seed: 2).serve(into: store) }
            #expect(try store.task("taxi_tip").status == status)
            try store.close()
        }
    }
}
