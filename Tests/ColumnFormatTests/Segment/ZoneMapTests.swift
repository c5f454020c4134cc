import ColumnFormat
import TestSupport
import Testing

struct ZoneMapTests {
    private static func zone(_ type: ColumnType, _ values: [Value]) -> ZoneMap {
        let builder = ColumnBuilder(type: type)
        for value in values { #expect(builder.append(value: value)) }
        return ZoneMap(of: builder.snapshot())
    }

    @Test func integersHaveBoundsAndASumUntilItOverflows() {
        let zone = Self.zone(.int8, [5, nil, -3, 127])
        #expect(zone.rowCount == 4 && zone.nullCount == 1 && zone.nanCount == 0)
        #expect(zone.minimum == .int(-3) && zone.maximum == .int(127) && zone.sum == 129)
        #expect(Self.zone(.int64, [.int(.max), 1]).sum == nil)
        #expect(Self.zone(.int64, [.int(.min), .int(.max)]).sum == -1)
        #expect(Self.zone(.uint64, [.uint(.max)]).sum == nil)
        #expect(Self.zone(.uint64, [.uint(.max), .uint(0)]).maximum == .uint(.max))
        #expect(Self.zone(.timestamp, [.timestamp(Timestamp(microseconds: 5))]).sum == nil)
    }

    @Test func nullsAndNaNsBoundNothing() {
        let nulls = Self.zone(.float64, [nil, nil])
        #expect(nulls.minimum == nil && nulls.maximum == nil && nulls.nullCount == 2)
        let mixed = Self.zone(.float64, [.float64(.nan), nil, 2.5, .float64(-.infinity)])
        #expect(mixed.nanCount == 1 && mixed.minimum == .float64(-.infinity) && mixed.maximum == 2.5)
        let onlyNaN = Self.zone(.float32, [.float32(.nan)])
        #expect(onlyNaN.minimum == nil && onlyNaN.nanCount == 1)
    }

    @Test func zerosOfBothSignsAreWithinTheBounds() {
        for zero in [0.0, -0.0] {
            let zone = Self.zone(.float64, [.float64(zero)])
            #expect(zone.minimum?.isIdentical(to: .float64(-0.0)) == true)
            #expect(zone.maximum?.isIdentical(to: .float64(0.0)) == true)
        }
    }

    @Test func longTextsAreCutOutward() {
        let long = [UInt8](repeating: 0x61, count: 40)
        let zone = Self.zone(.bytes, [.bytes(long)])
        #expect(zone.minimum == .bytes([UInt8](repeating: 0x61, count: 32)) && !zone.isMinimumExact)
        #expect(zone.maximum == .bytes([UInt8](repeating: 0x61, count: 31) + [0x62]) && !zone.isMaximumExact)
        let ones = Self.zone(.bytes, [.bytes([UInt8](repeating: 0xFF, count: 33))])
        #expect(ones.maximum == nil && ones.minimum != nil, "nothing short is greater")
        let carried = Self.zone(.bytes, [.bytes([1] + [UInt8](repeating: 0xFF, count: 40))])
        #expect(carried.maximum == .bytes([2]))
        let short = Self.zone(.string, ["b", "", nil, "a"])
        #expect(short.minimum == .bytes([]) && short.maximum == .bytes([0x62]) && short.isMaximumExact)
    }

    @Test func boolsAreCounted() {
        let zone = Self.zone(.bool, [true, false, nil, true])
        #expect(zone.trueCount == 2 && zone.minimum == false && zone.maximum == true)
        #expect(Self.zone(.bool, [true, true]).minimum == true)
        #expect(Self.zone(.bool, [false]).maximum == false)
    }

    @Test func zonesComeBackFromTheirBytes() throws {
        var generator = SeededGenerator(seed: 1)
        for column in EveryType.schema.columns {
            for count in 0..<6 {
                let values = (0..<count).map { _ in EveryType.value(of: column.type, using: &generator) }
                let zone = Self.zone(column.type, values + [.null])
                var writer = ByteWriter()
                zone.write(to: &writer)
                for length in 0...writer.bytes.count {
                    let bytes = Array(writer.bytes[..<length])
                    let found = unsafe bytes.withUnsafeBytes { raw in
                        Result { () throws(FormatError) -> ZoneMap in
                            var reader = unsafe ByteReader(raw)
                            return try ZoneMap(reading: &reader, type: column.type)
                        }
                    }
                    if length < writer.bytes.count {
                        #expect(throws: FormatError.self) { try found.get() }
                    } else {
                        #expect(try found.get() == zone)
                    }
                }
            }
        }
    }

    @Test(arguments: [64, 128] as [UInt8]) func flagsThatAreNotKnownAreRefused(flag: UInt8) {
        let bytes: [UInt8] = [flag, 1, 0, 0, 0]
        let found = unsafe bytes.withUnsafeBytes { raw in
            Result { () throws(FormatError) -> ZoneMap in
                var reader = unsafe ByteReader(raw)
                return try ZoneMap(reading: &reader, type: .int32)
            }
        }
        #expect(throws: FormatError.self) { try found.get() }
    }
}
