import CDrumlinShims

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// An executor with one thread of its own, asleep while there is nothing to do.
@safe
package final class ThreadExecutor: BackgroundExecutor, @unchecked Sendable {
    private let shared: Shared
    private let process = ProcessMark()
    private var thread: pthread_t

    /// `name` is what tools such as `top -H` show, at most 15 bytes of it.
    package init(name: String) {
        let shared = Shared(name: name)
        self.shared = shared
        thread = ThreadExecutor.start(shared)
    }

    deinit { stop() }

    @discardableResult
    package func submit(_ job: @escaping @Sendable () -> Void) -> Bool { shared.enqueue(job, delayMilliseconds: nil) }

    package func schedule(afterMilliseconds delayMilliseconds: Int, _ job: @escaping @Sendable () -> Void) {
        shared.enqueue(job, delayMilliseconds: delayMilliseconds)
    }

    package func runPeriodically(
        everyMilliseconds periodMilliseconds: Int, _ job: @escaping @Sendable () -> Void
    ) -> BackgroundCancellation {
        let cancellation = BackgroundCancellation()
        let shared = shared
        repeatLater(shared, periodMilliseconds, cancellation, job)
        return cancellation
    }

    package func drain() { shared.waitUntilIdle() }

    package func stop() {
        // In a process that was forked off there is no such thread.
        guard process.isOurs, shared.requestStop() else { return }
        // The last reference may go away within a job: a thread cannot join itself.
        if pthread_equal(pthread_self(), thread) != 0 {
            pthread_detach(thread)
        } else {
            pthread_join(thread, nil)
        }
    }

    private static func start(_ shared: Shared) -> pthread_t {
        let context = unsafe Unmanaged.passRetained(shared).toOpaque()
        #if canImport(Darwin)
            var thread: pthread_t?
            let code = unsafe pthread_create(&thread, nil, { unsafe ThreadExecutor.main($0) }, context)
        #else
            var thread = pthread_t()
            let code = unsafe pthread_create(&thread, nil, { unsafe ThreadExecutor.main($0!) }, context)
        #endif
        precondition(code == 0, "the system has no thread left (pthread_create returned \(code))")
        #if canImport(Darwin)
            return unsafe thread!
        #else
            return thread
        #endif
    }

    private static func main(_ context: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
        let shared = unsafe Unmanaged<Shared>.fromOpaque(context).takeRetainedValue()
        unsafe drumlin_name_thread(String(decoding: shared.name.utf8.prefix(15), as: UTF8.self))
        while let job = shared.next() { job() }
        return nil
    }
}

private func repeatLater(
    _ shared: ThreadExecutor.Shared, _ periodMilliseconds: Int, _ cancellation: BackgroundCancellation,
    _ job: @escaping @Sendable () -> Void
) {
    shared.enqueue(
        {
            guard !cancellation.isCancelled else { return }
            job()
            repeatLater(shared, periodMilliseconds, cancellation, job)
        }, delayMilliseconds: periodMilliseconds)
}
