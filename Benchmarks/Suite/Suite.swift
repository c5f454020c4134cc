import Benchmark

/// All benchmarks of the suite, each in a process of its own. A thousand calls are one measured iteration where the
/// name stands for one call: `make bench` shows them divided by that thousand.
let benchmarks: @Sendable () -> Void = {
    unsafe Benchmark.defaultConfiguration = .init(
        metrics: [.wallClock, .throughput, .peakMemoryResident], warmupIterations: 1, maxDuration: .seconds(5),
        maxIterations: 1_000)
    registerEventBenchmarks()
    registerTableBenchmarks()
    registerMachineBenchmarks()
}
