/// A value that many threads change, one at a time; like the standard library's `Mutex`, for locks that calls take.
///
/// That one hands the lock to the thread that has waited longest, which is then still asleep: where many threads call at once,
/// each call waits for a thread to wake up. Here a thread that runs may take the lock first.
@safe
struct Guarded<State: ~Copyable>: ~Copyable, @unchecked Sendable {
    private let lock = SignalLock()
    private let state: UnsafeMutablePointer<State>

    init(_ initial: consuming State) {
        unsafe state = .allocate(capacity: 1)
        unsafe state.initialize(to: initial)
    }

    deinit {
        unsafe state.deinitialize(count: 1)
        unsafe state.deallocate()
    }

    @inline(__always)
    borrowing func withLock<R: ~Copyable, E: Error>(_ body: (inout State) throws(E) -> R) throws(E) -> R {
        lock.lock()
        defer { lock.unlock() }
        return try unsafe body(&state.pointee)
    }
}
