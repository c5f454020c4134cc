internal import ColumnFormat

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The best ascending map from scores to logits of P(label 1), by pooling neighbours that are out of order; linear
/// between the ends of the pools, constant outside.
struct IsotonicMap: Sendable, Equatable {
    private let scores: [Double]
    private let logits: [Double]

    /// - Parameters:
    ///   - scores: finite; equal ones share a value.
    ///   - isPositive: whether each row's label is 1.
    /// - Complexity: O(n log n).
    init(fitting scores: [Double], isPositive: [Bool]) {
        var pools: [(first: Double, last: Double, positives: Double, count: Double)] = []
        let order = scores.indices.sorted { scores[$0] < scores[$1] }
        for index in order {
            let (score, positive) = (scores[index], isPositive[index] ? 1.0 : 0)
            if let last = pools.indices.last, pools[last].last == score, pools[last].first == score {
                pools[last].positives += positive
                pools[last].count += 1
            } else {
                Self.pool(&pools)
                pools.append((score, score, positive, 1))
            }
        }
        Self.pool(&pools)
        var points: [(score: Double, chance: Double)] = []
        for pool in pools {
            let chance = pool.positives / pool.count
            points.append((pool.first, chance))
            if pool.last > pool.first { points.append((pool.last, chance)) }
        }
        // A pool of labels that are all alike is as certain as its number of rows, and no more than its neighbour.
        let floor = Self.least(of: pools.map { ($0.positives, $0.count) })
        let ceiling = 1 - Self.least(of: pools.reversed().map { ($0.count - $0.positives, $0.count) })
        self.scores = points.isEmpty ? [0] : points.map(\.score)
        logits =
            points.isEmpty ? [0] : points.map { Self.logit(min(max($0.chance, min(floor, 0.5)), max(ceiling, 0.5))) }
    }

    /// Joins pools from the end until they ascend.
    private static func pool(_ pools: inout [(first: Double, last: Double, positives: Double, count: Double)]) {
        while pools.count > 1 {
            let (last, before) = (pools[pools.count - 1], pools[pools.count - 2])
            guard before.positives * last.count >= last.positives * before.count else { return }
            pools.removeLast(2)
            pools.append(
                (before.first, last.last, before.positives + last.positives, before.count + last.count))
        }
    }

    private static func least(of pools: [(positives: Double, count: Double)]) -> Double {
        guard let first = pools.first, first.positives == 0 else { return 0x1p-40 }
        let own = 0.5 / (first.count + 1)
        return pools.count > 1 ? min(own, pools[1].positives / pools[1].count) : own
    }

    static func logit(_ chance: Double) -> Double { log(chance) - log1p(-chance) }

    /// The logit of P(label 1) at a score.
    @inline(__always)
    func logit(at score: Double) -> Double {
        let place = ScoreBins.index(of: score, in: scores, from: 0, count: scores.count)
        if place == 0 { return logits[0] }
        if place == scores.count { return logits[place &- 1] }
        let (low, high) = (scores[place &- 1], scores[place])
        let share = (score - low) / (high - low)
        return logits[place &- 1] + share * (logits[place] - logits[place &- 1])
    }

    func write(to writer: inout ByteWriter) {
        writer.append(varint: UInt64(scores.count))
        for values in [scores, logits] { for value in values { writer.append(value) } }
    }

    init(from reader: inout ByteReader) throws(FormatError) {
        let start = reader.offset
        let count = try reader.readCount(limit: reader.remaining / 16, of: "points")
        scores = try reader.readDoubles(count)
        logits = try reader.readDoubles(count)
        guard count > 0, (scores + logits).allSatisfy(\.isFinite),
            zip(scores, scores.dropFirst()).allSatisfy({ $0 < $1 })
        else { throw FormatError(.invalid, "a calibration whose scores do not ascend", at: start) }
    }
}
