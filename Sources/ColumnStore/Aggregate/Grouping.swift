internal import ColumnFormat

/// Numbers the groups that occur in one block, from the numbers of their keys. For one thread.
@safe
final class Grouping {
    private let keys: [KeyReader]
    private let columns: BlockColumns
    /// Pairs of the number of a group by the keys before, and of a key: one table for each key but the first.
    private var pairs: [WordTable]
    private let limit: Int
    private let usesZones: Bool
    /// The group of each row of the last vector, where ``read(_:count:mask:)`` gave none for all.
    let groups: UnsafeMutablePointer<UInt32>
    private let owner = RawBuffer(byteCapacity: SegmentFormat.vectorRowCount * 4 + 64)

    init(_ plan: AggregatePlan, columns: BlockColumns) {
        keys = plan.keys.map { KeyReader($0) }
        pairs = plan.keys.dropFirst().map { _ in WordTable() }
        limit = plan.groupLimit
        usesZones = plan.zoneMaps != .none
        self.columns = columns
        unsafe groups = owner.base.assumingMemoryBound(to: UInt32.self)
    }

    var isTrivial: Bool { keys.isEmpty }

    /// Begins with a new block.
    func reset() {
        for key in keys { key.reset() }
        for place in pairs.indices { pairs[place].removeAll() }
    }

    /// How many groups there are in the block so far.
    var count: Int {
        if keys.isEmpty { return 1 }
        return pairs.last?.words.count ?? keys[0].parts.count
    }

    /// The group of all rows of a zone, if their zone maps show that they have one.
    func group(zone: (Int) -> ZoneMap?) -> UInt32? {
        guard usesZones else { return keys.isEmpty ? 0 : nil }
        if keys.count == 1 {
            return keys[0].interval(of: zone(keys[0].key.column)).map { keys[0].number(ofInterval: $0) }
        }
        var intervals: [Int64] = []
        for key in keys {
            guard let interval = key.interval(of: zone(key.key.column)) else { return nil }
            intervals.append(interval)
        }
        var group: UInt32 = 0
        for (place, interval) in intervals.enumerated() {
            group = combine(group, keys[place].number(ofInterval: interval), at: place)
        }
        return group
    }

    /// The groups of the rows of a vector that were asked for.
    enum Groups {
        /// They have all this one.
        case one(UInt32)
        /// Neighbours share them.
        case runs([KeyReader.Run])
        /// Those in ``Grouping/groups``.
        case each
    }

    /// The groups of the rows of the vector that `mask` takes.
    func read(_ vector: Int, count: Int, mask: UnsafePointer<UInt8>?) throws(StoreError) -> Groups {
        if keys.count == 1 {
            let cursor = try columns.cursor(keys[0].key.column, vector: vector)
            switch unsafe keys[0].read(cursor, mask: mask) {
            case .one(let number): return .one(number)
            case .runs: return .runs(keys[0].runs)
            case .each:
                unsafe groups.update(from: keys[0].numbers, count: count)
                return .each
            }
        }
        var common: UInt32? = 0
        for (place, key) in keys.enumerated() {
            let cursor = try columns.cursor(key.key.column, vector: vector)
            var numbers = unsafe key.read(cursor, mask: mask)
            if case .runs = numbers {
                key.spreadRuns()
                numbers = .each
            }
            switch (common, numbers) {
            case (_, .runs): break
            case (let group?, .one(let number)): common = combine(group, number, at: place)
            case (let group?, .each):
                common = nil
                unsafe combine(place, count, mask, group: { _ in group }, number: { unsafe key.numbers[$0] })
            case (nil, .one(let number)):
                unsafe combine(place, count, mask, group: { unsafe self.groups[$0] }, number: { _ in number })
            case (nil, .each):
                unsafe combine(
                    place, count, mask, group: { unsafe self.groups[$0] }, number: { unsafe key.numbers[$0] })
            }
        }
        return common.map { .one($0) } ?? .each
    }

    @inline(__always)
    private func combine(
        _ place: Int, _ count: Int, _ mask: UnsafePointer<UInt8>?, group: (Int) -> UInt32, number: (Int) -> UInt32
    ) {
        for row in 0..<count where unsafe mask.map({ unsafe $0[row] != 0 }) ?? true {
            unsafe groups[row] = combine(group(row), number(row), at: place)
        }
    }

    /// The group of a group by the keys before and a number of key `place`.
    @inline(__always)
    private func combine(_ group: UInt32, _ number: UInt32, at place: Int) -> UInt32 {
        if place == 0 { return number }
        return pairs[place - 1].number(of: UInt64(group) << 32 | UInt64(number))
    }

    /// The keys of one group of the block after the other.
    var parts: [GroupPart] {
        if keys.count <= 1 { return keys.first?.parts ?? [] }
        var parts: [GroupPart] = []
        parts.reserveCapacity(count * keys.count)
        for group in 0..<count {
            let first = parts.count
            var rest = group
            for place in stride(from: keys.count - 1, to: 0, by: -1) {
                let pair = pairs[place - 1].words[rest]
                parts.append(keys[place].parts[Int(UInt32(truncatingIfNeeded: pair))])
                rest = Int(pair >> 32)
            }
            parts.append(keys[0].parts[rest])
            parts[first...].reverse()
        }
        return parts
    }
}
