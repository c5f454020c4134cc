/// How the columns of a task were distributed over the windows of one kind, beside the reference.
struct ReportColumns: Sendable {
    let window: String
    /// Seconds.
    let size: Int64
    /// The start of each window, µs.
    var starts: [Int64] = []
    /// How many predictions each window has.
    var rowCounts: [Int64] = []
    /// The windows there were, of which the newest are shown.
    var windowCount = 0
    /// The one that has moved most first.
    var columns: [ReportColumn] = []

    func write(to writer: inout ReportWriter) {
        writer.object { writer in
            writer.member("window", window)
            writer.member("size", size)
            writer.member("count", windowCount)
            writer.member("start", starts.map(\.seconds))
            writer.member("rows", rowCounts)
            writer.member("columns") { $0.array(columns) { $1.write(to: &$0) } }
        }
    }
}

/// One column over the windows.
struct ReportColumn: Sendable {
    let name: String
    let kind: String
    /// What it was compared with last; nil where it never was.
    var comparedWith: String?
    /// Of each window the stability index, and from where on it is drift; nil where the window was not compared.
    var distances: [Double?] = []
    var limits: [Double?] = []
    /// Of each window the share of rows without a value; nil of none.
    var missing: [Double?] = []
    var means: [Double?] = []
    /// The share of missing values and the mean in what windows are compared with.
    var referenceMissing: Double?
    var referenceMean: Double?
    var histogram: ReportHistogram?
    var referenceCounts: [Int64] = []
    /// Of each window the bars; empty where it has none.
    var counts: [[Int64]] = []

    /// The windows that were above their limit.
    var driftedPlaces: [Int] {
        distances.indices.filter { place in
            guard let distance = distances[place], let limit = limits[place] else { return false }
            return distance > limit
        }
    }

    /// The mean of distances in units of their limits: what columns are ranked by. 0 where nothing was compared.
    var movement: Double {
        let ratios = distances.indices.compactMap { place -> Double? in
            guard let distance = distances[place], let limit = limits[place], limit > 0 else { return nil }
            return min(distance / limit, 100)
        }
        return ratios.isEmpty ? 0 : ratios.reduce(0, +) / Double(ratios.count)
    }

    /// The first of the windows from which on more than half were above their limit, and the next two as well: since when it has
    /// moved. Nil where it has not.
    var movedFrom: Int? {
        let drifted = Set(driftedPlaces)
        let compared = distances.indices.filter { distances[$0] != nil }
        guard compared.count > 2 else { return nil }
        var behind = 0
        var result: Int?
        for (distance, place) in compared.enumerated().reversed() {
            if drifted.contains(place) { behind += 1 }
            let count = compared.count - distance
            guard drifted.contains(place), behind * 2 > count, count >= 3 else { continue }
            if compared[distance..<distance + 3].allSatisfy(drifted.contains) { result = place }
        }
        return result
    }

    func write(to writer: inout ReportWriter) {
        writer.object { writer in
            writer.member("name", name)
            writer.member("kind", kind)
            writer.member("compared_with", comparedWith)
            writer.member("movement", movement)
            writer.member("drifted", driftedPlaces.count)
            writer.member("compared", distances.count { $0 != nil })
            writer.member("moved_from", movedFrom.map(Int64.init))
            writer.member("distance", distances, digits: 4)
            writer.member("limit", limits, digits: 4)
            writer.member("missing", missing, digits: 4)
            writer.member("mean", means, digits: 5)
            writer.member("reference_missing", referenceMissing)
            writer.member("reference_mean", referenceMean)
            guard let histogram else { return }
            writer.member("bars") { histogram.write(to: &$0) }
            writer.member("reference", referenceCounts)
            writer.member("counts") { $0.array(counts) { $0.value(integers: $1) } }
        }
    }
}
