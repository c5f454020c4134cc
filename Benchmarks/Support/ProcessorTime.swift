#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Processor time of the whole process: what else the machine does matters less than on the clock on the wall.
package enum ProcessorTime {
    package static func nanoseconds() -> UInt64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }

    /// The median of at least 5 calls after one that is not counted, of up to 25 where they are short, in ms.
    package static func medianMilliseconds(of body: () throws -> Void) rethrows -> Double {
        try body()
        var times: [UInt64] = []
        while times.count < 5 || (times.count < 25 && times.reduce(0, +) < 500_000_000) {
            let start = nanoseconds()
            try body()
            times.append(nanoseconds() - start)
        }
        return Double(times.sorted()[times.count / 2]) / 1e6
    }

    /// What one of `count` calls takes, in µs: the median of batches of 100, in each of which the clock is read once.
    package static func medianMicroseconds(of count: Int, _ body: (Int) throws -> Void) rethrows -> Double {
        var times: [UInt64] = []
        for first in stride(from: 0, to: count, by: 100) {
            let start = nanoseconds()
            for call in first..<first + 100 { try body(call) }
            times.append(nanoseconds() - start)
        }
        return Double(times.sorted()[times.count / 2]) / 1e5
    }
}
