import ColumnStore
import Synchronization
import TestSupport
import Testing

struct ThreadExecutorTests {
    /// Numbers in the order in which they were noted.
    private final class Notes: Sendable {
        private let numbers = Mutex<[Int]>([])
        var all: [Int] { numbers.withLock { $0 } }
        func add(_ number: Int) { numbers.withLock { $0.append(number) } }
    }

    @Test func submittedJobsRunInOrder() {
        let executor = ThreadExecutor(name: "test")
        let notes = Notes()
        for number in 0..<1_000 { executor.submit { notes.add(number) } }
        executor.drain()
        #expect(notes.all == Array(0..<1_000))
    }

    @Test func aJobMaySubmitAnother() {
        let executor = ThreadExecutor(name: "test")
        let notes = Notes()
        executor.submit {
            executor.submit { notes.add(2) }
            notes.add(1)
        }
        executor.drain()
        executor.drain()
        #expect(notes.all == [1, 2])
    }

    @Test func stoppingRunsWhatWasSubmittedAndForgetsTheRest() {
        let executor = ThreadExecutor(name: "a name that is longer than fifteen bytes")
        let notes = Notes()
        executor.schedule(afterMilliseconds: 600_000) { notes.add(-1) }
        for number in 0..<100 { executor.submit { notes.add(number) } }
        executor.stop()
        executor.stop()
        #expect(notes.all == Array(0..<100))
        executor.submit { notes.add(100) }
        executor.drain()
        #expect(notes.all.count == 100)
    }

    @Test func anExecutorThatIsLetGoEndsItsThread() {
        let notes = Notes()
        do {
            let executor = ThreadExecutor(name: "test")
            executor.submit { notes.add(1) }
        }
        #expect(notes.all == [1])
    }

    @Test func anExecutorMayBeLetGoByItsOwnJob() {
        final class Holder: Sendable {
            let executor: Mutex<ThreadExecutor?>
            init(_ executor: ThreadExecutor) { self.executor = Mutex(executor) }
            func release() { executor.withLock { $0 = nil } }
        }
        let other = ThreadExecutor(name: "test")
        let notes = Notes()
        do {
            let holder = Holder(ThreadExecutor(name: "inner"))
            holder.executor.withLock { $0 }?.submit {
                holder.release()
                other.submit { notes.add(1) }
            }
        }
        while notes.all.isEmpty { other.drain() }
        #expect(notes.all == [1])
    }

    @Test func scheduledJobsRunByTheirTimes() {
        let executor = ThreadExecutor(name: "test")
        let notes = Notes()
        let done = SignalLock()
        executor.schedule(afterMilliseconds: 30) {
            notes.add(3)
            done.lock()
            done.broadcast()
            done.unlock()
        }
        executor.schedule(afterMilliseconds: 1) { notes.add(1) }
        executor.schedule(afterMilliseconds: 10) { notes.add(2) }
        done.lock()
        while notes.all.count < 3 { done.wait() }
        done.unlock()
        #expect(notes.all == [1, 2, 3])
    }

    @Test func aPeriodicJobRunsUntilItIsCancelled() {
        let executor = ThreadExecutor(name: "test")
        let notes = Notes()
        let cancellation = executor.runPeriodically(everyMilliseconds: 1) { notes.add(0) }
        while notes.all.count < 5 { executor.drain() }
        cancellation.cancel()
        executor.drain()
        let count = notes.all.count
        executor.submit {}
        executor.drain()
        #expect(notes.all.count <= count + 1)
    }

    @Test func theInlineExecutorRunsWhatTheTestSays() {
        let executor = InlineExecutor()
        let notes = Notes()
        executor.submit { notes.add(1) }
        executor.submit { notes.add(2) }
        #expect(notes.all == [])
        #expect(executor.step() && notes.all == [1])
        executor.drain()
        #expect(notes.all == [1, 2] && !executor.step())
        let cancellation = executor.runPeriodically(everyMilliseconds: 10) { notes.add(10) }
        executor.schedule(afterMilliseconds: 15) { notes.add(15) }
        executor.advance(milliseconds: 9)
        #expect(notes.all == [1, 2])
        executor.advance(milliseconds: 21)
        #expect(notes.all == [1, 2, 10, 15, 10, 10])
        cancellation.cancel()
        executor.advance(milliseconds: 100)
        #expect(notes.all.count == 6)
    }
}
