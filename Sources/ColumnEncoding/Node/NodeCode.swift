/// The first byte of every node: which codec the rest is for. Codes are never reused.
enum NodeCode: UInt8 {
    case plain = 1
    case constant = 2
    case bitPacked = 3
    case delta = 4
    case runLength = 5
    case dictionary = 6
    case decimal = 7
    case narrowed = 8
    case bitmap = 9
    case text = 10
    case alphabet = 11
    case stored = 12
    case lz4 = 13
    case patched = 14
    case scaled = 15
    case huffman = 16
    case ascending = 17
    case printed = 18
    case sparse = 19
    case split = 20
    case sequence = 21
    case differences = 22
    case components = 23
    // Text has the codes from 32 on.
    case fsst = 32
    case patchedText = 33
    case cased = 34
    /// Only the values of a page, see ``DerivedNode``.
    case derived = 48
}
