import ColumnFormat

/// Integers of which a few are far larger than the others of their vector: those are kept apart, so that the others need
/// fewer bits.
///
///     14
///     patches   see ``Patches``
///     values    the rest: node of count values of this node's shape; anything where patched
@safe
final class PatchedNode: FixedNode {
    let count: Int
    private let shape: FixedShape
    private let patches: Patches
    private let child: any FixedNode

    init(_ reader: inout ByteReader, shape: FixedShape, count: Int, depth: Int) throws(FormatError) {
        self.count = count
        self.shape = shape
        patches = try Patches(&reader, byteWidth: shape.byteWidth, count: count)
        child = try NodeParser.lastFixedChild(&reader, shape: shape, count: count, depth: depth)
    }

    var name: String { "patched(\(child.name))" }

    func decode(_ rows: Range<Int>, into destination: UnsafeMutableRawPointer) throws(FormatError) {
        unsafe try child.decode(rows, into: destination)
        unsafe patches.apply(to: rows, in: destination)
    }

    func decode(vector: Int, into destination: UnsafeMutableRawPointer, scratch: VectorScratch) throws(FormatError) {
        unsafe try child.decode(vector: vector, into: destination, scratch: scratch)
        unsafe patches.apply(toVector: vector, in: destination)
    }

    func load(vector: Int, into buffer: VectorBuffer) throws(FormatError) -> VectorForm {
        let form = try child.load(vector: vector, into: buffer)
        let indices = patches.indices(ofVector: vector)
        if indices.isEmpty { return form }
        if case .frame(let frame) = form, let wider = patch(frame, indices, ofVector: vector, in: buffer) {
            return .frame(wider)
        }
        buffer.expand(form, byteWidth: shape.byteWidth, count: rows(ofVector: vector).count)
        unsafe patches.apply(toVector: vector, in: buffer.words)
        return .words
    }

    /// Puts the patches into the frame; nil where one of them has no place in it, and then some may be there already.
    private func patch(
        _ frame: VectorFrame, _ indices: Range<Int>, ofVector vector: Int, in buffer: VectorBuffer
    ) -> VectorFrame? {
        guard frame.factor == 1, !frame.isReal else { return nil }
        var highest = frame.highest
        let base = frame.base
        let unused = Int64(64 - shape.bitWidth)
        let isSigned = shape.kind == .signed
        let narrow = unsafe buffer.narrow
        let fits = patches.all(indices, ofVector: vector) { place, bits in
            let raised = Int64(bitPattern: bits) &<< unused
            // Unsigned words beyond the signed ones are below no base that a frame has.
            if !isSigned, unused == 0, raised < 0 { return false }
            let value = isSigned ? raised &>> unused : Int64(bitPattern: bits)
            let (distance, overflow) = value.subtractingReportingOverflow(base)
            guard !overflow, let word = UInt32(exactly: distance) else { return false }
            unsafe narrow[place] = word
            highest = max(highest, word)
            return true
        }
        guard fits else { return nil }
        var wider = frame
        wider.highest = highest
        return wider
    }

    func load(_ row: Int, into destination: UnsafeMutableRawPointer) throws(FormatError) {
        if unsafe !patches.load(row, into: destination) { unsafe try child.load(row, into: destination) }
    }

    func gather(
        _ places: FewRows, byteWidth: Int, into destination: UnsafeMutableRawPointer, scratch: VectorScratch
    ) throws(FormatError) {
        unsafe try child.gather(places, byteWidth: byteWidth, into: destination, scratch: scratch)
        unsafe patches.apply(to: places, in: destination)
    }

    func mark(_ range: SoughtRange, into bits: UnsafeMutablePointer<UInt32>) -> Bool {
        guard case .integers(let sought) = range, unsafe child.mark(range, into: bits) else { return false }
        unsafe patches.mark(sought, shape: shape, into: bits)
        return true
    }

    func prefetch(_ row: Int) { child.prefetch(row) }
}
