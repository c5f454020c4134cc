import ColumnStore
import Synchronization
import TestSupport
import Testing

struct MutexTests {
    /// Plain under `make test`; under `make test-tsan` it says whether the sanitizer sees what a contended `Mutex` orders, without
    /// which none of its reports mean anything (`sanitizing.c`).
    @Test func whatAMutexGuardsIsInOrder() {
        final class Notes: Sendable {
            let numbers = Mutex<[Int]>([])
        }
        let notes = Notes()
        let executors = (0..<4).map { ThreadExecutor(name: "mutex \($0)") }
        for executor in executors {
            executor.submit {
                for number in 0..<5_000 { notes.numbers.withLock { $0.append(number) } }
            }
        }
        for executor in executors { executor.drain() }
        let sum = notes.numbers.withLock { $0.reduce(0, +) }
        #expect(sum == 4 * 5_000 * 4_999 / 2)
    }
}
