import CommandSupport
package import ColumnFormat

/// The events of a workload folder (`predictions.csv`, `labels.csv` as workload.py writes them) in memory, so that
/// measuring them reads no file.
package final class StandardWorkload: Sendable {
    /// The names of the features, in the order of the file.
    package let features: [String]
    package let ids: [String]
    package let times: [Timestamp]
    package let scores: [Double]
    /// All rows one after the other, `features.count` values each.
    package let values: [Double]
    package let labelIDs: [String]
    package let labelTimes: [Timestamp]
    package let labels: [Double]

    /// Reads `folder`; of the predictions the first `limit`, of the labels those that arrive while these are made.
    package init(folder: String, limit: Int = .max) throws {
        let predictions = try CSVReader(path: folder + "/predictions.csv")
        let features = Array(predictions.header.dropFirst(3))
        var ids: [String] = []
        var times: [Timestamp] = []
        var scores: [Double] = []
        var values: [Double] = []
        while ids.count < limit, try predictions.nextRow() {
            ids.append(predictions.string(0) ?? "")
            times.append(Timestamp(microseconds: try predictions.timestamp(1) ?? 0))
            scores.append(try predictions.float64(2) ?? .nan)
            for column in 3..<predictions.columnCount { values.append(try predictions.float64(column) ?? .nan) }
        }
        let isWhole = ids.count < limit
        let last = times.last ?? Timestamp(microseconds: 0)
        let file = try CSVReader(path: folder + "/labels.csv")
        var labelIDs: [String] = []
        var labelTimes: [Timestamp] = []
        var labels: [Double] = []
        while try file.nextRow() {
            let time = Timestamp(microseconds: try file.timestamp(1) ?? 0)
            if !isWhole, time > last { break }
            labelIDs.append(file.string(0) ?? "")
            labelTimes.append(time)
            labels.append(try file.float64(2) ?? .nan)
        }
        self.features = features
        self.ids = ids
        self.times = times
        self.scores = scores
        self.values = values
        self.labelIDs = labelIDs
        self.labelTimes = labelTimes
        self.labels = labels
    }

    /// The features of one prediction.
    package func featureRange(_ row: Int) -> Range<Int> { row * features.count..<(row + 1) * features.count }
}

/// What happens next: a prediction or a label, by its row.
package enum Arrival {
    case prediction(Int)
    case label(Int)
}

/// Walks through a workload in the order in which events arrive: by time, a prediction before a label of the same time.
package struct Arrivals {
    private let workload: StandardWorkload
    private var prediction = 0
    private var label = 0

    package init(_ workload: StandardWorkload) { self.workload = workload }

    /// How many events were handed out.
    package var count: Int { prediction + label }

    /// The next event, nil after the last.
    package mutating func next() -> Arrival? {
        let hasPrediction = prediction < workload.times.count
        if label < workload.labelTimes.count,
            !hasPrediction || workload.labelTimes[label] < workload.times[prediction]
        {
            label += 1
            return .label(label - 1)
        }
        guard hasPrediction else { return nil }
        prediction += 1
        return .prediction(prediction - 1)
    }
}
