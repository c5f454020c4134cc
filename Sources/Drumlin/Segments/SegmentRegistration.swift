internal import ColumnFormat

/// A segmentation of a task, as it is stored, with the slices that it began with.
struct SegmentRegistration: Sendable, Equatable {
    let segmentation: Segmentation
    /// The most frequent of the values that were there when it was registered. Others get a slice of their own in the order
    /// in which they come, as long as there is room.
    let names: [String]

    static func bytes(of registrations: [SegmentRegistration]) -> [UInt8] {
        var writer = ByteWriter()
        writer.append(UInt8(1))
        writer.append(varint: UInt64(registrations.count))
        for registration in registrations {
            registration.segmentation.write(to: &writer)
            writer.append(varint: UInt64(registration.names.count))
            for name in registration.names { writer.append(string: name) }
        }
        return writer.bytes
    }

    static func read(_ reader: inout ByteReader) throws(FormatError) -> [SegmentRegistration] {
        let version = try reader.read(UInt8.self)
        guard version == 1 else { throw FormatError(.unsupported, "segments of version \(version)") }
        var result: [SegmentRegistration] = []
        for _ in 0..<(try reader.readCount(limit: 1_000, of: "segments")) {
            let segmentation = try Segmentation(from: &reader)
            var names: [String] = []
            for _ in 0..<(try reader.readCount(limit: segmentation.limit, of: "slices")) {
                names.append(try reader.readString(limit: 1 << 24))
            }
            result.append(SegmentRegistration(segmentation: segmentation, names: names))
        }
        return result
    }
}
