package import Drumlin

/// A store with the predictions of a workload, sealed, and the reads that are measured on it.
package final class SealedPredictions {
    private let scratch: ScratchFolder
    private let workload: StandardWorkload
    private let store: Store
    private let table: Table
    /// The store's folder.
    package let path: String
    /// How long it took to seal what was in memory after the last prediction, in nanoseconds.
    package let sealNanoseconds: UInt64

    /// Logs the predictions of `folder` into a new store and seals them.
    package init(folder: String) throws {
        scratch = try ScratchFolder()
        path = scratch.path("sealed.drumlin")
        workload = try StandardWorkload(folder: folder)
        store = try Store.open(path, options: .replay)
        let task = try StandardTask.register(in: store, folder: folder)
        for row in workload.ids.indices { try task.log(.prediction(row), of: workload) }
        let store = store
        sealNanoseconds = try Stopwatch.time { try store.seal() }
        table = try store.table(StandardTask.name + "/predictions")
    }

    deinit { try? store.close() }

    package var rowCount: Int { get throws { try table.rowCount } }

    /// The mean of trip_distance where pickup_hour is `hour`.
    package func meanDistance(hour: Float) throws -> Double {
        var sum = 0.0
        var count = 0
        let scan = try table.scan(columns: ["trip_distance"], where: .equal("pickup_hour", .float32(hour)))
        while let batch = try scan.next() {
            count += batch.rowCount
            sum += batch.sum(of: "trip_distance", as: Float.self)
        }
        precondition(count > 0, "no row has pickup_hour \(hour)")
        return sum / Double(count)
    }

    /// The sums of three columns over all rows.
    package func sums() throws -> [Double] {
        var sums = [0.0, 0.0, 0.0]
        let scan = try table.scan(columns: ["_score", "trip_distance", "trip_speed"])
        while let batch = try scan.next() {
            sums[0] += batch.sum(of: "_score", as: Double.self)
            sums[1] += batch.sum(of: "trip_distance", as: Float.self)
            sums[2] += batch.sum(of: "trip_speed", as: Float.self)
        }
        return sums
    }

    /// The row of an id that is there; `step` picks which.
    package func find(_ step: Int) throws {
        let place = step * 7919 % workload.ids.count
        let row = try table.lookup(workload.ids[place])
        precondition(row == UInt64(place), "\(workload.ids[place]) is not found")
    }

    /// An id that is nowhere.
    package func findUnknown(_ step: Int) throws {
        let isFound = try table.contains("unknown \(step)")
        precondition(!isFound, "an id is found that is not there")
    }

    /// The rows of `count` ids at once.
    package func findMany(_ step: Int, count: Int) throws {
        let places = (step * count..<step * count + count).map { $0 * 7919 % workload.ids.count }
        let rows = try table.lookupMany(places.map { workload.ids[$0] })
        precondition(rows.elementsEqual(places.map { UInt64($0) }), "an id is not found")
    }

    /// All columns of one prediction by its id; `step` picks which.
    package func row(_ step: Int) throws -> [String: Value] {
        let id = workload.ids[step * 7919 % workload.ids.count]
        guard let number = try table.lookup("_id", .string(id)) else { preconditionFailure("\(id) is not found") }
        return try table.row(number)
    }
}

extension Batch {
    fileprivate func sum<T: BinaryFloatingPoint & BitwiseCopyable>(of column: String, as type: T.Type) -> Double {
        withValues(of: column, as: type) { values in
            var sum = 0.0
            for index in values.indices { sum += Double(values[index]) }
            return sum
        }
    }
}
