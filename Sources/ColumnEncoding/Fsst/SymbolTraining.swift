/// Learns a table of symbols from a sample, in rounds: the sample is encoded with the table so far, symbols and pairs of
/// neighbours are counted, and those that cover the most bytes make the next table.
struct SymbolTraining {
    private static let roundCount = 5
    /// Numbers 0…255 are bytes without a symbol, 256 and above are symbols.
    private static let numberCount = 512

    private var counts = [Int](repeating: 0, count: numberCount)
    private var pairCounts = [UInt16](repeating: 0, count: numberCount * numberCount)
    /// The pairs that were counted.
    private var pairs: [Int] = []

    static func table(for sample: SymbolSample) -> SymbolTable {
        var training = SymbolTraining()
        var table = SymbolTable([])
        for round in 0..<roundCount {
            training.count(sample, with: table, part: round + 1)
            table = training.nextTable(table)
        }
        return table
    }

    /// What `sample` takes when encoded, but for lengths; the table included.
    static func codeByteCount(of sample: SymbolSample, with table: SymbolTable) -> Int {
        let matcher = SymbolMatcher(table)
        var total = 0
        for piece in sample.pieces {
            var position = piece.lowerBound
            while position < piece.upperBound {
                let code = matcher.code(of: sample.word(at: position), remaining: piece.upperBound - position)
                total += code == SymbolMatcher.none ? 2 : 1
                position += code == SymbolMatcher.none ? 1 : matcher.length(of: code)
            }
        }
        return total
    }

    /// Encodes `part` fifths of the pieces: the first tables are rough anyway.
    private mutating func count(_ sample: SymbolSample, with table: SymbolTable, part: Int) {
        let matcher = SymbolMatcher(table)
        for (index, piece) in sample.pieces.enumerated() where index % Self.roundCount < part {
            var previous = -1
            var position = piece.lowerBound
            while position < piece.upperBound {
                let word = sample.word(at: position)
                let byte = Int(word & 0xFF)
                let code = matcher.code(of: word, remaining: piece.upperBound &- position)
                let isSymbol = code != SymbolMatcher.none
                let number = isSymbol ? 256 &+ Int(code) : byte
                let length = isSymbol ? matcher.length(of: code) : 1
                counts[number] &+= 1
                // The first byte alone, too: a symbol may grow by one.
                if length > 1 { counts[byte] &+= 1 }
                if previous >= 0 {
                    add(previous, number)
                    if length > 1 { add(previous, byte) }
                }
                previous = number
                position &+= length
            }
        }
    }

    @inline(__always)
    private mutating func add(_ first: Int, _ second: Int) {
        let pair = first &* Self.numberCount &+ second
        if pairCounts[pair] == 0 { pairs.append(pair) }
        if pairCounts[pair] < .max { pairCounts[pair] &+= 1 }
    }

    private struct Candidate {
        let symbol: SymbolTable.Symbol
        var gain: Int

        /// The greater gain first; a total order, so that equal samples give equal tables.
        static func comesFirst(_ left: Candidate, _ right: Candidate) -> Bool {
            if left.gain != right.gain { return left.gain > right.gain }
            if left.symbol.length != right.symbol.length { return left.symbol.length > right.symbol.length }
            return left.symbol.word < right.symbol.word
        }

        static func isOrdered(_ left: Candidate, _ right: Candidate) -> Bool {
            if left.symbol.word != right.symbol.word { return left.symbol.word < right.symbol.word }
            return left.symbol.length < right.symbol.length
        }
    }

    /// The symbols of most gain. Forgets the counts.
    private mutating func nextTable(_ table: SymbolTable) -> SymbolTable {
        func symbol(_ number: Int) -> SymbolTable.Symbol {
            number < 256
                ? SymbolTable.Symbol(word: UInt64(number), length: 1) : table.symbols[number - 256]
        }
        var candidates: [Candidate] = []
        for number in 0..<256 + table.symbols.count where counts[number] > 0 {
            let symbol = symbol(number)
            // A byte without a symbol costs two: those that occur are worth far more than they cover.
            candidates.append(
                Candidate(symbol: symbol, gain: counts[number] * symbol.length * (symbol.length == 1 ? 8 : 1)))
        }
        for pair in pairs {
            let count = Int(pairCounts[pair])
            // What hardly ever occurs in the sample is chance.
            if count >= 3, let joined = symbol(pair / Self.numberCount).followed(by: symbol(pair % Self.numberCount)) {
                candidates.append(Candidate(symbol: joined, gain: count * joined.length))
            }
            pairCounts[pair] = 0
        }
        pairs.removeAll(keepingCapacity: true)
        for number in counts.indices { counts[number] = 0 }
        candidates = Self.merged(candidates)
        candidates.sort(by: Candidate.comesFirst)
        return SymbolTable(candidates.prefix(SymbolTable.maximumCount).map(\.symbol))
    }

    /// Each symbol once: different pairs make the same one.
    private static func merged(_ candidates: [Candidate]) -> [Candidate] {
        var result: [Candidate] = []
        for candidate in candidates.sorted(by: Candidate.isOrdered) {
            if let last = result.last, last.symbol == candidate.symbol {
                result[result.count - 1].gain += candidate.gain
            } else {
                result.append(candidate)
            }
        }
        return result
    }
}
