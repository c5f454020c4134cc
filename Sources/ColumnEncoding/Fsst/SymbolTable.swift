/// Up to 255 pieces of text, of one to eight bytes each, that stand for a byte: the codes 0…254. Code 255, the escape, stands
/// for the byte behind it.
///
/// The idea is that of FSST (P. Boncz, T. Neumann, V. Leis: "FSST: Fast Random Access String Compression", PVLDB 13,
/// 2020): a table of symbols that does not change while it is used, so that each text is read without the others.
struct SymbolTable: Sendable {
    static let maximumCount = 255
    static let maximumLength = 8
    static let escape: UInt8 = 255

    struct Symbol: Equatable, Sendable {
        /// The bytes, the first in the lowest place; zeros behind them.
        let word: UInt64
        let length: Int

        init(word: UInt64, length: Int) {
            self.word = word
            self.length = length
        }

        /// Both one after the other; nil where that is too long.
        func followed(by next: Symbol) -> Symbol? {
            guard length + next.length <= SymbolTable.maximumLength else { return nil }
            return Symbol(word: word | next.word << UInt64(8 * length), length: length + next.length)
        }
    }

    private(set) var symbols: [Symbol] = []

    init(_ symbols: [Symbol]) { self.symbols = symbols }

    /// What the codes stand for, for decoders: eight bytes each, of which `lengths` count. A code without a symbol, and the
    /// escape, stand for nothing.
    var words: [UInt64] {
        symbols.map(\.word) + [UInt64](repeating: 0, count: 256 - symbols.count)
    }

    var lengths: [UInt8] {
        symbols.map { UInt8($0.length) } + [UInt8](repeating: 0, count: 256 - symbols.count)
    }
}
