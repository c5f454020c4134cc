package import ColumnFormat
import ColumnStore

/// Rows that are appended five at a time, so that whoever reads them can tell whether it sees whole calls in their order.
/// Every seventh call may be erased.
package enum WholeCalls {
    package static let schema = Schema(
        [ColumnDefinition("id", .string, isNullable: false), ColumnDefinition("call", .int64)], indexed: ["id"])
    package static let rowsOfCall = 5

    package static func rows(_ call: Int) -> [[String: Value]] {
        (0..<rowsOfCall).map { ["id": .string("\(call)-\($0)"), "call": .int(Int64(call))] }
    }

    package static func mayBeErased(_ call: Int) -> Bool { call % 7 == 3 }

    /// The calls whose rows these are. Throws ``Violation`` where they are not whole calls in their order, of which only
    /// those that may be erased may lack.
    package static func calls(_ rows: [[String: Value]]) throws -> [Int] {
        var calls: [Int] = []
        var place = 0
        while place < rows.count {
            guard case .int(let number)? = rows[place]["call"] else { throw Violation("row \(place) has no call") }
            let call = Int(number)
            if let last = calls.last, call <= last || (last + 1..<call).contains(where: { !mayBeErased($0) }) {
                throw Violation("call \(call) follows call \(last)")
            }
            guard place + rowsOfCall <= rows.count, Array(rows[place..<place + rowsOfCall]) == Self.rows(call) else {
                throw Violation("call \(call) is there in part")
            }
            calls.append(call)
            place += rowsOfCall
        }
        return calls
    }
}

/// What one reader sees, look after look: nothing that was there may go, but by erasure and retention, and nothing that
/// went may come back.
package struct MonotoneLooks {
    private var last = -1
    private var first = 0
    private var gone: Set<Int> = []
    package private(set) var count = 0

    package init() {}

    package mutating func look(at rows: [[String: Value]]) throws {
        let calls = try WholeCalls.calls(rows)
        count += 1
        guard let newFirst = calls.first, let newLast = calls.last else {
            guard last < 0 else { throw Violation("there is nothing any more, after call \(last)") }
            return
        }
        guard newLast >= last else { throw Violation("the last call is \(newLast), after it was \(last)") }
        guard newFirst >= first else { throw Violation("the first call is \(newFirst), after it was \(first)") }
        let there = Set(calls)
        if let back = gone.first(where: there.contains) { throw Violation("call \(back) was erased, and is back") }
        gone = gone.filter { $0 >= newFirst }.union((newFirst..<newLast).filter { !there.contains($0) })
        (first, last) = (newFirst, newLast)
    }
}
