internal import CDrumlinShims
import ColumnFormat

/// Whole vectors of sums and ratios, whose sources are taken in the forms in which they are kept: the digits of a decimal
/// are what a sum wants, so that they are not made a float and digits again.
extension DerivedNode {
    /// (constant + Σ coefficient · digits + residual) ÷ divisor, of the rows of a vector.
    func add(
        _ sum: Relation.Sum, _ vector: Int, into destination: UnsafeMutableRawPointer, scratch: VectorScratch
    ) throws(FormatError) {
        let rows = rows(ofVector: vector)
        let totals = unsafe scratch.take().assumingMemoryBound(to: Int64.self)
        let buffer = scratch.takeBuffer()
        defer {
            scratch.giveBack(1)
            scratch.giveBackBuffers(1)
        }
        unsafe totals.update(repeating: 0, count: rows.count)
        // What every row gets comes last.
        var constant = sum.constant
        for (source, term) in zip(sources, sum.terms) {
            guard case .fixed(let node) = source.page.values, let shape = source.page.shape else { continue }
            if source.page.validity == nil {
                let form = try node.load(vector: vector, into: buffer)
                unsafe constant &+= add(form, buffer, shape, term, rows.count, to: totals)
            } else {
                unsafe try source.page.decodeValues(rows, into: buffer.words, scratch: buffer.scratch)
                unsafe SourceReading.addDigits(buffer.words, shape, term, rows.count, to: totals)
            }
        }
        if sum.hasResidual, let residual {
            let form = try residual.load(vector: vector, into: buffer)
            let shape = FixedShape(kind: .signed, byteWidth: 8)
            unsafe constant &+= add(form, buffer, shape, Relation.Sum.Term(), rows.count, to: totals)
        }
        if constant != 0 {
            for i in 0..<rows.count { unsafe totals[i] &+= constant }
        }
        if sum.isAbsolute { unsafe RelationEvaluator.makeAbsolute(totals, rows.count) }
        unsafe IntegerStoring.store(totals, rows.count, dividedBy: sum.divisor, as: self.shape, to: destination)
    }

    /// Adds coefficient · digits of a vector in some form to `totals`, but for what it returns, which every row gets.
    private func add(
        _ form: VectorForm, _ buffer: VectorBuffer, _ shape: FixedShape, _ term: Relation.Sum.Term, _ count: Int,
        to totals: UnsafeMutablePointer<Int64>
    ) -> Int64 {
        switch form {
        case .constant:
            var digits: Int64 = 0
            unsafe SourceReading.addDigits(buffer.words, shape, term, 1, to: &digits)
            return digits
        case .frame(let frame):
            guard let unit = frame.digitUnit(term.exponent) else { break }
            let factor = term.coefficient &* unit
            let words = unsafe UnsafeMutableRawPointer(totals).assumingMemoryBound(to: UInt64.self)
            unsafe drumlin_add_u32(
                buffer.narrow, UInt32(count), UInt64(bitPattern: factor &* frame.factor), words)
            return factor &* frame.base
        case .codes, .words: break
        }
        buffer.expand(form, byteWidth: shape.byteWidth, count: count)
        unsafe SourceReading.addDigits(buffer.words, shape, term, count, to: totals)
        return 0
    }

    /// The rows of a vector of a source without nulls, divided by, or times, what is stored.
    func divide(
        _ ratio: Relation.Ratio, _ vector: Int, into destination: UnsafeMutableRawPointer, scratch: VectorScratch
    ) throws(FormatError) {
        guard case .fixed(let node) = sources[0].page.values, let sourceShape = sources[0].page.shape, let residual
        else {
            return
        }
        let count = rows(ofVector: vector).count
        let (left, right) = (scratch.takeBuffer(), scratch.takeBuffer())
        defer { scratch.giveBackBuffers(2) }
        let storedForm = try residual.load(vector: vector, into: right)
        if case .frame(let stored) = storedForm, let (exponent, digits, words) = unsafe shared(ratio, vector, scratch),
            digits.isSingleQuotient(of: (stored.base, stored.top), exponent), stored.factor == 1, !stored.isReal
        {
            unsafe quotients(words, digits, right.narrow, stored.base, count, exponent, to: destination)
            return
        }
        let form = try node.load(vector: vector, into: left)
        if case .frame(let stored) = storedForm, let exponent = singleExponent(ratio, of: form),
            case .frame(let digits) = form, digits.isSingleQuotient(of: (stored.base, stored.top), exponent),
            stored.factor == 1, !stored.isReal
        {
            unsafe quotients(left.narrow, digits, right.narrow, stored.base, count, exponent, to: destination)
            return
        }
        left.expand(form, byteWidth: sourceShape.byteWidth, count: count)
        right.expand(storedForm, byteWidth: 4, count: count)
        var values = unsafe UnsafeRawPointer(left.words)
        unsafe evaluator.evaluate(
            &values, residual: UnsafeRawPointer(right.words), count: count, into: destination, scratch: scratch)
    }

    /// The words of a source that a cursor has loaded, and their frame, where quotients of them can be had in single precision.
    private func shared(
        _ ratio: Relation.Ratio, _ vector: Int, _ scratch: VectorScratch
    ) -> (exponent: Int, digits: VectorFrame, words: UnsafePointer<UInt32>)? {
        guard case .fixed(let node) = sources[0].page.values,
            let cursor = scratch.loaded?.cursor(of: node, vector: vector), case .frame(let digits) = cursor.form,
            let exponent = singleExponent(ratio, of: cursor.form)
        else { return nil }
        return unsafe (exponent, digits, cursor.narrow)
    }

    private func singleExponent(_ ratio: Relation.Ratio, of form: VectorForm) -> Int? {
        guard case .frame(let digits) = form, !ratio.isProduct, shape.byteWidth == 4, let exponent = ratio.exponent,
            digits.isReal, digits.digitUnit(exponent) == 1
        else { return nil }
        return exponent
    }

    private func quotients(
        _ words: UnsafePointer<UInt32>, _ digits: VectorFrame, _ stored: UnsafePointer<UInt32>, _ storedBase: Int64,
        _ count: Int, _ exponent: Int, to destination: UnsafeMutableRawPointer
    ) {
        unsafe drumlin_quotient_words_f32(
            words, UInt32(truncatingIfNeeded: digits.base), stored, UInt32(truncatingIfNeeded: storedBase),
            UInt32(count), Float(DecimalNode.powers[exponent]), destination)
    }
}

extension VectorFrame {
    /// What a sum's digits with `exponent` are times the frame's integers; nil where they may not be that. Of integers the
    /// exponent means nothing. A decimal of fewer digits than its type holds is so near to what it is for that it is rounded
    /// to it when it is multiplied again.
    fileprivate func digitUnit(_ exponent: Int) -> Int64? {
        guard isReal else { return divisor == 1 ? 1 : nil }
        guard let places = DecimalNode.powers[...exponent].firstIndex(of: divisor) else { return nil }
        let unit = Int64(DecimalNode.powers[exponent - places])
        let limit = (isSingle ? 1 << 21 : 1 << 48) / unit
        return base >= -limit && top <= limit ? unit : nil
    }

    /// Whether dividing in single precision gives what double precision gives: see ``VectorBuffer/isSingleExact(_:divisor:)``.
    fileprivate func isSingleQuotient(of stored: (low: Int64, high: Int64), _ exponent: Int) -> Bool {
        let limit = Int64(1 << 24) / Int64(DecimalNode.powers[min(exponent, 18)])
        return factor == 1 && base >= -(1 << 24) && top <= 1 << 24 && stored.low >= -limit && stored.high <= limit
    }
}
