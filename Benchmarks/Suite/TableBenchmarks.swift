import Benchmark
import BenchmarkSupport
import Drumlin

/// What happens to the rows: append without triggers, seal, open, scan, look up.
func registerTableBenchmarks() {
    Benchmark("append-without-triggers", configuration: .init(scalingFactor: .kilo)) { benchmark, table in
        benchmark.startMeasurement()
        for _ in benchmark.scaledIterations { try table.appendNext() }
        benchmark.stopMeasurement()
    } setup: {
        try PlainTable(folder: workloadFolder())
    }

    Benchmark("seal-10000-rows") { benchmark, table in
        for _ in 0..<10_000 { try table.appendNext() }
        benchmark.startMeasurement()
        try table.store.seal()
        benchmark.stopMeasurement()
    } setup: {
        try PlainTable(folder: workloadFolder())
    }

    Benchmark("open-read-only") { benchmark, sealed in
        benchmark.startMeasurement()
        let store = try Store.openReadOnly(sealed.path)
        benchmark.stopMeasurement()
        try store.close()
    } setup: {
        try SealedPredictions(folder: workloadFolder())
    }

    Benchmark("scan-where") { _, sealed in
        blackHole(try sealed.meanDistance(hour: 18))
    } setup: {
        try SealedPredictions(folder: workloadFolder())
    }

    Benchmark("scan-three-columns") { _, sealed in
        blackHole(try sealed.sums())
    } setup: {
        try SealedPredictions(folder: workloadFolder())
    }

    Benchmark("lookup", configuration: .init(scalingFactor: .kilo)) { benchmark, sealed in
        for step in benchmark.scaledIterations { blackHole(try sealed.row(step)) }
    } setup: {
        try SealedPredictions(folder: workloadFolder())
    }
}
