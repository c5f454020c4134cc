import Drumlin

enum ChoosingBuckets {
    static func run() throws {
        let reference = try Parcels.reference()
        // begin
        let comparison = try reference.compareBucketings(
            [.scoreQuantiles(20), .category("carrier"), .grid(["distance_km"], quantiles: 8)],
            estimators: [.calibratedResiduals, .cbpe, .constant], metrics: [.accuracy])
        for row in comparison.sorted(by: { $0.meanDistance < $1.meanDistance }) {
            print(row.estimator.rawValue, row.bucketing, "off by", row.meanDistance, "covers", row.coverage ?? .nan)
        }
        // end

        let task = try Parcels.monitored(days: 6, shift: 4)
        // begin
        for bucketing in [Bucketing.scoreQuantiles(20), .category("carrier"), .grid(["distance_km"], quantiles: 8)] {
            var plan = Backtest(labels: .withheld)
            plan.metrics = [.init(.accuracy, windows: [.tumbling(.days(1))])]
            plan.bucketing = bucketing
            for summary in try task.backtest(plan).summaries {
                print(bucketing, "off by", summary.meanDistance ?? .nan, "over", summary.windowCount, "days")
            }
        }
        // end

        // begin
        let regular = TaskSchema(
            kind: .binary(threshold: 0.5), features: ["carrier": .category, "distance_km": .float32],
            bucketing: .grid(["carrier", "distance_km"], quantiles: 4))
        // end
        let other = try task.store.task("late_parcel_by_carrier", schema: regular)
        print(other.name)
        try task.store.close()
    }
}
