// A Gaussian mixture of the rows that Peers/mixture.py writes, beside scikit-learn's: see there.
//
//     Mixture ROWS OWNERS COMPONENTS OUTPUT
//
// ROWS are float64, row by row; OWNERS are int64, the component that each row begins with. OUTPUT gets the component of each
// row as int64. Prints one line of JSON.

import BenchmarkSupport
import Drumlin
import Foundation

let arguments = CommandLine.arguments
guard arguments.count == 5, let components = Int(arguments[3]) else {
    print("usage: Mixture ROWS OWNERS COMPONENTS OUTPUT")
    exit(2)
}

/// The numbers of a file.
func numbers<T: BitwiseCopyable>(_ path: String, _ zero: T) throws -> [T] {
    let data = try Data(contentsOf: URL(filePath: path))
    var values = [T](repeating: zero, count: data.count / MemoryLayout<T>.size)
    unsafe values.withUnsafeMutableBytes { raw in _ = unsafe data.copyBytes(to: raw) }
    return values
}

let rows = try numbers(arguments[1], 0.0)
let owners = try numbers(arguments[2], Int64(0)).map { Int($0) }
let dimension = rows.count / owners.count

// The same start and the same rows as scikit-learn has.
var start = ProcessorTime.nanoseconds()
let (mixture, rounds) = GaussianMixture.fitted(
    rows: rows, dimension: dimension, owners: owners, components: components)
let sameStart = Double(ProcessorTime.nanoseconds() - start) / 1e9

var assigned: [Int64] = []
assigned.reserveCapacity(owners.count)
start = ProcessorTime.nanoseconds()
for row in owners.indices { assigned.append(Int64(mixture.component(ofRow: row, in: rows))) }
let perRow = Double(ProcessorTime.nanoseconds() - start) / 1e3 / Double(owners.count)
try unsafe assigned.withUnsafeBytes { raw in
    try unsafe Data(raw).write(to: URL(filePath: arguments[4]))
}

// What logTrainingSet does: it standardizes, looks for a start of its own, and takes a sample of the rows.
let columns = (0..<dimension).map { column in
    ReferenceColumns.Feature(
        name: "x\(column)", values: .numbers(owners.indices.map { rows[$0 * dimension + column] }))
}
let reference = ReferenceColumns(
    kind: .regression, scores: [Double](repeating: .nan, count: owners.count),
    classes: [Int](repeating: 0, count: owners.count), labels: [Double](repeating: 0, count: owners.count),
    features: columns)
start = ProcessorTime.nanoseconds()
let buckets = try FittedBuckets(fitting: .gaussianMixture(components: components), to: reference)
let usual = Double(ProcessorTime.nanoseconds() - start) / 1e9

// One prediction at a time, through the buckets, as a call that logs it has it.
var sum = 0
start = ProcessorTime.nanoseconds()
for row in owners.indices {
    sum &+= buckets.assign(
        score: .nan, predictedClass: 0, features: reference.row(row), featureCount: dimension)
}
let single = Double(ProcessorTime.nanoseconds() - start) / 1e3 / Double(owners.count)

print(
    "{\"same_start_seconds\": \(sameStart), \"rounds\": \(rounds), \"usual_seconds\": \(usual), "
        + "\"density_us\": \(perRow), \"prediction_us\": \(single), \"checksum\": \(sum)}")
