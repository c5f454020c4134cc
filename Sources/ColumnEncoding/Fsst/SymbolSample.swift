import ColumnFormat

/// The pieces of text from which symbols are learnt, one after the other with room to read beyond the last: about 32 KiB
/// of the sampled rows, always the same ones.
@safe
struct SymbolSample {
    static let byteLimit = 32_768
    private static let pieceLimit = 1_024

    private let buffer: RawBuffer
    let pieces: [Range<Int>]

    init(_ input: TextInput) {
        var rows: [Int] = []
        var byteCount = 0
        for run in Sample.runs(of: input.count) {
            for row in run where input.length(at: row) > 0 {
                rows.append(row)
                byteCount += min(input.length(at: row), Self.pieceLimit)
            }
        }
        // Whole texts of some rows tell more than the beginnings of all.
        let step = max(1, byteCount / Self.byteLimit)
        buffer = RawBuffer(byteCapacity: min(byteCount, Self.byteLimit + Self.pieceLimit) + 8)
        var pieces: [Range<Int>] = []
        var position = 0
        for index in stride(from: 0, to: rows.count, by: step) where position < Self.byteLimit {
            let text = unsafe input.bytes(at: rows[index])
            let length = min(text.count, Self.pieceLimit)
            // Long texts by a piece from somewhere within.
            let start = (text.count - length) / 16 * (index % 17)
            unsafe (buffer.base + position).copyMemory(from: text.baseAddress! + start, byteCount: length)
            pieces.append(position..<position + length)
            position += length
        }
        self.pieces = pieces
    }

    var byteCount: Int { pieces.last?.upperBound ?? 0 }

    @inline(__always)
    func word(at position: Int) -> UInt64 {
        unsafe UInt64(littleEndian: buffer.base.loadUnaligned(fromByteOffset: position, as: UInt64.self))
    }
}
