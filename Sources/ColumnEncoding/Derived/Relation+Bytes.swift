import ColumnFormat

/// The parameters of a relation on disk: see `DerivedNode` in Format.md.
extension Relation {
    /// Appends sources, code and parameters; what a row stores of its own is not among them.
    func write(to writer: inout ByteWriter, shape: FixedShape, depth: Int, options: EncodingOptions) {
        Self.writeSources(sources, to: &writer)
        writer.append(form.code)
        switch form {
        case .sum(let sum):
            writer.append(UInt8((sum.isAbsolute ? 1 : 0) | (sum.hasResidual ? 2 : 0)))
            writer.append(zigzag: sum.constant)
            writer.append(varint: UInt64(sum.divisor))
            for term in sum.terms {
                writer.append(UInt8(term.exponent))
                writer.append(zigzag: term.coefficient)
            }
        case .arithmetic(let operation):
            writer.append(operation.rawValue)
        case .ratio(let ratio):
            writer.append(UInt8(ratio.isProduct ? 1 : 0))
            writer.append(ratio.exponent.map { UInt8($0) } ?? 255)
        case .steps(let steps):
            writer.append(varint: UInt64(steps.thresholds.count))
            writer.append(child: steps.encodedThresholds(depth: depth, options: options))
            writer.append(child: steps.encodedValues(shape, depth: depth, options: options))
        case .period(let period):
            writer.append(zigzag: period.offset)
            writer.append(varint: UInt64(period.unit))
            writer.append(varint: UInt64(period.modulus))
            writer.append(zigzag: period.base)
        }
    }

    private static func writeSources(_ sources: [Int], to writer: inout ByteWriter) {
        writer.append(varint: UInt64(sources.count))
        for source in sources { writer.append(varint: UInt64(source)) }
    }

    /// The columns that a relation begins with.
    static func readSources(_ reader: inout ByteReader) throws(FormatError) -> [Int] {
        let start = reader.offset
        let count = try reader.readCount(limit: maximumSourceCount, of: "source columns")
        guard count > 0 else { throw FormatError(.invalid, "a relation to no column", at: start) }
        var sources: [Int] = []
        for _ in 0..<count { sources.append(try reader.readCount(limit: Int(UInt16.max), of: "columns")) }
        return sources
    }

    /// Reads what ``write(to:shape:depth:options:)`` wrote for a target of `shape`, whose sources have `sourceShapes`.
    init(_ reader: inout ByteReader, shape: FixedShape, sourceShapes: [FixedShape], depth: Int) throws(FormatError) {
        sources = try Self.readSources(&reader)
        let start = reader.offset
        guard sources.count == sourceShapes.count else {
            throw FormatError(.invalid, "values derived from columns that are not at hand", at: start)
        }
        let code = try reader.read(UInt8.self)
        switch code {
        case 1: form = .sum(try Sum(&reader, shape: shape, sourceShapes: sourceShapes))
        case 2:
            let raw = try reader.read(UInt8.self)
            guard let operation = Arithmetic(rawValue: raw) else {
                throw FormatError(.unsupported, "unknown operation \(raw) on columns", at: reader.offset - 1)
            }
            guard sources.count == operation.sourceCount, shape.kind == .float else {
                throw FormatError(.invalid, "an operation on \(sources.count) columns for \(shape.kind)", at: start)
            }
            form = .arithmetic(operation)
        case 3: form = .ratio(try Ratio(&reader, shape: shape, sourceShapes: sourceShapes))
        case 4:
            guard sources.count == 1 else { throw FormatError(.invalid, "steps of several columns", at: start) }
            form = .steps(try Steps(&reader, shape: shape, depth: depth))
        case 5:
            guard sources.count == 1, sourceShapes[0].kind != .float, shape.kind != .bit else {
                throw FormatError(.invalid, "a period of \(sources.count) columns for \(shape.kind)", at: start)
            }
            form = .period(try Period(&reader))
        default: throw FormatError(.unsupported, "unknown relation \(code) to other columns", at: start)
        }
    }
}

extension Relation.Sum {
    fileprivate init(
        _ reader: inout ByteReader, shape: FixedShape, sourceShapes: [FixedShape]
    ) throws(FormatError) {
        let start = reader.offset
        let flags = try reader.read(UInt8.self)
        guard flags <= 3 else { throw FormatError(.unsupported, "unknown flags \(flags) of a sum", at: start) }
        guard shape.kind != .bit else { throw FormatError(.invalid, "a sum for bits", at: start) }
        isAbsolute = flags & 1 != 0
        hasResidual = flags & 2 != 0
        constant = try reader.readZigzag()
        let divisor = try reader.readVarint()
        guard divisor > 0, divisor <= UInt64(Int64.max) else {
            throw FormatError(.invalid, "a sum divided by \(divisor)", at: start)
        }
        self.divisor = Int64(divisor)
        terms = []
        for source in sourceShapes {
            let exponent = Int(try reader.read(UInt8.self))
            guard exponent == 0 || exponent <= Relation.maximumExponent && source.kind == .float else {
                throw FormatError(.invalid, "decimal exponent \(exponent) of a source", at: reader.offset - 1)
            }
            terms.append(Term(exponent: exponent, coefficient: try reader.readZigzag()))
        }
    }
}

