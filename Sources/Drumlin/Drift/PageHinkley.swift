/// Page and Hinkley's test on a stream of losses: an alarm where they have risen for good.
///
///     var test = PageHinkley(tolerance: 0.005, threshold: 50)
///     for loss in losses where test.add(loss) { print("the losses have risen") }
///
/// Depends on the order of the losses, as every test on a stream does. O(1) a loss, in memory too.
public struct PageHinkley: Sendable, Hashable {
    /// How much above their mean losses may be all the time.
    public let tolerance: Double
    /// How much they may add up to above it before that is an alarm.
    public let threshold: Double
    /// No alarm before so many losses.
    public let minimumCount: Int
    /// How many losses there were since the beginning, or since the last alarm.
    public private(set) var count = 0
    /// Their mean.
    public private(set) var mean = 0.0
    private var sum = 0.0
    private var leastSum = 0.0

    /// A test that begins anew after each alarm.
    public init(tolerance: Double = 0.005, threshold: Double = 50, minimumCount: Int = 30) {
        self.tolerance = tolerance
        self.threshold = threshold
        self.minimumCount = minimumCount
    }

    /// How much the losses have added up to above their mean since they were least.
    public var excess: Double { sum - leastSum }

    /// Takes the next loss; true where it is an alarm. A loss that is no number is passed over.
    public mutating func add(_ loss: Double) -> Bool {
        guard loss.isFinite else { return false }
        count += 1
        mean += (loss - mean) / Double(count)
        sum += loss - mean - tolerance
        leastSum = min(leastSum, sum)
        guard count >= minimumCount, excess > threshold else { return false }
        self = PageHinkley(tolerance: tolerance, threshold: threshold, minimumCount: minimumCount)
        return true
    }
}
