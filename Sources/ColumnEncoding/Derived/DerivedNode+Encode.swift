import ColumnFormat

extension DerivedNode {
    /// The values of `target` as `relation` to other columns of the block, nil where more than an eighth of the rows do not
    /// follow it. Every row is computed as a reader will compute it. O(rows), about 2 to 10 ns each.
    static func encode(
        _ target: ColumnSlice, as relation: Relation, columns: [ColumnSlice], names: [String], options: EncodingOptions
    ) -> EncodedNode? {
        guard let shape = target.type.fixedShape else { return nil }
        var fit = RelationFit(relation, target: target, shape: shape, sources: relation.sources.map { columns[$0] })
        guard fit.run(patchLimit: target.count / 8) else { return nil }
        var writer = ByteWriter(reservingCapacity: 64 + fit.patches.count * (2 + shape.byteWidth))
        writer.append(code: .derived)
        relation.write(to: &writer, shape: shape, depth: 0, options: options)
        let input = unsafe FixedInput(
            base: UnsafeRawPointer(target.pointer(as: UInt8.self)), count: target.count, shape: shape)
        Patches.encode(fit.patches, of: input, to: &writer)
        let residual = fit.residual.map { stored in
            withExtendedLifetime(stored.owner) { FixedEncoder.encode(stored, depth: 1, options: options) }
        }
        if let residual { writer.append(bytes: residual.bytes) }
        let name = relation.words(
            names: relation.sources.map { names[$0] }, residual: residual?.name, hasPatches: !fit.patches.isEmpty)
        return EncodedNode(bytes: writer.bytes, name: name)
    }
}

/// A relation held against all rows of its columns: what each row has to store of its own, and the rows that do not follow.
@safe
struct RelationFit {
    private let relation: Relation
    private let target: ColumnSlice
    private let shape: FixedShape
    private let sources: [ColumnSlice]
    private let evaluator: RelationEvaluator
    private let scratch: DerivedScratch
    private let room = VectorScratch()
    /// What is stored for each row.
    private(set) var residual: FixedInput?
    /// Rows that the relation does not give, ascending.
    private(set) var patches: [UInt16] = []

    init(_ relation: Relation, target: ColumnSlice, shape: FixedShape, sources: [ColumnSlice]) {
        self.relation = relation
        self.target = target
        self.shape = shape
        self.sources = sources
        let shapes = sources.map { $0.type.fixedShape! }
        evaluator = RelationEvaluator(relation, target: shape, sources: shapes)
        scratch = DerivedScratch(count: shapes.count + 2)
        residual = relation.form.residualShape.map { residualShape in
            FixedInput(
                RawBuffer(byteCapacity: target.count * residualShape.byteWidth), count: target.count,
                shape: residualShape)
        }
    }

    /// Goes over all rows; false where more than `patchLimit` do not follow.
    mutating func run(patchLimit: Int) -> Bool {
        var first = 0
        while first < target.count {
            let rows = first..<min(first + PageLimits.vectorRowCount, target.count)
            run(rows)
            if patches.count > patchLimit { return false }
            first = rows.upperBound
        }
        return true
    }

    private mutating func run(_ rows: Range<Int>) {
        for (i, source) in sources.enumerated() {
            let byteCount = rows.count * source.type.byteWidth!
            unsafe scratch.pieces[i].copyMemory(from: source.rawPointer(at: rows.lowerBound), byteCount: byteCount)
        }
        let own = unsafe scratch.pieces[sources.count]
        let computed = unsafe scratch.pieces[sources.count + 1]
        if residual != nil { unsafe solve(rows, to: own) }
        unsafe evaluator.evaluate(
            scratch.readable, residual: residual == nil ? nil : UnsafeRawPointer(own), count: rows.count,
            into: computed, scratch: room)
        let before = patches.count
        unsafe compare(rows, UnsafeRawPointer(computed))
        if let residual { unsafe keep(UnsafeRawPointer(own), rows, patched: patches[before...], in: residual) }
    }

    /// Finds for each row the number that makes it come out right, if there is one.
    private func solve(_ rows: Range<Int>, to own: UnsafeMutableRawPointer) {
        let count = rows.count
        let computed = unsafe scratch.pieces[sources.count + 1]
        unsafe computed.copyMemory(
            from: target.rawPointer(at: rows.lowerBound), byteCount: count * shape.byteWidth)
        switch relation.form {
        case .sum(let sum):
            // Zero but for the sign: what the sum makes of the row, taken from what it should be.
            let integers = unsafe own.assumingMemoryBound(to: Int64.self)
            unsafe integers.update(repeating: 0 &- sum.constant, count: (count + 7) / 8 * 8)
            let exponent = shape.kind == .float ? sum.decimalExponent ?? 0 : 0
            unsafe SourceReading.addDigits(
                UnsafeRawPointer(computed), shape, .init(exponent: exponent), count, to: integers)
            for (i, term) in sum.terms.enumerated() {
                let negated = Relation.Sum.Term(exponent: term.exponent, coefficient: 0 &- term.coefficient)
                let sourceShape = sources[i].type.fixedShape!
                unsafe SourceReading.addDigits(scratch.readable[i], sourceShape, negated, count, to: integers)
            }
        case .ratio(let ratio):
            unsafe solve(ratio, count, wanted: UnsafeRawPointer(computed), to: own.assumingMemoryBound(to: Int32.self))
        case .arithmetic, .steps, .period: break
        }
    }

