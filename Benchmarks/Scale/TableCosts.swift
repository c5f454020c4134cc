import BenchmarkSupport
import Drumlin

/// What a table of predictions costs, and the machine under it, in the units of the names.
struct TableCosts {
    let rowCount: Int
    let appendMicroseconds: Double
    let sealMilliseconds: Double
    let openMilliseconds: Double
    let whereMilliseconds: Double
    let threeMilliseconds: Double
    /// All columns of a row by its id; the row alone; that there is none; the rows of 10,000 ids, each.
    let lookupMicroseconds: Double
    let findMicroseconds: Double
    let findUnknownMicroseconds: Double
    let findManyMicroseconds: Double
    let memcpyGigabytesPerSecond: Double
    let fdatasyncMicroseconds: Double

    /// Measures with the predictions of a workload folder.
    init(folder: String) throws {
        let sealed = try SealedPredictions(folder: folder)
        rowCount = try sealed.rowCount
        sealMilliseconds = Double(sealed.sealNanoseconds) / 1e6
        openMilliseconds = try Self.median(of: 9) { try Store.openReadOnly(sealed.path).close() } / 1_000
        whereMilliseconds = try Self.median(of: 9) { _ = try sealed.meanDistance(hour: 18) } / 1_000
        threeMilliseconds = try Self.median(of: 9) { _ = try sealed.sums() } / 1_000
        var step = 0
        lookupMicroseconds = try Self.median(of: 20_000) {
            _ = try sealed.row(step)
            step += 1
        }
        step = 0
        findMicroseconds = try Self.median(of: 100_000) {
            try sealed.find(step)
            step += 1
        }
        findUnknownMicroseconds = try Self.median(of: 100_000) {
            try sealed.findUnknown(step)
            step += 1
        }
        step = 0
        let batchCount = 10_000
        findManyMicroseconds =
            try Self.median(of: 9) {
                try sealed.findMany(step, count: batchCount)
                step += 1
            } / Double(batchCount)
        let plain = try PlainTable(folder: folder)
        appendMicroseconds = try Self.median(of: 200_000) { try plain.appendNext() }
        let buffers = CopyBuffers(byteCount: 64 << 20)
        memcpyGigabytesPerSecond = Double(buffers.byteCount) / (Self.median(of: 9) { buffers.copy() } * 1_000)
        let file = try SyncedFile(pageByteCount: 4_096)
        fdatasyncMicroseconds = try Self.median(of: 200) { try file.append() }
    }

    /// The median of `count` runs, after one that is not counted, in microseconds.
    private static func median(of count: Int, _ body: () throws -> Void) rethrows -> Double {
        var runs = Latencies(capacity: count)
        try body()
        for _ in 0..<count { runs.add(try Stopwatch.time(body)) }
        return runs.median ?? 0
    }
}
