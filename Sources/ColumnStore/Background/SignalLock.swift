#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A mutex with conditions that threads can wait for; the standard library's `Mutex` has none.
@safe
package final class SignalLock: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let conditions: UnsafeMutablePointer<pthread_cond_t>
    private let conditionCount: Int

    /// With several conditions those who wait for one are not woken for another.
    package init(conditionCount: Int = 1) {
        self.conditionCount = conditionCount
        unsafe mutex = .allocate(capacity: 1)
        unsafe mutex.initialize(to: pthread_mutex_t())
        unsafe conditions = .allocate(capacity: conditionCount)
        unsafe conditions.initialize(repeating: pthread_cond_t(), count: conditionCount)
        _ = unsafe pthread_mutex_init(mutex, nil)
        #if os(Linux)
            // Deadlines are on the clock that nobody sets.
            var attributes = pthread_condattr_t()
            _ = unsafe pthread_condattr_init(&attributes)
            _ = unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
            for i in 0..<conditionCount { _ = unsafe pthread_cond_init(conditions + i, &attributes) }
            _ = unsafe pthread_condattr_destroy(&attributes)
        #else
            for i in 0..<conditionCount { _ = unsafe pthread_cond_init(conditions + i, nil) }
        #endif
    }

    deinit {
        for i in 0..<conditionCount { _ = unsafe pthread_cond_destroy(conditions + i) }
        _ = unsafe pthread_mutex_destroy(mutex)
        unsafe conditions.deallocate()
        unsafe mutex.deallocate()
    }

    package func lock() { _ = unsafe pthread_mutex_lock(mutex) }
    package func unlock() { _ = unsafe pthread_mutex_unlock(mutex) }

    /// Wakes all who wait for a condition. Call it with the lock held.
    package func broadcast(_ condition: Int = 0) { _ = unsafe pthread_cond_broadcast(conditions + condition) }

    /// Wakes one of those who wait for a condition. Call it with the lock held.
    package func signal(_ condition: Int = 0) { _ = unsafe pthread_cond_signal(conditions + condition) }

    /// Gives the lock away until it is woken; may also return without that, so check again what you wait for.
    package func wait(for condition: Int = 0) { _ = unsafe pthread_cond_wait(conditions + condition, mutex) }

    /// As `wait(for:)` of the first condition, at most until `deadline` on the monotonic clock.
    package func wait(untilNanoseconds deadline: UInt64) {
        #if os(Linux)
            var time = timespec(tv_sec: Int(deadline / 1_000_000_000), tv_nsec: Int(deadline % 1_000_000_000))
            _ = unsafe pthread_cond_timedwait(conditions, mutex, &time)
        #else
            let now = SystemClock().monotonicNanoseconds
            let rest = deadline > now ? deadline - now : 0
            var time = timespec(tv_sec: Int(rest / 1_000_000_000), tv_nsec: Int(rest % 1_000_000_000))
            _ = unsafe pthread_cond_timedwait_relative_np(conditions, mutex, &time)
        #endif
    }
}

extension SignalLock {
    @inline(__always)
    func withLock<R: ~Copyable, E: Error>(_ body: () throws(E) -> R) throws(E) -> R {
        lock()
        defer { unlock() }
        return try body()
    }
}
