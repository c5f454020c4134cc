#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Nanoseconds on a clock that only runs forward. One reading costs about 25 ns; figures are given with it, not less it.
package enum Stopwatch {
    package static func now() -> UInt64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }

    /// Nanoseconds that `body` took.
    package static func time<E: Error>(_ body: () throws(E) -> Void) throws(E) -> UInt64 {
        let start = now()
        try body()
        return now() - start
    }
}
