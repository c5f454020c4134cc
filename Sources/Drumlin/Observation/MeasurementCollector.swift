/// Puts samples into their families, in the order in which families are first met.
struct MeasurementCollector {
    private var all: [MeasurementFamily] = []
    private var places: [String: Int] = [:]
    private var leftOut = 0

    /// How many samples one family has at most: those that follow registrations can be many.
    static let sampleLimit = 4_096

    /// The families that have a sample.
    var families: [MeasurementFamily] {
        var result = all
        if leftOut > 0 {
            var family = MeasurementFamily.leftOut
            family.samples = [.init(labels: [], value: Double(leftOut))]
            result.append(family)
        }
        return result
    }

    /// Adds a sample; nothing where there is no value.
    mutating func add(_ value: Double?, to family: MeasurementFamily, _ labels: [MeasurementFamily.Label] = []) {
        guard let value else { return }
        let place = places[family.name] ?? all.count
        if place == all.count {
            all.append(family)
            places[family.name] = place
        }
        guard all[place].samples.count < Self.sampleLimit else {
            leftOut += 1
            return
        }
        all[place].samples.append(.init(labels: labels, value: value))
    }

    /// Adds a count.
    mutating func add(
        _ count: some BinaryInteger, to family: MeasurementFamily, _ labels: [MeasurementFamily.Label] = []
    ) {
        add(Double(count), to: family, labels)
    }
}
