package import ColumnFormat

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// What a store asks for the time.
package protocol StoreClock: Sendable {
    /// The wall clock; may jump.
    var now: Timestamp { get }
    /// Nanoseconds since some moment before the process; never goes back.
    var monotonicNanoseconds: UInt64 { get }
}

/// The clocks of this machine.
package struct SystemClock: StoreClock {
    package init() {}

    package var now: Timestamp { .now }

    package var monotonicNanoseconds: UInt64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
