/// Numbers with their times, for the tests on streams.
struct EventStream {
    private var values: [(at: Int64, value: Double)] = []
    /// Whether they are losses, of which 0 is the least.
    let isOfLosses: Bool

    init(isOfLosses: Bool) { self.isOfLosses = isOfLosses }

    /// Adds a number; one that is none, or infinite, is passed over.
    mutating func append(_ value: Double, at time: Int64) {
        if value.isFinite { values.append((time, value)) }
    }

    /// What a test finds from `start` on, having begun with the first number; nil where there is none from then on, or none
    /// before to compare with.
    ///
    /// The tests want numbers in [0, 1]: between the 1 % and the 99 % quantile of the stream, of losses between 0 and the latter.
    func judgement(_ test: LossTest, from start: Int64) -> Judgement? {
        // The order of rows decides between equal times.
        let order = values.indices.sorted { (values[$0].at, $0) < (values[$1].at, $1) }
        guard let last = order.last, values[last].at >= start, values[order[0]].at < start else { return nil }
        let sorted = values.map(\.value).sorted()
        let low = isOfLosses ? 0 : sorted[(sorted.count - 1) / 100]
        let high = sorted[(sorted.count - 1) * 99 / 100]
        let range = high > low ? high - low : 1
        var (window, sums) = (AdaptiveWindow(), PageHinkley())
        var (before, after) = ((sum: 0.0, count: 0), (sum: 0.0, count: 0))
        var isChanged = false
        for place in order {
            let (at, value) = values[place]
            let scaled = min(max((value - low) / range, 0), 1)
            let isChange = test == .adaptiveWindow ? window.add(scaled) : sums.add(scaled)
            if at >= start {
                after = (after.sum + value, after.count + 1)
                isChanged = isChanged || isChange
            } else {
                before = (before.sum + value, before.count + 1)
            }
        }
        let expected = before.sum / Double(before.count)
        return Judgement(
            value: after.sum / Double(after.count), expected: expected, limit: expected, isBad: isChanged,
            isSevere: isChanged, isClear: !isChanged, rowCount: Int64(after.count))
    }
}
