#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// ADWIN: the newest part of a stream of losses whose mean is the same throughout, as far as one can tell.
///
///     var window = AdaptiveWindow()
///     for loss in losses where window.add(loss) { print("the mean is now", window.mean) }
///
/// The window is kept as sums of 1, 2, 4, 8 … neighbours, at most five of each. Where the means before and after some place
/// differ by more than chance allows, what is before it is dropped. Losses should be about in [0, 1]: `scale` is the range
/// of theirs. Depends on their order. O(log n) memory; O(log n) a loss in one of 32, else O(1).
public struct AdaptiveWindow: Sendable, Hashable {
    /// The chance of a false alarm at each look.
    public let confidence: Double
    /// The range that losses have.
    public let scale: Double

    private struct Bucket: Sendable, Hashable {
        var sum: Double
        /// Σ (x − mean)² within.
        var variation: Double
    }

    /// Of each power of two, the oldest first.
    private var rows: [[Bucket]] = []
    private var added = 0
    private var total = Bucket(sum: 0, variation: 0)
    /// How many losses are in the window.
    public private(set) var count = 0

    /// An empty window.
    public init(confidence: Double = 0.002, scale: Double = 1) {
        self.confidence = confidence
        self.scale = scale
    }

    private static let bucketLimit = 5
    private static let lookInterval = 32

    /// The mean of the losses in the window; NaN where it is empty.
    public var mean: Double { count == 0 ? .nan : total.sum / Double(count) * scale }

    /// Takes the next loss; true where older ones were dropped for it. A loss that is no number is passed over.
    public mutating func add(_ loss: Double) -> Bool {
        guard loss.isFinite else { return false }
        let value = loss / scale
        total = Self.joined(total, count, Bucket(sum: value, variation: 0), 1)
        count += 1
        if rows.isEmpty { rows.append([]) }
        rows[0].append(Bucket(sum: value, variation: 0))
        compress()
        added += 1
        guard added % Self.lookInterval == 0, count > 10 else { return false }
        var isCut = false
        while cut() { isCut = true }
        return isCut
    }

    private mutating func compress() {
        var level = 0
        while level < rows.count, rows[level].count > Self.bucketLimit {
            if level + 1 == rows.count { rows.append([]) }
            let size = 1 << level
            rows[level + 1].append(Self.joined(rows[level][0], size, rows[level][1], size))
            rows[level].removeFirst(2)
            level += 1
        }
    }

    private static func joined(_ a: Bucket, _ n: Int, _ b: Bucket, _ m: Int) -> Bucket {
        guard n > 0 else { return b }
        let difference = a.sum / Double(n) - b.sum / Double(m)
        return Bucket(
            sum: a.sum + b.sum,
            variation: a.variation + b.variation + difference * difference * Double(n) * Double(m) / Double(n + m))
    }

    /// Drops the oldest bucket if some place parts different means; says whether it did.
    private mutating func cut() -> Bool {
        guard count > 10 else { return false }
        let all = Double(count)
        let variance = total.variation / all
        let chance = log(2 * log(all) / confidence)
        var (before, sum) = (0, 0.0)
        for level in rows.indices.reversed() {
            for bucket in rows[level] {
                before += 1 << level
                sum += bucket.sum
                let after = count - before
                guard after >= 5 else { return false }
                guard before >= 5 else { continue }
                let difference = (sum / Double(before) - (total.sum - sum) / Double(after)).magnitude
                let harmonic = 1 / Double(before) + 1 / Double(after)
                if difference > (2 * harmonic * variance * chance).squareRoot() + 2.0 / 3 * harmonic * chance {
                    dropOldest()
                    return true
                }
            }
        }
        return false
    }

    private mutating func dropOldest() {
        guard let level = rows.lastIndex(where: { !$0.isEmpty }) else { return }
        let size = 1 << level
        rows[level].removeFirst()
        while rows.last?.isEmpty == true { rows.removeLast() }
        count -= size
        guard count > 0 else {
            total = Bucket(sum: 0, variation: 0)
            return
        }
        // The sums anew from what is left, so that errors do not add up.
        var (rest, restCount) = (Bucket(sum: 0, variation: 0), 0)
        for level in rows.indices.reversed() {
            for bucket in rows[level] {
                rest = Self.joined(rest, restCount, bucket, 1 << level)
                restCount += 1 << level
            }
        }
        total = rest
    }
}
