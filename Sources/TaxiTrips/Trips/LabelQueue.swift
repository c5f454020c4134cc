package import Drumlin
import Foundation

/// Labels on their way: each comes an exponentially distributed time after its trip's pickup, the soonest first.
package struct LabelQueue {
    package struct Arrival: Equatable {
        package var at: Timestamp
        /// Position of the trip among those served.
        package var trip: Int
    }

    private let meanDelay: TimeSpan
    private var random: SeededRandom
    /// A binary heap: no entry arrives before the one at half its index.
    private var heap: [Arrival] = []

    package init(meanDelay: TimeSpan, seed: UInt64) {
        self.meanDelay = meanDelay
        random = SeededRandom(seed: seed)
    }

    package var count: Int { heap.count }

    /// Sends a label on its way. O(log n), as is taking one.
    package mutating func send(trip: Int, pickup: Timestamp) {
        let delay = -log(1 - random.uniform()) * Double(meanDelay.microseconds)
        heap.append(Arrival(at: Timestamp(microseconds: pickup.microseconds + Int64(delay)), trip: trip))
        var child = heap.count - 1
        while child > 0, isBefore(child, (child - 1) / 2) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// The next label that arrives up to `time`, or nil where there is none.
    package mutating func next(upTo time: Timestamp) -> Arrival? {
        guard let first = heap.first, first.at <= time else { return nil }
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && isBefore(child, least) {
                least = child
            }
            if least == parent { return first }
            heap.swapAt(parent, least)
            parent = least
        }
    }

    private func isBefore(_ left: Int, _ right: Int) -> Bool {
        (heap[left].at, heap[left].trip) < (heap[right].at, heap[right].trip)
    }
}
