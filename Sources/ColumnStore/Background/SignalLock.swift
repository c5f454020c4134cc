#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A mutex with a condition that threads can wait for; the standard library's `Mutex` has none.
@safe
package final class SignalLock: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>

    package init() {
        unsafe mutex = .allocate(capacity: 1)
        unsafe mutex.initialize(to: pthread_mutex_t())
        unsafe condition = .allocate(capacity: 1)
        unsafe condition.initialize(to: pthread_cond_t())
        _ = unsafe pthread_mutex_init(mutex, nil)
        #if os(Linux)
            // Deadlines are on the clock that nobody sets.
            var attributes = pthread_condattr_t()
            _ = unsafe pthread_condattr_init(&attributes)
            _ = unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
            _ = unsafe pthread_cond_init(condition, &attributes)
            _ = unsafe pthread_condattr_destroy(&attributes)
        #else
            _ = unsafe pthread_cond_init(condition, nil)
        #endif
    }

    deinit {
        _ = unsafe pthread_cond_destroy(condition)
        _ = unsafe pthread_mutex_destroy(mutex)
        unsafe condition.deallocate()
        unsafe mutex.deallocate()
    }

    package func lock() { _ = unsafe pthread_mutex_lock(mutex) }
    package func unlock() { _ = unsafe pthread_mutex_unlock(mutex) }

    /// Wakes all who wait. Call it with the lock held.
    package func broadcast() { _ = unsafe pthread_cond_broadcast(condition) }

    /// Gives the lock away until a broadcast; may also return without one, so check again what you wait for.
    package func wait() { _ = unsafe pthread_cond_wait(condition, mutex) }

    /// As `wait()`, at most until `deadline` on the monotonic clock.
    package func wait(untilNanoseconds deadline: UInt64) {
        #if os(Linux)
            var time = timespec(tv_sec: Int(deadline / 1_000_000_000), tv_nsec: Int(deadline % 1_000_000_000))
            _ = unsafe pthread_cond_timedwait(condition, mutex, &time)
        #else
            let now = SystemClock().monotonicNanoseconds
            let rest = deadline > now ? deadline - now : 0
            var time = timespec(tv_sec: Int(rest / 1_000_000_000), tv_nsec: Int(rest % 1_000_000_000))
            _ = unsafe pthread_cond_timedwait_relative_np(condition, mutex, &time)
        #endif
    }
}
