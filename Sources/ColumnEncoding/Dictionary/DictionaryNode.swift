internal import CDrumlinShims
import ColumnFormat

/// The distinct values once, and for each row the number of its value.
///
///     6, varint value count (1…count)
///     values   varint byte count, node of value count values of this node's shape, ascending by their bits
///     codes    the rest: node of count UInt32, each below the value count
///
/// Parsing decodes the values, O(values); a point read is that of a code.
@safe
final class DictionaryNode: FixedNode {
    let count: Int
    private let byteWidth: Int
    private let values: RawBuffer
    private let valuesName: String
    private let codes: DictionaryCodes

    init(_ reader: inout ByteReader, shape: FixedShape, count: Int, depth: Int) throws(FormatError) {
        self.count = count
        byteWidth = shape.byteWidth
        let valueCount = try reader.readCount(limit: count, of: "dictionary values")
        guard valueCount >= 1 else { throw FormatError(.invalid, "an empty dictionary", at: reader.offset) }
        let node = try NodeParser.fixedChild(&reader, shape: shape, count: valueCount, depth: depth)
        valuesName = node.name
        values = RawBuffer(byteCapacity: DictionaryCodes.tableCount(valueCount) * byteWidth)
        unsafe try node.decode(0..<valueCount, into: values.base)
        codes = DictionaryCodes(
            node: try NodeParser.lastFixedChild(&reader, shape: .count, count: count, depth: depth),
            valueCount: valueCount)
    }

    var name: String { "dictionary(\(codes.node.name), values: \(valuesName))" }

    func decode(_ rows: Range<Int>, into destination: UnsafeMutableRawPointer) throws(FormatError) {
        switch byteWidth {
        case 1: unsafe try decode(rows, destination, as: UInt8.self)
        case 2: unsafe try decode(rows, destination, as: UInt16.self)
        case 4: unsafe try decode(rows, destination, as: UInt32.self)
        default: unsafe try decode(rows, destination, as: UInt64.self)
        }
    }

    private func decode<Word: WordType>(
        _ rows: Range<Int>, _ destination: UnsafeMutableRawPointer, as type: Word.Type
    ) throws(FormatError) {
        let scratch = UnsafeMutablePointer<UInt32>.allocate(capacity: PageLimits.vectorRowCount)
        defer { unsafe scratch.deallocate() }
        let table = unsafe values.base.assumingMemoryBound(to: Word.self)
        var target = unsafe destination.assumingMemoryBound(to: Word.self)
        var row = rows.lowerBound
        while row < rows.upperBound {
            // Up to the next boundary of a vector, so that every vector is unpacked once.
            let end = min(rows.upperBound, (row / PageLimits.vectorRowCount + 1) * PageLimits.vectorRowCount)
            unsafe try codes.decode(row..<end, into: scratch)
            for i in 0..<end &- row { unsafe target[i] = table[Int(truncatingIfNeeded: scratch[i])] }
            unsafe target += end &- row
            row = end
        }
    }

    func decode(vector: Int, into destination: UnsafeMutableRawPointer, scratch: VectorScratch) throws(FormatError) {
        let rows = rows(ofVector: vector)
        let count = UInt32(rows.count)
        let table = unsafe values.base
        unsafe try scratch.withRoom { (room) throws(FormatError) in
            let codes = unsafe room.assumingMemoryBound(to: UInt32.self)
            unsafe try self.codes.decode(rows, into: codes)
            switch byteWidth {
            case 1: unsafe drumlin_gather_u8(codes, count, table, destination)
            case 2: unsafe drumlin_gather_u16(codes, count, table, destination)
            case 4: unsafe drumlin_gather_u32(codes, count, table, destination)
            default: unsafe drumlin_gather_u64(codes, count, table, destination)
            }
        }
    }

    func load(vector: Int, into buffer: VectorBuffer) throws(FormatError) -> VectorForm {
        try codes.load(vector: vector, into: buffer)
        return .codes(VectorDictionary(values: values, count: codes.tableCount))
    }

    func gather(
        _ places: FewRows, byteWidth: Int, into destination: UnsafeMutableRawPointer, scratch: VectorScratch
    ) throws(FormatError) {
        unsafe try scratch.withRoom { (room) throws(FormatError) in
            let found = unsafe room.assumingMemoryBound(to: UInt32.self)
            unsafe try codes.gather(places, into: found, scratch: scratch)
            unsafe FewRows.pick(found, places.count, from: values.base, byteWidth: byteWidth, into: destination)
        }
    }

    func load(_ row: Int, into destination: UnsafeMutableRawPointer) throws(FormatError) {
        let code = try codes.code(at: row)
        unsafe destination.copyMemory(from: values.base + code * byteWidth, byteCount: byteWidth)
    }
}
