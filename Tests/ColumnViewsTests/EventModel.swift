import ColumnFormat

@testable import ColumnViews

/// An event as a plain list, and sums over such lists: the slow truth that panes are compared with.
struct ModelEvent: Equatable {
    var time: Int64
    var changes: [[Int64]]  // pairs of cell and delta

    static func random(at time: Int64, cells: Int, _ generator: inout Generator) -> ModelEvent {
        var changes: [[Int64]] = [[0, 1]]
        if Bool.random(using: &generator) { changes.append([1, 1]) }
        for _ in 0..<Int.random(in: 1...6, using: &generator) {
            let cell = Int64.random(in: 2..<Int64(cells), using: &generator)
            let isHuge = Int.random(in: 0..<50, using: &generator) == 0
            let delta =
                isHuge ? Int64.random(in: .min ... .max, using: &generator) : .random(in: -9...9, using: &generator)
            changes.append([cell, delta])
        }
        return ModelEvent(time: time, changes: changes)
    }

    func write(to list: inout CellChanges) {
        list.removeAll()
        for change in changes { list.add(change[1], to: Int(change[0])) }
    }

    static func sum(_ events: some Sequence<ModelEvent>, cells: Int) -> [Int64] {
        var sums = [Int64](repeating: 0, count: cells)
        for event in events { for change in event.changes { sums[Int(change[0])] &+= change[1] } }
        return sums
    }
}

extension Array where Element == Int64 {
    /// Zeros behind, or cut off: buffers are as long as the greatest cell seen.
    func padded(to count: Int) -> [Int64] {
        Array(prefix(count)) + Array(repeating: 0, count: Swift.max(0, count - self.count))
    }
}

extension WindowedView {
    func add(_ event: ModelEvent, isRemoval: Bool = false) throws {
        var list = CellChanges()
        event.write(to: &list)
        if isRemoval { list.negate() }
        try apply(list, at: event.time)
    }

    func mergedCells(_ interval: WindowInterval, count: Int) throws -> [Int64] {
        var buffer: [Int64] = []
        try cells(of: interval, into: &buffer, count: count)
        return buffer
    }

    static func decode(_ bytes: [UInt8], byteLimit: Int = PaneStore.defaultByteLimit) throws -> WindowedView {
        try unsafe bytes.withUnsafeBytes { try unsafe WindowedView(decoding: $0, byteLimit: byteLimit) }
    }
}
