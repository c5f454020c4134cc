internal import CDrumlinShims
import ColumnFormat

/// Integers that are all a multiple of one factor away from each other: times in whole seconds, amounts in quarters.
///
///     15
///     offset   W bytes                      W = bytes of a value
///     factor   W bytes
///     values   the rest: node of count signed integers of W bytes
///
/// A value is offset + factor · child, modulo 2^(8·W).
@safe
final class ScaledNode: FixedNode {
    let count: Int
    private let shape: FixedShape
    private let byteWidth: Int
    private let offset: UInt64
    private let factor: UInt64
    private let child: any FixedNode

    init(_ reader: inout ByteReader, shape: FixedShape, count: Int, depth: Int) throws(FormatError) {
        self.count = count
        self.shape = shape
        byteWidth = shape.byteWidth
        if byteWidth == 4 {
            offset = UInt64(try reader.read(UInt32.self))
            factor = UInt64(try reader.read(UInt32.self))
        } else {
            offset = try reader.read(UInt64.self)
            factor = try reader.read(UInt64.self)
        }
        child = try NodeParser.lastFixedChild(
            &reader, shape: FixedShape(kind: .signed, byteWidth: byteWidth), count: count, depth: depth)
    }

    var name: String { "scaled(\(child.name))" }

    func decode(_ rows: Range<Int>, into destination: UnsafeMutableRawPointer) throws(FormatError) {
        unsafe try child.decode(rows, into: destination)
        unsafe scale(destination, rows.count)
    }

    func load(_ row: Int, into destination: UnsafeMutableRawPointer) throws(FormatError) {
        unsafe try child.load(row, into: destination)
        unsafe scale(destination, 1)
    }

    func decode(vector: Int, into destination: UnsafeMutableRawPointer, scratch: VectorScratch) throws(FormatError) {
        unsafe try child.decode(vector: vector, into: destination, scratch: scratch)
        unsafe scale(destination, rows(ofVector: vector).count)
    }

    func load(vector: Int, into buffer: VectorBuffer) throws(FormatError) -> VectorForm {
        let count = rows(ofVector: vector).count
        let form = try child.load(vector: vector, into: buffer)
        switch form {
        case .frame(let frame):
            if let scaled = scaled(frame) { return .frame(scaled) }
        case .constant:
            unsafe scale(buffer.words, 1)
            return .constant
        case .words, .codes: break
        }
        buffer.expand(form, byteWidth: byteWidth, count: count)
        unsafe scale(buffer.words, count)
        return .words
    }

    func gather(
        _ places: FewRows, byteWidth: Int, into destination: UnsafeMutableRawPointer, scratch: VectorScratch
    ) throws(FormatError) {
        unsafe try child.gather(places, byteWidth: byteWidth, into: destination, scratch: scratch)
        unsafe scale(destination, places.count)
    }

    func bounds(ofVector vector: Int) -> (low: Int64, high: Int64)? {
        guard byteWidth == 8, let bounds = child.bounds(ofVector: vector) else { return nil }
        let (factor, offset) = (Int64(bitPattern: factor), Int64(bitPattern: offset))
        let low = bounds.low.multipliedReportingOverflow(by: factor)
        let high = bounds.high.multipliedReportingOverflow(by: factor)
        guard factor > 0, !low.overflow, !high.overflow else { return nil }
        let first = low.partialValue.addingReportingOverflow(offset)
        let last = high.partialValue.addingReportingOverflow(offset)
        return first.overflow || last.overflow ? nil : (first.partialValue, last.partialValue)
    }

    /// The frame of the scaled values; nil where any of them wraps.
    private func scaled(_ frame: VectorFrame) -> VectorFrame? {
        guard !frame.isReal, let factor = Int64(exactly: shape.integer(self.factor)) else { return nil }
        let first = shape.integer(offset) + Int128(factor) * Int128(frame.base)
        let (product, overflow) = factor.multipliedReportingOverflow(by: frame.factor)
        let bounds = shape.bounds
        guard !overflow, first >= bounds.lowerBound, let base = Int64(exactly: first) else { return nil }
        let limit = Int64(truncatingIfNeeded: min(bounds.upperBound, Int128(Int64.max)))
        return VectorFrame(base: base, factor: product, highest: frame.highest, limit: limit)
    }

    private func scale(_ values: UnsafeMutableRawPointer, _ count: Int) {
        if byteWidth == 4 {
            unsafe drumlin_scale_u32(
                values, UInt32(count), UInt32(truncatingIfNeeded: offset), UInt32(truncatingIfNeeded: factor))
        } else {
            unsafe drumlin_scale_u64(values, UInt32(count), offset, factor)
        }
    }
}
