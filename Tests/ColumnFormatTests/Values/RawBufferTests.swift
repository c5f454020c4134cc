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

    /// Large buffers say which bytes come next, each once and in their order, also when they have grown; making them ready changes none.
    @Test func pagesAreMadeReadyAhead() {
        var buffer = RawBuffer(byteCapacity: 1 << 20, isFilledSlowly: true)
        #expect(buffer.nextToMakeReady(behind: 0) == nil, "not worth while")
        RawBuffer.grow(&buffer, keeping: 0, to: 5 << 20)
        var used = 0
        var end = 0
        for capacity in [5 << 20, 9 << 20] {
            if capacity > buffer.byteCapacity { RawBuffer.grow(&buffer, keeping: used, to: capacity) }
            while used < capacity {
                while let bytes = buffer.nextToMakeReady(behind: used) {
                    #expect(bytes.lowerBound == end && bytes.upperBound <= buffer.byteCapacity)
                    end = bytes.upperBound
                    buffer.makeReady(bytes)
                }
                #expect(end > used)
                unsafe buffer.base.storeBytes(of: used, toByteOffset: used, as: Int.self)
                used += 4_096
            }
        }
        let isKept = stride(from: 0, to: used, by: 4_096).allSatisfy { place in
            unsafe buffer.base.load(fromByteOffset: place, as: Int.self) == place
        }
        #expect(isKept)
    }

    /// Columns that are filled together come to a new page one after the other.
    @Test func buffersBeginInDifferentPlacesOfTheirPages() {
        let buffers = (0..<32).map { _ in RawBuffer(byteCapacity: 1 << 18, isFilledSlowly: true) }
        let places = Set(buffers.map { unsafe UInt(bitPattern: $0.base) % 4_096 })
        #expect(places.count > 16)
    }
}
