/// Which of the newest predictions have feedback: one bit a row, so that the first feedback of a prediction – nearly all
/// feedback – needs no look into the index of labels.
///
/// It knows the predictions that were logged since ``begin(at:)``, at most the newest ``rowLimit`` (8 MB); of all others it
/// says that they may have feedback.
final class LabeledRows {
    static let rowLimit = 1 << 26
    /// Rows below are not known. A multiple of 64.
    private var firstRow = UInt64.max
    private var words: [UInt64] = []

    /// Begins to keep count with the predictions from `row` on, none of which has feedback.
    func begin(at row: UInt64) {
        firstRow = (row + 63) & ~63
        words.removeAll()
    }

    func mayContain(_ row: UInt64) -> Bool {
        guard row >= firstRow else { return true }
        let word = Int((row - firstRow) >> 6)
        return word < words.count && words[word] & (1 << (row & 63)) != 0
    }

    func insert(_ row: UInt64) {
        guard row >= firstRow else { return }
        let word = Int((row - firstRow) >> 6)
        if word >= words.count { words.append(contentsOf: repeatElement(0, count: max(1_024, word + 1 - words.count))) }
        words[word] |= 1 << (row & 63)
        if words.count * 64 > Self.rowLimit { forgetOldest() }
    }

    private func forgetOldest() {
        let forgotten = words.count / 2
        words.removeFirst(forgotten)
        firstRow += UInt64(forgotten) * 64
    }
}
