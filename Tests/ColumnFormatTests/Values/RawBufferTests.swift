import ColumnFormat
import Testing

struct RawBufferTests {
    @Test(arguments: [0, 1, 64, 4_000, 131_071, 131_072, 1_000_000]) func memoryIsZeroedAndAligned(byteCapacity: Int) {
        for isFilledSlowly in [false, true] {
            let buffer = RawBuffer(byteCapacity: byteCapacity, isFilledSlowly: isFilledSlowly)
            #expect(buffer.byteCapacity >= max(byteCapacity, 64))
            let address = unsafe UInt(bitPattern: buffer.base)
            #expect(address % 64 == 0)
            let bytes = unsafe UnsafeRawBufferPointer(start: buffer.base, count: buffer.byteCapacity)
            #expect(unsafe bytes.allSatisfy { $0 == 0 })
        }
    }

    /// From the heap to pages and on; what others hold stays where it is.
    @Test(arguments: [false, true]) func aBufferGrowsWithItsBytes(isShared: Bool) {
        var buffer = RawBuffer(byteCapacity: 100, isFilledSlowly: true)
        var kept: [(RawBuffer, Int)] = []
        var count = 0
        for capacity in [200, 50_000, 140_000, 300_000, 2_000_000] {
            while count < buffer.byteCapacity {
                unsafe buffer.base.storeBytes(of: UInt8(count % 251), toByteOffset: count, as: UInt8.self)
                count += 1
            }
            if isShared { kept.append((buffer, count)) }
            RawBuffer.grow(&buffer, keeping: count, to: capacity)
            #expect(buffer.byteCapacity >= capacity)
            let bytes = unsafe UnsafeRawBufferPointer(start: buffer.base, count: buffer.byteCapacity)
            let isKept = (0..<count).allSatisfy { unsafe bytes[$0] == UInt8($0 % 251) }
            #expect(isKept)
            #expect(unsafe bytes[count...].allSatisfy { $0 == 0 })
        }
        for (old, count) in kept {
            let bytes = unsafe UnsafeRawBufferPointer(start: old.base, count: count)
            let isKept = (0..<count).allSatisfy { unsafe bytes[$0] == UInt8($0 % 251) }
            #expect(isKept)
        }
    }
}
