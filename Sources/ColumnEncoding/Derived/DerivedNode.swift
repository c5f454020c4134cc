import ColumnFormat

/// Values that follow from other columns of the same block.
///
///     48
///     relation   see ``Relation``: the source columns, a form and its parameters
///     patches    see ``Patches``: the rows that the relation does not give bit for bit
///     residual   the rest, where the form stores something for each row: node of count of it; else nothing
///
/// Only the values of a page are derived, never a child, and only from columns that are not derived themselves.
@safe
final class DerivedNode: FixedNode {
    let count: Int
    let shape: FixedShape
    private let relation: Relation
    let evaluator: RelationEvaluator
    let sources: [SiblingPage]
    private let patches: Patches
    let residual: (any FixedNode)?

    /// `sources` are the pages of the columns that ``PageReader/references(of:type:)`` names, in its order.
    init(_ reader: inout ByteReader, shape: FixedShape, count: Int, sources: [SiblingPage]) throws(FormatError) {
        guard shape.isWord || shape.kind == .bit else {
            throw FormatError(.invalid, "\(shape.kind) values are not derived", at: reader.offset)
        }
        self.count = count
        self.shape = shape
        self.sources = sources
        let start = reader.offset
        var sourceShapes: [FixedShape] = []
        for source in sources {
            guard let shape = source.page.shape, shape.isWord || shape.kind == .bit, !source.page.isDerived,
                source.page.rowCount == count
            else { throw FormatError(.invalid, "values derived from column '\(source.name)'", at: start) }
            sourceShapes.append(shape)
        }
        relation = try Relation(&reader, shape: shape, sourceShapes: sourceShapes, depth: 0)
        evaluator = RelationEvaluator(relation, target: shape, sources: sourceShapes)
        patches = try Patches(&reader, byteWidth: shape.byteWidth, count: count)
        if let residualShape = relation.form.residualShape {
            residual = try NodeParser.lastFixedChild(&reader, shape: residualShape, count: count, depth: 0)
        } else {
            residual = nil
            try NodeParser.expectEnd(reader)
        }
    }

    var name: String {
        relation.words(names: sources.map(\.name), residual: residual?.name, hasPatches: !patches.rows.isEmpty)
    }

    var codec: String {
        "derived: "
            + relation.words(names: sources.map(\.name), residual: residual.map { _ in "residual" }, hasPatches: false)
    }

    func decode(_ rows: Range<Int>, into destination: UnsafeMutableRawPointer) throws(FormatError) {
        let scratch = VectorScratch()
        var row = rows.lowerBound
        while row < rows.upperBound {
            let end = min(rows.upperBound, (row / PageLimits.vectorRowCount + 1) * PageLimits.vectorRowCount)
            let target = unsafe destination + (row - rows.lowerBound) * shape.byteWidth
            let vector = row / PageLimits.vectorRowCount
            if row..<end == self.rows(ofVector: vector) {
                unsafe try decode(vector: vector, into: target, scratch: scratch)
            } else {
                unsafe try decode(piece: row..<end, into: target, scratch: scratch)
            }
            row = end
        }
    }

    func decode(vector: Int, into destination: UnsafeMutableRawPointer, scratch: VectorScratch) throws(FormatError) {
        switch relation.form {
        case .sum(let sum): unsafe try add(sum, vector, into: destination, scratch: scratch)
        case .ratio(let ratio) where sources[0].page.validity == nil:
            unsafe try divide(ratio, vector, into: destination, scratch: scratch)
        default: return unsafe try decode(piece: rows(ofVector: vector), into: destination, scratch: scratch)
        }
        unsafe patches.apply(toVector: vector, in: destination)
    }

    func gather(
        _ places: FewRows, byteWidth: Int, into destination: UnsafeMutableRawPointer, scratch: VectorScratch
    ) throws(FormatError) {
        let values = unsafe scratch.take().assumingMemoryBound(to: UnsafeRawPointer.self)
        let own = unsafe scratch.take()
        var taken = 2
        defer { scratch.giveBack(taken) }
        for (i, source) in sources.enumerated() {
            let room = unsafe scratch.take()
            taken += 1
            unsafe values[i] = UnsafeRawPointer(room)
            unsafe try source.page.gatherValues(places, into: room, scratch: scratch)
        }
        if let residual, let width = relation.form.residualShape?.byteWidth {
            unsafe try residual.gather(places, byteWidth: width, into: own, scratch: scratch)
        }
        unsafe evaluator.evaluate(
            values, residual: residual == nil ? nil : UnsafeRawPointer(own), count: places.count, into: destination,
            scratch: scratch)
        unsafe patches.apply(to: places, in: destination)
    }

