/// Durations of single calls, and their percentiles.
package struct Latencies {
    private var nanoseconds: [UInt64] = []

    package init(capacity: Int = 0) { nanoseconds.reserveCapacity(capacity) }

    package var count: Int { nanoseconds.count }

    package mutating func add(_ duration: UInt64) { nanoseconds.append(duration) }

    package mutating func add(_ others: Latencies) { nanoseconds += others.nanoseconds }

    /// The durations at the given shares of the sorted calls, in microseconds; empty where nothing was added. O(n log n).
    package func microseconds(at shares: [Double]) -> [Double] {
        guard !nanoseconds.isEmpty else { return [] }
        let sorted = nanoseconds.sorted()
        return shares.map { share in
            Double(sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]) / 1_000
        }
    }

    /// The median in microseconds, nil where nothing was added.
    package var median: Double? { microseconds(at: [0.5]).first }
}
