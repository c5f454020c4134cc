package import ColumnFormat
import ColumnStore
import Synchronization

/// A clock that stands still until the test moves it.
package final class ManualClock: StoreClock {
    private let microseconds: Mutex<Int64>

    package init(_ start: Timestamp = Timestamp(microseconds: 1_600_000_000_000_000)) {
        microseconds = Mutex(start.microseconds)
    }

    package var now: Timestamp { Timestamp(microseconds: microseconds.withLock { $0 }) }
    package var monotonicNanoseconds: UInt64 { UInt64(clamping: microseconds.withLock { $0 }) &* 1_000 }

    package func advance(by span: TimeSpan) { microseconds.withLock { $0 += span.microseconds } }
}
