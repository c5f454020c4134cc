public import ColumnFormat
public import ColumnStore
internal import ColumnViews

extension MonitoredTask {
    /// The ages that are asked for where none are given: an hour to thirty days.
    public static let maturityAges: [TimeSpan] = [
        .hours(1), .hours(6), .days(1), .days(3), .days(7), .days(14), .days(30),
    ]

    /// How the labels of predictions come in, by age: of all predictions, then of each bucket of each model version.
    ///
    /// A point counts the predictions that are at least so old at the task's clock, so that young ones do not make the share of
    /// the old ones small. Where the curves of buckets differ, the labels that are in are not like those that are to come, and the
    /// value of labeled predictions alone is biased; estimates are not, as each bucket is estimated by itself. Of a label that
    /// was corrected the time of the correction counts.
    ///
    /// - Parameters:
    ///   - ages: from the prediction's time on; negative ones are those before it.
    ///   - times: only predictions with times in it; nil for all.
    /// - Complexity: O(predictions + labels).
    public func labelMaturity(
        ages: [TimeSpan] = MonitoredTask.maturityAges, during times: Range<Timestamp>? = nil
    ) throws(StoreError) -> [MaturityRow] {
        let (predictions, labels, epochs, clock) = try store.read { _ throws(StoreError) in
            let state = shared.state
            try state.checkExists()
            return (state.predictions.snapshot(), state.labels.snapshot(), state.epochs, state.view.clock.time)
        }
        guard let clock else { return [] }
        var counting = MaturityCounting(ages: ages.map(\.microseconds), clock: clock, epochs: epochs)
        let bounds = times.map { $0.lowerBound.microseconds..<$0.upperBound.microseconds }
        let rows = JoinedRows(
            kind: schema.kind, predictions: predictions, labels: labels, early: try earlyLabels(labels).joined)
        try rows.forEachBatch(of: predictions.firstRow..<predictions.endRow) { batch throws(StoreError) in
            counting.add(batch, times: bounds)
            return true
        }
        guard counting.total.rows > 0 else { return [] }
        var result = points(counting.total, ages, modelVersion: nil, bucket: nil)
        for (place, counts) in counting.counts.sorted(by: {
            ($0.key.epoch, $0.key.bucket) < ($1.key.epoch, $1.key.bucket)
        }) {
            result += points(
                counts, ages, modelVersion: epochs[Int(place.epoch)].modelVersion, bucket: place.bucket)
        }
        return result
    }

    private func points(
        _ counts: MaturityCounting.Counts, _ ages: [TimeSpan], modelVersion: String?, bucket: Int?
    ) -> [MaturityRow] {
        let hasClass = !schema.kind.isRegression && !counts.isMixed
        return ages.indices.map { place in
            MaturityRow(
                task: name, modelVersion: modelVersion, bucket: bucket,
                predictedClass: hasClass ? counts.predictedClass.map { Int($0) } : nil,
                meanScore: counts.scoredRows > 0 ? counts.scoreSum / Double(counts.scoredRows) : nil, age: ages[place],
                predictionCount: counts.predictions[place], labeledCount: counts.labeled[place])
        }
    }
}
