import ColumnFormat
import Testing

struct VectorZonesTests {
    private func times(_ low: Int64, _ high: Int64, rows: Int = 1_024, nulls: Int = 0) -> ZoneMap {
        var zone = ZoneMap(rowCount: rows)
        zone.nullCount = nulls
        zone.minimum = .timestamp(Timestamp(microseconds: low))
        zone.maximum = .timestamp(Timestamp(microseconds: high))
        return zone
    }

    private func expectRoundTrip(_ maps: [ZoneMap], _ type: ColumnType) throws {
        let zones = VectorZones(maps)
        #expect(Array(zones) == maps)
        var writer = ByteWriter()
        for zone in zones { zone.write(to: &writer) }
        writer.append(UInt8(77))
        let bytes = writer.bytes
        try unsafe bytes.withUnsafeBytes { bytes throws in
            var reader = unsafe ByteReader(bytes)
            let read = try VectorZones(reading: &reader, count: maps.count, type: type)
            #expect(read == zones)
            #expect(try reader.read(UInt8.self) == 77)
            for length in 0..<bytes.count - 1 {
                var cut = unsafe ByteReader(UnsafeRawBufferPointer(rebasing: bytes[..<length]))
                #expect(throws: FormatError.self) {
                    _ = try VectorZones(reading: &cut, count: maps.count, type: type)
                }
            }
        }
    }

    @Test func zonesOfTimesComeBack() throws {
        try expectRoundTrip([], .timestamp)
        try expectRoundTrip([times(-5, 1 << 50), times(.min, .max, rows: 7, nulls: 6), times(0, 0)], .timestamp)
    }

    /// Whatever else a map says: nothing but nulls, a bound that is none of the values, a sum.
    @Test func otherZonesComeBackToo() throws {
        var vague = times(3, 9)
        vague.isMaximumExact = false
        var added = times(3, 9)
        added.sum = 12
        for other in [ZoneMap(rowCount: 12), vague, added] {
            try expectRoundTrip([times(1, 2), other, times(3, 4)], .timestamp)
        }
        var numbers = ZoneMap(rowCount: 40)
        numbers.minimum = .int(-3)
        numbers.maximum = .int(4)
        numbers.sum = 9
        try expectRoundTrip([numbers, numbers], .int32)
    }
}