    private func solve(
        _ ratio: Relation.Ratio, _ count: Int, wanted: UnsafeRawPointer, to own: UnsafeMutablePointer<Int32>
    ) {
        let numbers = RawBuffer(byteCapacity: (count + 7) / 8 * 64)
        let left = unsafe numbers.base.assumingMemoryBound(to: Double.self)
        let sourceShape = sources[0].type.fixedShape!
        if let exponent = ratio.exponent {
            unsafe SourceReading.roundedDigits(scratch.readable[0], sourceShape, exponent, count, to: left)
        } else {
            unsafe SourceReading.numbers(scratch.readable[0], sourceShape, count, to: left)
        }
        let power = DecimalNode.powers[ratio.exponent ?? 0]
        let isSingle = shape.byteWidth == 4
        var previous: Int32 = 1
        for i in 0..<count {
            let value =
                isSingle
                ? unsafe Double(wanted.load(fromByteOffset: i &* 4, as: Float.self))
                : unsafe wanted.load(fromByteOffset: i &* 8, as: Double.self)
            let digits = unsafe left[i]
            let quotient = ratio.isProduct ? value * power / digits : digits / (value * power)
            if quotient.magnitude < 2_147_483_647 {
                previous = Int32((quotient + SourceReading.rounding) - SourceReading.rounding)
            }
            // A row that no number serves takes the one before: it does not widen a vector, and zero follows from any.
            unsafe own[i] = previous
        }
        withExtendedLifetime(numbers) {}
    }

    /// Notes the valid rows whose computed value is another.
    private mutating func compare(_ rows: Range<Int>, _ computed: UnsafeRawPointer) {
        let wanted = unsafe target.rawPointer(at: rows.lowerBound)
        let mayBeNaN =
            switch relation.form {
            case .arithmetic, .ratio: true
            case .sum, .steps, .period: false
            }
        if !mayBeNaN, unsafe equalBytes(wanted, computed, rows.count * shape.byteWidth) { return }
        switch (shape.byteWidth, mayBeNaN) {
        case (1, _): unsafe compare(rows, wanted, computed, as: UInt8.self) { _ in false }
        case (2, _): unsafe compare(rows, wanted, computed, as: UInt16.self) { _ in false }
        case (4, false): unsafe compare(rows, wanted, computed, as: UInt32.self) { _ in false }
        case (4, true): unsafe compare(rows, wanted, computed, as: UInt32.self) { Float(bitPattern: $0).isNaN }
        case (_, false): unsafe compare(rows, wanted, computed, as: UInt64.self) { _ in false }
        case (_, true): unsafe compare(rows, wanted, computed, as: UInt64.self) { Double(bitPattern: $0).isNaN }
        }
    }

    /// A computed NaN is never taken: its payload is the processor's affair.
    @inline(__always)
    private mutating func compare<Word: WordType>(
        _ rows: Range<Int>, _ wanted: UnsafeRawPointer, _ computed: UnsafeRawPointer, as _: Word.Type,
        isNaN: (Word) -> Bool
    ) {
        let left = unsafe wanted.assumingMemoryBound(to: Word.self)
        let right = unsafe computed.assumingMemoryBound(to: Word.self)
        for i in 0..<rows.count {
            let word = unsafe right[i]
            guard unsafe left[i] != word || isNaN(word), !target.isNull(rows.lowerBound + i) else { continue }
            patches.append(UInt16(truncatingIfNeeded: rows.lowerBound + i))
        }
    }

    /// Takes the rows' numbers over. Rows that are null or patched get the one before, which widens nothing.
    private func keep(
        _ own: UnsafeRawPointer, _ rows: Range<Int>, patched: ArraySlice<UInt16>, in residual: FixedInput
    ) {
        guard let buffer = residual.owner else { return }
        let width = residual.shape.byteWidth
        let base = unsafe buffer.base
        unsafe (base + rows.lowerBound * width).copyMemory(from: own, byteCount: rows.count * width)
        let isNullable = target.validity != nil
        guard isNullable || !patched.isEmpty else { return }
        var next = patched.startIndex
        for row in rows {
            let isPatched = next < patched.endIndex && Int(patched[next]) == row
            if isPatched { next += 1 }
            guard isPatched || isNullable && target.isNull(row) else { continue }
            if row > 0 {
                unsafe (base + row * width).copyMemory(from: base + (row - 1) * width, byteCount: width)
            } else {
                // The first row has none before it; its neighbour's is as good.
                let from = unsafe rows.count > 1 ? own + width : own
                unsafe base.copyMemory(from: from, byteCount: width)
            }
        }
    }
}

extension Relation.Sum {
    /// The divisor as a power of ten; nil where it is none.
    var decimalExponent: Int? {
        var rest = divisor
        var exponent = 0
        while rest > 1, rest % 10 == 0 {
            rest /= 10
            exponent += 1
        }
        return rest == 1 && exponent <= Relation.maximumExponent ? exponent : nil
    }
}
