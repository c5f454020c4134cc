package import ColumnFormat

/// What the reference rows are to the model that is monitored.
public enum ReferenceRole: String, Sendable, CaseIterable {
    /// Rows that the model was not fitted on: the honest choice.
    case heldOut
    /// Rows that the model was fitted on. Estimates are then too good by as much as the model overfits, which no interval
    /// repairs; rows say so in their `method`.
    case training
}

/// A reference set with what was fitted on it. Predictions logged while an epoch is the newest belong to it.
package struct Epoch: Sendable {
    package let modelVersion: String
    package let role: ReferenceRole
    /// A checksum of the rows, by which the same call at the next start is recognized.
    package let fingerprint: UInt64
    /// The rows of the table `reference`.
    package let rows: Range<UInt64>
    package let buckets: FittedBuckets
    package let statistics: ReferenceStatistics

    package init(
        modelVersion: String, role: ReferenceRole, fingerprint: UInt64, rows: Range<UInt64>, buckets: FittedBuckets,
        statistics: ReferenceStatistics
    ) {
        self.modelVersion = modelVersion
        self.role = role
        self.fingerprint = fingerprint
        self.rows = rows
        self.buckets = buckets
        self.statistics = statistics
    }

    package func bytes() -> [UInt8] {
        var writer = ByteWriter()
        writer.append(UInt8(1))
        writer.append(string: modelVersion)
        writer.append(UInt8(role == .training ? 1 : 0))
        writer.append(fingerprint)
        writer.append(rows.lowerBound)
        writer.append(rows.upperBound)
        buckets.write(to: &writer)
        statistics.write(to: &writer)
        return writer.bytes
    }

    /// - Parameter bucketing: gives a custom bucketing its closure back.
    package init(reading reader: inout ByteReader, bucketing: Bucketing?) throws(FormatError) {
        let version = try reader.read(UInt8.self)
        guard version == 1 else { throw FormatError(.unsupported, "an epoch of version \(version)") }
        modelVersion = try reader.readString(limit: 4_096)
        role = try reader.read(UInt8.self) == 1 ? .training : .heldOut
        fingerprint = try reader.read(UInt64.self)
        let (first, end) = (try reader.read(UInt64.self), try reader.read(UInt64.self))
        guard first <= end else { throw FormatError(.invalid, "reference rows \(first) to \(end)", at: reader.offset) }
        rows = first..<end
        buckets = try FittedBuckets(from: &reader, closures: bucketing.map { [$0] } ?? [])
        statistics = try ReferenceStatistics(from: &reader)
        guard statistics.bucketCount == buckets.placeCount else {
            throw FormatError(.invalid, "\(statistics.bucketCount) buckets of \(buckets.placeCount)", at: reader.offset)
        }
    }
}