extension Relation.Ratio {
    fileprivate init(
        _ reader: inout ByteReader, shape: FixedShape, sourceShapes: [FixedShape]
    ) throws(FormatError) {
        let start = reader.offset
        let operation = try reader.read(UInt8.self)
        guard operation <= 1 else { throw FormatError(.unsupported, "unknown ratio \(operation)", at: start) }
        let exponent = Int(try reader.read(UInt8.self))
        guard sourceShapes.count == 1, shape.kind == .float,
            exponent == 255 || exponent <= Relation.maximumExponent && sourceShapes[0].kind == .float
        else { throw FormatError(.invalid, "a ratio of exponent \(exponent) for \(shape.kind)", at: start) }
        isProduct = operation == 1
        self.exponent = exponent == 255 ? nil : exponent
    }
}

extension Relation.Steps {
    static let thresholdShape = FixedShape(kind: .float, byteWidth: 8)

    fileprivate init(_ reader: inout ByteReader, shape: FixedShape, depth: Int) throws(FormatError) {
        let start = reader.offset
        let count = try reader.readCount(limit: Self.maximumThresholdCount, of: "thresholds")
        guard count > 0 else { throw FormatError(.invalid, "steps without a threshold", at: start) }
        let node = try NodeParser.fixedChild(&reader, shape: Self.thresholdShape, count: count, depth: depth)
        let valueNode = try NodeParser.fixedChild(&reader, shape: shape, count: count + 1, depth: depth)
        let buffer = RawBuffer(byteCapacity: (count + 1) * 8)
        unsafe try node.decode(0..<count, into: buffer.base)
        let found = unsafe buffer.base.assumingMemoryBound(to: Double.self)
        thresholds = (0..<count).map { unsafe found[$0] }
        for i in 0..<count where !(i == 0 ? thresholds[0] == thresholds[0] : thresholds[i - 1] < thresholds[i]) {
            throw FormatError(.invalid, "threshold \(i) does not ascend", at: start)
        }
        unsafe try valueNode.decode(0..<count + 1, into: buffer.base)
        values = withExtendedLifetime(buffer) {
            (0...count).map { unsafe shape.word(at: $0, of: UnsafeRawPointer(buffer.base)) }
        }
    }

    fileprivate func encodedThresholds(depth: Int, options: EncodingOptions) -> EncodedNode {
        let buffer = RawBuffer(byteCapacity: thresholds.count * 8)
        let target = unsafe buffer.base.assumingMemoryBound(to: Double.self)
        for (i, threshold) in thresholds.enumerated() { unsafe target[i] = threshold }
        let input = FixedInput(buffer, count: thresholds.count, shape: Self.thresholdShape)
        return withExtendedLifetime(buffer) { FixedEncoder.encode(input, depth: depth + 1, options: options) }
    }

    fileprivate func encodedValues(_ shape: FixedShape, depth: Int, options: EncodingOptions) -> EncodedNode {
        let buffer = RawBuffer(byteCapacity: values.count * 8)
        for (i, value) in values.enumerated() { unsafe shape.store(value, at: i, in: buffer.base) }
        let input = FixedInput(buffer, count: values.count, shape: shape)
        return withExtendedLifetime(buffer) { FixedEncoder.encode(input, depth: depth + 1, options: options) }
    }
}

extension Relation.Period {
    fileprivate init(_ reader: inout ByteReader) throws(FormatError) {
        let start = reader.offset
        offset = try reader.readZigzag()
        let unit = try reader.readVarint()
        let modulus = try reader.readVarint()
        guard unit > 0, unit <= UInt64(Int64.max), modulus <= UInt64(Int64.max) else {
            throw FormatError(.invalid, "a period of \(unit) and \(modulus)", at: start)
        }
        self.unit = Int64(unit)
        self.modulus = Int64(modulus)
        base = try reader.readZigzag()
    }
}

extension FixedShape {
    /// The bits of value `row`, zero-extended; of a shape of at most 8 bytes.
    @inline(__always)
    func word(at row: Int, of base: UnsafeRawPointer) -> UInt64 {
        switch byteWidth {
        case 1: unsafe UInt64(base.load(fromByteOffset: row, as: UInt8.self))
        case 2: unsafe UInt64(base.load(fromByteOffset: row &* 2, as: UInt16.self))
        case 4: unsafe UInt64(base.load(fromByteOffset: row &* 4, as: UInt32.self))
        default: unsafe base.load(fromByteOffset: row &* 8, as: UInt64.self)
        }
    }

    /// Writes the low bits of `word` as value `row`.
    @inline(__always)
    func store(_ word: UInt64, at row: Int, in base: UnsafeMutableRawPointer) {
        switch byteWidth {
        case 1: unsafe base.storeBytes(of: UInt8(truncatingIfNeeded: word), toByteOffset: row, as: UInt8.self)
        case 2: unsafe base.storeBytes(of: UInt16(truncatingIfNeeded: word), toByteOffset: row &* 2, as: UInt16.self)
        case 4: unsafe base.storeBytes(of: UInt32(truncatingIfNeeded: word), toByteOffset: row &* 4, as: UInt32.self)
        default: unsafe base.storeBytes(of: word, toByteOffset: row &* 8, as: UInt64.self)
        }
    }
}
