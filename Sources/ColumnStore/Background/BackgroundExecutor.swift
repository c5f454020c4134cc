/// Runs jobs one after the other, away from the caller.
///
/// Jobs of one executor never overlap, so a long one delays the others: a store uses one executor for its log and another
/// for sealing. A job may submit jobs.
package protocol BackgroundExecutor: Sendable {
    /// Queues a job. After `stop()` it does nothing and returns false.
    @discardableResult
    func submit(_ job: @escaping @Sendable () -> Void) -> Bool

    /// Queues a job for later.
    func schedule(afterMilliseconds delayMilliseconds: Int, _ job: @escaping @Sendable () -> Void)

    /// Queues a job again and again, the first time after one period. The period counts from the end of a run.
    func runPeriodically(
        everyMilliseconds periodMilliseconds: Int, _ job: @escaping @Sendable () -> Void
    ) -> BackgroundCancellation

    /// Returns when every job submitted before has run; scheduled ones are not waited for. Not from within a job.
    func drain()

    /// Runs what was submitted, forgets what was scheduled, and ends the thread. Not from within a job.
    func stop()
}
