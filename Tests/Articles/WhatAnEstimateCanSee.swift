import Drumlin

enum WhatAnEstimateCanSee {
    static func run() throws {
        let task = try Parcels.monitored(days: 6, shift: 4)
        // begin
        for row in try task.metrics(.accuracy, window: .tumbling(.days(1))) where row.unlabeledCount > 0 {
            guard let value = row.value, let low = row.ciLow, let high = row.ciHigh else { continue }
            print(row.start?.description ?? "", value, "in", low, "to", high, "by", row.method ?? "")
            print("  worth", row.effectiveSampleSize ?? 0, "reference rows; without support:", row.unsupportedMass ?? 0)
            if let worst = row.boundLow, let best = row.boundHigh {
                print("  if those go badly", worst, "or well", best)
            }
        }
        // end

        // begin
        try task.registerMetric("score of ones", windows: [.tumbling(.days(1))], intervalDraws: 40) { labels, scores in
            let ones = zip(labels, scores).filter { $0.0 == 1 }.map(\.1)
            guard !ones.isEmpty else { return .nan }
            return ones.reduce(0, +) / Double(ones.count)
        }
        // end
        for row in try task.metrics(named: "score of ones") { print(row) }

        // begin
        func gap(_ row: MetricRow) -> Double? {
            guard let labeled = row.labeledValue, let estimated = row.unlabeledValue else { return nil }
            return (labeled - estimated).magnitude
        }
        let gaps = try task.metrics(.accuracy, window: .tumbling(.days(1))).compactMap(gap)
        print("labels and estimate are at most", gaps.max() ?? .nan, "apart")
        // end
        try task.store.close()
    }
}
