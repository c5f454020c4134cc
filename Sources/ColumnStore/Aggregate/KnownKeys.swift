internal import ColumnFormat

/// The values of one group key that occurred in a block so far, numbered as they came.
struct KnownKeys {
    private let key: AggregatePlan.Key
    /// The values by their numbers.
    private(set) var parts: [GroupPart] = []
    private var words = WordTable()
    private var numberOfWord: [UInt32] = []
    private var texts: [[UInt8]: UInt32] = [:]
    private var nullNumber: UInt32?

    init(_ key: AggregatePlan.Key) { self.key = key }

    mutating func removeAll() {
        parts.removeAll(keepingCapacity: true)
        words.removeAll()
        numberOfWord.removeAll(keepingCapacity: true)
        texts.removeAll(keepingCapacity: true)
        nullNumber = nil
    }

    /// The number of a value's bits, or of an interval.
    mutating func number(ofWord word: UInt64) -> UInt32 {
        let place = Int(words.number(of: word))
        if place == numberOfWord.count {
            numberOfWord.append(UInt32(parts.count))
            parts.append(part(word))
        }
        return numberOfWord[place]
    }

    private func part(_ word: UInt64) -> GroupPart {
        guard let interval = key.interval else { return GroupPart(bits: word, type: key.type) }
        // The interval that the earliest time lies in may begin before all times.
        let (start, overflow) = Int64(bitPattern: word).multipliedReportingOverflow(by: interval)
        let begin = overflow ? Int64.min : start
        return .word(order: begin, bits: UInt64(bitPattern: begin))
    }

    mutating func number(ofBytes bytes: UnsafeRawBufferPointer) -> UInt32 {
        let text = unsafe Array(bytes)
        if let known = texts[text] { return known }
        let number = UInt32(parts.count)
        texts[text] = number
        parts.append(.bytes(text))
        return number
    }

    mutating func numberOfNull() -> UInt32 {
        if let nullNumber { return nullNumber }
        let number = UInt32(parts.count)
        parts.append(.null)
        nullNumber = number
        return number
    }
}
