import Benchmark
import BenchmarkSupport
import Drumlin

/// What an inference process calls: predictions, feedback, metrics, with everything the standard task keeps.
func registerEventBenchmarks() {
    let thousand = Benchmark.Configuration(scalingFactor: .kilo)

    Benchmark("prediction", configuration: thousand) { benchmark, stream in
        try stream.prepare(count: 1_000)
        benchmark.startMeasurement()
        for _ in benchmark.scaledIterations { try stream.logNext() }
        benchmark.stopMeasurement()
    } setup: {
        try EventStream(.predictions)
    }

    Benchmark("feedback", configuration: thousand) { benchmark, stream in
        try stream.prepare(count: 1_000)
        benchmark.startMeasurement()
        for _ in benchmark.scaledIterations { try stream.logNext() }
        benchmark.stopMeasurement()
    } setup: {
        try EventStream(.labels)
    }

    Benchmark("metrics-after-one-more-event") { benchmark, stream in
        try stream.prepare(count: 1)
        let day = try stream.logNext()
        benchmark.startMeasurement()
        blackHole(
            try stream.task.metrics(.accuracy, window: .tumbling(.days(1)), from: day.lowerBound, to: day.upperBound))
        benchmark.stopMeasurement()
    } setup: {
        try EventStream(.both)
    }

    Benchmark("replay-10000") { benchmark, stream in
        try stream.beginAnew()
        benchmark.startMeasurement()
        for _ in 0..<10_000 { try stream.logNext() }
        try stream.store.seal()
        benchmark.stopMeasurement()
    } setup: {
        try EventStream(.both)
    }
}
