import ColumnFormat
package import ColumnStore
import Drumlin

/// All that a store answers, in brief: rows by number, look-ups, metrics, metadata.
package struct DamageContents: Sendable, Equatable {
    private var digests: [String: UInt64] = [:]
    private var rows: [String: [UInt64]] = [:]
    private var metrics: [[Value]] = []
    private var metadata: [String: [UInt8]] = [:]

    package init(_ store: Store) throws {
        for table in store.tables {
            let keys = try read(table)
            guard let column = try table.schema.indexed.first else { continue }
            for (number, key) in keys(column) where key != .null {
                guard try table.lookup(column, key) == number || column == "_row" else {
                    throw Violation("row \(number) of \(table.name) is not found by \(key)")
                }
            }
        }
        for name in store.taskNames {
            let task = try store.task(name)
            metrics += try task.metrics().map(\.values)
            let status = task.status
            metrics.append(
                [
                    // Corrections and withdrawals are those since the checkpoint, where there is one.
                    status.predictions, status.labels, status.pendingLabels, status.modelVersions.count,
                    Int(status.clock?.microseconds ?? 0),
                ].map { .int(Int64($0)) })
        }
        for key in store.metadataKeys { metadata[key] = store.metadata(key) }
    }

    /// Reads all rows; gives the keys of an indexed column with their rows.
    private mutating func read(_ table: Table) throws -> (String) -> [(UInt64, Value)] {
        var digest: UInt64 = 14_695_981_039_346_656_037
        var numbers: [UInt64] = []
        var batches: [Batch] = []
        try table.scan().forEach { batch in
            batches.append(batch)
            numbers += batch.rowNumbers
            for name in batch.columnNames {
                let slice = batch.slice(name)
                for row in 0..<batch.rowCount {
                    if slice.isNull(row) {
                        digest = (digest ^ 0x4E) &* 0x100_0000_01B3
                    } else {
                        digest = unsafe Checksum.of(slice.keyBytes(at: row), seed: digest)
                    }
                }
            }
        }
        digests[table.name] = digest
        rows[table.name] = numbers
        return { column in
            batches.flatMap { batch in batch.rowNumbers.enumerated().map { ($0.element, batch[$0.offset, column]) } }
        }
    }

    /// In what two stores differ.
    package func difference(from other: DamageContents) -> String? {
        if self == other { return nil }
        for (name, rows) in rows where other.rows[name] != rows {
            return "\(name) has the rows \(rows), not \(other.rows[name] ?? [])"
        }
        for (name, digest) in digests where other.digests[name] != digest { return "the values of \(name) are others" }
        for (row, expected) in zip(metrics, other.metrics) where row.map(\.description) != expected.map(\.description) {
            return "a metric is \(row), not \(expected)"
        }
        return "it reads as something else"
    }

    package static func == (left: DamageContents, right: DamageContents) -> Bool {
        left.digests == right.digests && left.rows == right.rows && left.metadata == right.metadata
            && left.metrics.count == right.metrics.count
            && zip(left.metrics, right.metrics).allSatisfy {
                $0.count == $1.count && zip($0, $1).allSatisfy { $0.isIdentical(to: $1) }
            }
    }
}
