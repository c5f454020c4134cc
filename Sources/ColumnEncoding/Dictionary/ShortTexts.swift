internal import CDrumlinShims
import ColumnFormat

/// The texts of a dictionary of few where none is longer than 16 bytes, each in 16 bytes of its own, so that one is written in one
/// step.
@safe
final class ShortTexts: Sendable {
    let longest: Int
    /// Entries of 16 bytes; then the length of each.
    private let table: RawBuffer
    private let count: Int

    /// What is made for each page stays below what a vector takes a few times over.
    private static let countLimit = 4_096

    /// Nil where one of the texts is longer, or there are many.
    init?(_ texts: ColumnSlice) {
        guard texts.count <= Self.countLimit else { return nil }
        var longest = 0
        for row in 0..<texts.count {
            unsafe longest = max(longest, texts.variableBytes(at: row).count)
        }
        guard longest <= TextDecoding.slack else { return nil }
        self.longest = longest
        count = texts.count
        table = RawBuffer(byteCapacity: texts.count * 17 + 64)
        let base = unsafe table.base.assumingMemoryBound(to: UInt8.self)
        unsafe base.update(repeating: 0, count: texts.count * 17)
        for row in 0..<texts.count {
            let text = unsafe texts.variableBytes(at: row)
            for place in 0..<text.count { unsafe base[row * 16 + place] = text[place] }
            unsafe base[texts.count * 16 + row] = UInt8(text.count)
        }
    }

    /// Writes the texts of up to 1,024 codes and the places where they end, and returns how many bytes they take; up to 16 more
    /// are written. Those that `validity` says are null are empty.
    func write(
        _ codes: UnsafePointer<UInt32>, _ rowCount: Int, _ validity: UnsafePointer<UInt8>?, start: Int,
        to target: UnsafeMutablePointer<UInt8>, ends: UnsafeMutablePointer<UInt32>
    ) -> Int {
        let base = unsafe UnsafePointer(table.base.assumingMemoryBound(to: UInt8.self))
        let first = UInt32(truncatingIfNeeded: start)
        return unsafe Int(
            drumlin_short_texts(
                codes, UInt32(rowCount), base, base + count * 16, validity, first, target, ends))
    }
}
