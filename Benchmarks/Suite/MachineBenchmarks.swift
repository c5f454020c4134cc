import Benchmark
import BenchmarkSupport

/// What the machine can do at best, beside which the others are read.
func registerMachineBenchmarks() {
    Benchmark("memcpy-64-MiB") { benchmark, buffers in
        benchmark.startMeasurement()
        buffers.copy()
        benchmark.stopMeasurement()
    } setup: {
        CopyBuffers(byteCount: 64 << 20)
    }

    Benchmark("write-and-fdatasync-4-KiB") { benchmark, file in
        benchmark.startMeasurement()
        try file.append()
        benchmark.stopMeasurement()
    } setup: {
        try SyncedFile(pageByteCount: 4_096)
    }
}
