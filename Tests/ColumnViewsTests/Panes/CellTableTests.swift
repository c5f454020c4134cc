import Testing

@testable import ColumnViews

@Suite struct CellTableTests {
    @Test(arguments: [10, 100, 5_000, 4_194_300] as [UInt32])
    func equalsADictionary(limit: UInt32) {
        var generator = Generator(UInt64(limit))
        var table = CellTable()
        var bytes = 0
        var model: [UInt32: Int64] = [:]
        for _ in 0..<4_000 {
            let cell = UInt32.random(in: 2..<limit, using: &generator)
            let delta = Int64.random(in: .min ... .max, using: &generator)
            table.add(delta, to: cell, byteCount: &bytes)
            model[cell, default: 0] &+= delta
        }
        #expect(table.count == model.count)
        #expect(bytes == table.byteCount)
        #expect(table.capacity < 4 * model.count + 16)
        var order: [UInt64] = []
        table.sortedSlots(into: &order)
        let cells = order.map { UInt32($0 >> 32) }
        #expect(cells == model.filter { $0.value != 0 }.keys.sorted())
        for entry in order { #expect(table.value(inSlot: Int(entry & 0xFFFF_FFFF)) == model[UInt32(entry >> 32)]) }

        var sum = CellTable()
        sum.add(table, byteCount: &bytes)
        sum.add(table, byteCount: &bytes)
        for (cell, value) in model { sum.add(0 &- value &- value, to: cell, byteCount: &bytes) }
        #expect(sum.isAllZero)
        sum.free(byteCount: &bytes)
        table.free(byteCount: &bytes)
        #expect(bytes == 0)
    }

    @Test func aListOfChangesIsTheSameAsEachOfThem() {
        var generator = Generator(6)
        var changes = CellChanges()
        var one = CellTable()
        var other = CellTable()
        var bytes = 0
        for _ in 0..<200 {
            changes.removeAll()
            for _ in 0..<Int.random(in: 0...20, using: &generator) {
                changes.add(.random(in: -5...5, using: &generator), to: .random(in: 2..<900, using: &generator))
            }
            unsafe one.add(changes.list, count: changes.count, byteCount: &bytes)
            for i in 0..<changes.count { other.add(changes[i].delta, to: changes[i].cell, byteCount: &bytes) }
        }
        var difference = [Int64](repeating: 0, count: 900)
        unsafe difference.withUnsafeMutableBufferPointer { dense in
            unsafe one.accumulate(into: dense, sign: 1)
            unsafe other.accumulate(into: dense, sign: -1)
        }
        #expect(one.count == other.count)
        #expect(difference.allSatisfy { $0 == 0 })
        one.free(byteCount: &bytes)
        other.free(byteCount: &bytes)
    }
}
