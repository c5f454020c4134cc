/// Which rows the logs added, call by call, in their order.
///
/// In pieces, so that it grows without copying what it has: a log of a gigabyte has millions of calls.
package struct ReplayJournal: Sendable {
    private static let pieceShift = 16
    private static let pieceCount = 1 << pieceShift

    private var full: [[JournalEntry]] = []
    private var filling: [JournalEntry] = []

    package init() {}

    package var count: Int { full.count &<< Self.pieceShift &+ filling.count }
    package var isEmpty: Bool { count == 0 }

    /// Entry number `place`. O(1).
    package subscript(_ place: Int) -> JournalEntry {
        let piece = place &>> Self.pieceShift
        return piece < full.count
            ? full[piece][place & (Self.pieceCount &- 1)] : filling[place & (Self.pieceCount &- 1)]
    }

    mutating func append(_ entry: JournalEntry) {
        if filling.count == Self.pieceCount {
            full.append(filling)
            filling = []
            filling.reserveCapacity(Self.pieceCount)
        }
        filling.append(entry)
    }

    /// How many rows of a table are in it.
    package func rowCount(ofTable id: UInt32) -> UInt64 {
        var count: UInt64 = 0
        for place in 0..<self.count where self[place].tableID == id { count += UInt64(self[place].rowCount) }
        return count
    }
}
