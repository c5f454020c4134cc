/// The zone maps of a page's vectors, or none. Those of times, which are all that is written, are kept as four numbers each:
/// there are a thousand in a million rows, and an opening reads them all.
package struct VectorZones: Sendable, Equatable {
    private enum Zones: Sendable, Equatable {
        case times([TimeZone])
        case others([ZoneMap])
    }

    /// A zone of times of which some are not null: everything that its map says.
    private struct TimeZone: Sendable, Equatable {
        let rowCount: UInt32
        let nullCount: UInt32
        let low: Int64
        let high: Int64

        /// Nil where the map says something else.
        init?(_ zone: ZoneMap) {
            guard case .timestamp(let low)? = zone.minimum, case .timestamp(let high)? = zone.maximum,
                let rowCount = UInt32(exactly: zone.rowCount), let nullCount = UInt32(exactly: zone.nullCount)
            else { return nil }
            self.rowCount = rowCount
            self.nullCount = nullCount
            self.low = low.microseconds
            self.high = high.microseconds
            guard map == zone else { return nil }
        }

        /// Nil, and the reader left anywhere, where the next zone map is of another kind.
        @inline(__always)
        init?(reading reader: inout ByteReader) throws(FormatError) {
            guard try reader.read(UInt8.self) == ZoneMap.boundsAlone else { return nil }
            let (rowCount, nullCount) = (try reader.readVarint(), try reader.readVarint())
            // No NaN, nothing that is true.
            guard rowCount <= UInt64(UInt32.max), nullCount <= rowCount, try reader.read(UInt16.self) == 0 else {
                return nil
            }
            self.rowCount = UInt32(rowCount)
            self.nullCount = UInt32(nullCount)
            low = try reader.readZigzag()
            high = try reader.readZigzag()
        }

        var map: ZoneMap {
            var zone = ZoneMap(rowCount: Int(rowCount))
            zone.nullCount = Int(nullCount)
            zone.minimum = .timestamp(Timestamp(microseconds: low))
            zone.maximum = .timestamp(Timestamp(microseconds: high))
            return zone
        }
    }

    private let zones: Zones

    package init(_ zones: [ZoneMap] = []) {
        let times = zones.compactMap { TimeZone($0) }
        self.zones = times.count == zones.count ? .times(times) : .others(zones)
    }

    package init(reading reader: inout ByteReader, count: Int, type: ColumnType) throws(FormatError) {
        if type == .timestamp || count == 0 {
            let start = reader
            var times: [TimeZone] = []
            times.reserveCapacity(count)
            while times.count < count, let zone = try TimeZone(reading: &reader) { times.append(zone) }
            if times.count == count {
                zones = .times(times)
                return
            }
            reader = start
        }
        var others: [ZoneMap] = []
        others.reserveCapacity(count)
        for _ in 0..<count { others.append(try ZoneMap(reading: &reader, type: type)) }
        zones = .others(others)
    }
}

extension VectorZones: RandomAccessCollection {
    package var startIndex: Int { 0 }

    package var endIndex: Int {
        switch zones {
        case .times(let zones): zones.count
        case .others(let zones): zones.count
        }
    }

    package subscript(vector: Int) -> ZoneMap {
        switch zones {
        case .times(let zones): zones[vector].map
        case .others(let zones): zones[vector]
        }
    }
}