    /// Steps are codes of their values, where the vector has no exception.
    func load(vector: Int, into buffer: VectorBuffer) throws(FormatError) -> VectorForm {
        if case .steps = relation.form, shape.isWord, patches.indices(ofVector: vector).isEmpty {
            let rows = rows(ofVector: vector)
            let room = unsafe buffer.scratch.take()
            defer { buffer.scratch.giveBack(1) }
            unsafe try sources[0].page.decodeValues(rows, into: room, scratch: buffer.scratch)
            let table = unsafe evaluator.steps(of: room, rows.count, to: buffer.narrow, scratch: buffer.scratch)
            if let table { return .codes(VectorDictionary(values: table.values, count: table.count)) }
        }
        unsafe try decode(vector: vector, into: buffer.words, scratch: buffer.scratch)
        return .words
    }

    /// Rows of one vector.
    private func decode(
        piece: Range<Int>, into destination: UnsafeMutableRawPointer, scratch: VectorScratch
    ) throws(FormatError) {
        var values: [UnsafeRawPointer] = unsafe []
        unsafe values.reserveCapacity(sources.count)
        defer { scratch.giveBack(unsafe values.count) }
        for source in sources {
            let room = unsafe scratch.take()
            unsafe values.append(UnsafeRawPointer(room))
            unsafe try source.page.decodeValues(piece, into: room, scratch: scratch)
        }
        let own = unsafe scratch.take()
        defer { scratch.giveBack(1) }
        if let residual { unsafe try residual.decode(piece: piece, into: own, scratch: scratch) }
        unsafe evaluator.evaluate(
            values, residual: residual == nil ? nil : UnsafeRawPointer(own), count: piece.count, into: destination,
            scratch: scratch)
        unsafe patches.apply(to: piece, in: destination)
    }

    func load(_ row: Int, into destination: UnsafeMutableRawPointer) throws(FormatError) {
        if unsafe patches.load(row, into: destination) { return }
        // A word for each source, for what is stored and for the result, each followed by what a kernel reads too much.
        let buffer = RawBuffer(byteCapacity: (sources.count + 2) * 64)
        var values: [UnsafeRawPointer] = unsafe []
        for (i, source) in sources.enumerated() {
            let room = unsafe buffer.base + i * 64
            unsafe values.append(UnsafeRawPointer(room))
            guard case .fixed(let node) = source.page.values, try !source.page.isNull(at: row) else { continue }
            unsafe try node.load(row, into: room)
        }
        let own = unsafe buffer.base + sources.count * 64
        if let residual { unsafe try residual.load(row, into: own) }
        unsafe evaluator.evaluate(
            values, residual: residual == nil ? nil : UnsafeRawPointer(own), count: 1, into: destination,
            scratch: VectorScratch(byteCount: 64))
        withExtendedLifetime(buffer) {}
    }
}

extension FixedNode {
    /// Rows of one vector, all or a part.
    fileprivate func decode(
        piece: Range<Int>, into destination: UnsafeMutableRawPointer, scratch: VectorScratch
    ) throws(FormatError) {
        let vector = piece.lowerBound / PageLimits.vectorRowCount
        if piece == rows(ofVector: vector) {
            unsafe try decode(vector: vector, into: destination, scratch: scratch)
        } else {
            unsafe try decode(piece, into: destination)
        }
    }
}

extension PageReader {
    /// Whether the values follow from other columns'.
    package var isDerived: Bool {
        if case .fixed(let node) = values { node is DerivedNode } else { false }
    }

    /// Writes the values of some rows of one vector to `destination`, zero where a row is null. Only for pages of fixed
    /// width.
    func decodeValues(
        _ piece: Range<Int>, into destination: UnsafeMutableRawPointer, scratch: VectorScratch
    ) throws(FormatError) {
        guard case .fixed(let node) = values, let shape else { return }
        unsafe try node.decode(piece: piece, into: destination, scratch: scratch)
        guard let validity else { return }
        let room = unsafe scratch.take()
        defer { scratch.giveBack(1) }
        unsafe try validity.decode(piece: piece, into: room, scratch: scratch)
        unsafe NullFilling.clear(
            destination, count: piece.count, byteWidth: shape.byteWidth,
            validity: UnsafePointer(room.assumingMemoryBound(to: UInt8.self)))
    }

    /// The same of a few rows.
    fileprivate func gatherValues(
        _ places: FewRows, into destination: UnsafeMutableRawPointer, scratch: VectorScratch
    ) throws(FormatError) {
        guard case .fixed(let node) = values, let shape else { return }
        unsafe try node.gather(places, byteWidth: shape.byteWidth, into: destination, scratch: scratch)
        guard let validity else { return }
        let room = unsafe scratch.take()
        defer { scratch.giveBack(1) }
        for vector in places.vectors {
            let found = places.range(ofVector: vector)
            if found.isEmpty { continue }
            unsafe try validity.decode(vector: vector, into: room, scratch: scratch)
            for i in found where unsafe room.load(fromByteOffset: Int(places.places[i]), as: UInt8.self) & 1 == 0 {
                unsafe (destination + i * shape.byteWidth).initializeMemory(
                    as: UInt8.self, repeating: 0, count: shape.byteWidth)
            }
        }
    }
}
