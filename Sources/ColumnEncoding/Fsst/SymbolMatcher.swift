import ColumnFormat

/// Finds the longest symbol that a text goes on with.
struct SymbolMatcher {
    private let symbols: [SymbolTable.Symbol]
    /// The longest symbol of three or more bytes for each hash of the first three, as code + 1; 0 where there is none.
    private var heads: [UInt16]
    /// The next shorter symbol of the same hash.
    private var nexts: [UInt16]
    /// For the first two bytes the code of a symbol of two or of one; `none` where there is neither.
    private var shorts: [UInt16]
    /// For one byte the code of a symbol of one.
    private var singles: [UInt16]

    static let none: UInt16 = 256
    private static let hashBits: UInt64 = 12

    init(_ table: SymbolTable) {
        symbols = table.symbols
        heads = Array(repeating: 0, count: 1 << Int(Self.hashBits))
        nexts = Array(repeating: 0, count: symbols.count)
        shorts = Array(repeating: Self.none, count: 65_536)
        singles = Array(repeating: Self.none, count: 256)
        // Shorter ones first: a longer one then hides them, and heads its list.
        for length in 1...SymbolTable.maximumLength {
            for (code, symbol) in symbols.enumerated() where symbol.length == length { add(symbol, UInt16(code)) }
        }
    }

    private mutating func add(_ symbol: SymbolTable.Symbol, _ code: UInt16) {
        switch symbol.length {
        case 1:
            singles[Int(symbol.word)] = code
            for second in 0..<256 { shorts[Int(symbol.word) | second << 8] = code }
        case 2: shorts[Int(symbol.word)] = code
        default:
            let hash = Self.hash(symbol.word)
            nexts[Int(code)] = heads[hash]
            heads[hash] = code + 1
        }
    }

    @inline(__always)
    private static func hash(_ word: UInt64) -> Int {
        Int(truncatingIfNeeded: ((word &<< 40) &* 0x9E37_79B9_7F4A_7C15) &>> (64 &- hashBits))
    }

    /// The code of the longest symbol that the low `remaining` bytes of `word` begin with; ``none`` where there is none.
    @inline(__always)
    func code(of word: UInt64, remaining: Int) -> UInt16 {
        var candidate = heads[Self.hash(word)]
        while candidate != 0 {
            let symbol = symbols[Int(candidate) &- 1]
            let difference = (word ^ symbol.word) &<< UInt64(truncatingIfNeeded: 64 &- 8 &* symbol.length)
            if difference == 0, symbol.length <= remaining { return candidate &- 1 }
            candidate = nexts[Int(candidate) &- 1]
        }
        if remaining == 1 { return singles[Int(truncatingIfNeeded: word & 0xFF)] }
        return shorts[Int(truncatingIfNeeded: word & 0xFFFF)]
    }

    @inline(__always)
    func length(of code: UInt16) -> Int { symbols[Int(code)].length }

    /// Writes the codes of `text`, at most two bytes for each of its own, to `codes`; how many bytes those are. `text` has
    /// eight readable bytes behind its end.
    func encode(_ text: UnsafeRawPointer, count: Int, to codes: UnsafeMutablePointer<UInt8>) -> Int {
        var position = 0
        var written = 0
        while position < count {
            let word = unsafe UInt64(littleEndian: text.loadUnaligned(fromByteOffset: position, as: UInt64.self))
            let code = code(of: word, remaining: count &- position)
            if code == Self.none {
                unsafe codes[written] = SymbolTable.escape
                unsafe codes[written &+ 1] = UInt8(truncatingIfNeeded: word)
                written &+= 2
                position &+= 1
            } else {
                unsafe codes[written] = UInt8(truncatingIfNeeded: code)
                written &+= 1
                position &+= length(of: code)
            }
        }
        return written
    }
}
