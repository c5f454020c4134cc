import Drumlin
import Testing

@testable import TaxiTrips

@Suite struct LabelQueueTests {
    private let start = Timestamp(microseconds: 1_583_020_800_000_000)

    /// Sends a label for every minute and takes those that are due, as serving does; all arrivals in order.
    private func arrivals(count: Int, seed: UInt64) -> [LabelQueue.Arrival] {
        var queue = LabelQueue(meanDelay: .days(2), seed: seed)
        var taken: [LabelQueue.Arrival] = []
        for trip in 0..<count {
            let now = Timestamp(microseconds: start.microseconds + Int64(trip) * 60_000_000)
            while let arrival = queue.next(upTo: now) {
                #expect(arrival.at <= now)
                taken.append(arrival)
            }
            queue.send(trip: trip, pickup: now)
        }
        while let arrival = queue.next(upTo: Timestamp(microseconds: .max)) { taken.append(arrival) }
        #expect(queue.count == 0)
        return taken
    }

    @Test func everyLabelComesOnceAndInOrderOfTime() {
        let taken = arrivals(count: 5_000, seed: 1)
        #expect(Set(taken.map(\.trip)).count == 5_000)
        #expect(zip(taken, taken.dropFirst()).allSatisfy { $0.at <= $1.at })
    }

    @Test func delaysAreExponentialWithAMeanOfTwoDays() {
        let delays = arrivals(count: 5_000, seed: 2).map { arrival in
            Double(arrival.at.microseconds - start.microseconds) / 86_400e6 - Double(arrival.trip) / 1_440
        }
        #expect(delays.allSatisfy { $0 >= 0 })
        #expect(abs(delays.reduce(0, +) / 5_000 - 2) < 0.12)
        // One in e of exponential delays is longer than their mean.
        #expect(abs(Double(delays.count { $0 > 2 }) / 5_000 - 0.368) < 0.03)
    }

    @Test func aSeedGivesTheSameDelays() {
        #expect(arrivals(count: 200, seed: 3) == arrivals(count: 200, seed: 3))
        #expect(arrivals(count: 200, seed: 3) != arrivals(count: 200, seed: 4))
    }

    @Test func nothingComesBeforeItsTime() {
        var queue = LabelQueue(meanDelay: .days(2), seed: 5)
        #expect(queue.next(upTo: Timestamp(microseconds: .max)) == nil)
        queue.send(trip: 0, pickup: start)
        #expect(queue.next(upTo: Timestamp(microseconds: start.microseconds - 1)) == nil)
        #expect(queue.count == 1)
    }
}
