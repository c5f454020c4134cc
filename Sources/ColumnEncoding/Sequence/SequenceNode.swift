import ColumnFormat

/// Words that grow by the same step from row to row, exactly or nearly: counters, row numbers, regular times.
///
///     21
///     first      W bytes                     W = bytes of a value
///     step       W bytes
///     residuals  the rest: node of count signed words of W bytes
///
/// value i = first + i · step + residual i, modulo 2^(8·W). Where the step is exact the residuals are a constant, so that
/// the node has a few bytes whatever its count.
@safe
final class SequenceNode: FixedNode {
    let count: Int
    private let byteWidth: Int
    private let first: UInt64
    private let step: UInt64
    private let residuals: any FixedNode

    init(_ reader: inout ByteReader, shape: FixedShape, count: Int, depth: Int) throws(FormatError) {
        self.count = count
        byteWidth = shape.byteWidth
        first = try reader.readWord(byteWidth: byteWidth)
        step = try reader.readWord(byteWidth: byteWidth)
        residuals = try NodeParser.lastFixedChild(
            &reader, shape: FixedShape(kind: .signed, byteWidth: byteWidth), count: count, depth: depth)
    }

    var name: String { "sequence(\(residuals.name))" }

    func decode(_ rows: Range<Int>, into destination: UnsafeMutableRawPointer) throws(FormatError) {
        unsafe try residuals.decode(rows, into: destination)
        unsafe addSteps(rows, destination)
    }

    func decode(vector: Int, into destination: UnsafeMutableRawPointer, scratch: VectorScratch) throws(FormatError) {
        unsafe try residuals.decode(vector: vector, into: destination, scratch: scratch)
        unsafe addSteps(rows(ofVector: vector), destination)
    }

    private func addSteps(_ rows: Range<Int>, _ destination: UnsafeMutableRawPointer) {
        switch byteWidth {
        case 1: unsafe addSteps(rows, destination, as: UInt8.self)
        case 2: unsafe addSteps(rows, destination, as: UInt16.self)
        case 4: unsafe addSteps(rows, destination, as: UInt32.self)
        default: unsafe addSteps(rows, destination, as: UInt64.self)
        }
    }

    private func addSteps<Word: WordType>(
        _ rows: Range<Int>, _ destination: UnsafeMutableRawPointer, as type: Word.Type
    ) {
        let values = unsafe destination.assumingMemoryBound(to: type)
        let step = Word(truncatingIfNeeded: step)
        let start = Word(truncatingIfNeeded: first) &+ Word(truncatingIfNeeded: rows.lowerBound) &* step
        for i in 0..<rows.count { unsafe values[i] &+= start &+ Word(truncatingIfNeeded: i) &* step }
    }

    func load(_ row: Int, into destination: UnsafeMutableRawPointer) throws(FormatError) {
        let value = try residuals.word(at: row) &+ first &+ UInt64(row) &* step
        unsafe destination.store(word: value, byteWidth: byteWidth)
    }
}
