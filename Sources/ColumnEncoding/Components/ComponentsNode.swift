import ColumnFormat

/// Blocks by their parts: the components of vectors, the halves of uuids, each stored like a column of its own.
///
///     23, UInt8 kind     0: parts are float32; 1: parts are unsigned integers of 8 bytes, big-endian in the block
///     parts              for each part of a block, in order: varint byte count, node of count words of W = 4, or 8, bytes
///
/// A point read is one of every part.
@safe
final class ComponentsNode: FixedNode {
    enum Kind: UInt8 {
        case floats = 0
        case bigEndian = 1

        var shape: FixedShape {
            switch self {
            case .floats: FixedShape(kind: .float, byteWidth: 4)
            case .bigEndian: FixedShape(kind: .unsigned, byteWidth: 8)
            }
        }
    }

    let count: Int
    private let byteWidth: Int
    private let kind: Kind
    private let parts: [any FixedNode]

    init(_ reader: inout ByteReader, shape: FixedShape, count: Int, depth: Int) throws(FormatError) {
        self.count = count
        byteWidth = shape.byteWidth
        guard let kind = Kind(rawValue: try reader.read(UInt8.self)), byteWidth % kind.shape.byteWidth == 0 else {
            throw FormatError(.invalid, "parts of blocks of \(byteWidth) bytes", at: reader.offset - 1)
        }
        self.kind = kind
        var parts: [any FixedNode] = []
        for _ in 0..<byteWidth / kind.shape.byteWidth {
            parts.append(try NodeParser.fixedChild(&reader, shape: kind.shape, count: count, depth: depth))
        }
        self.parts = parts
        try NodeParser.expectEnd(reader)
    }

    var name: String { "components(\(Self.summary(parts.map(\.name))))" }

    /// The names of the parts, equal neighbours only once: `16 × bitPacked, huffman`.
    static func summary(_ names: [String]) -> String {
        var runs: [(name: String, count: Int)] = []
        for name in names {
            if runs.last?.name == name { runs[runs.count - 1].count += 1 } else { runs.append((name, 1)) }
        }
        let texts = runs.map { $0.count == 1 ? $0.name : "\($0.count) × \($0.name)" }
        return texts.count <= 4 ? texts.joined(separator: ", ") : texts[..<3].joined(separator: ", ") + ", …"
    }

    func decode(_ rows: Range<Int>, into destination: UnsafeMutableRawPointer) throws(FormatError) {
        let partWidth = kind.shape.byteWidth
        let scratch = UnsafeMutableRawPointer.allocate(
            byteCount: PageLimits.vectorRowCount * partWidth, alignment: 64)
        defer { unsafe scratch.deallocate() }
        var row = rows.lowerBound
        while row < rows.upperBound {
            let end = min(rows.upperBound, (row / PageLimits.vectorRowCount + 1) * PageLimits.vectorRowCount)
            var target = unsafe destination + (row - rows.lowerBound) * byteWidth
            for part in parts {
                unsafe try part.decode(row..<end, into: scratch)
                switch kind {
                case .floats:
                    for i in 0..<end - row {
                        let word = unsafe scratch.load(fromByteOffset: i &* 4, as: UInt32.self)
                        unsafe target.storeBytes(of: word, toByteOffset: i &* byteWidth, as: UInt32.self)
                    }
                case .bigEndian:
                    for i in 0..<end - row {
                        let word = unsafe scratch.load(fromByteOffset: i &* 8, as: UInt64.self)
                        unsafe target.storeBytes(of: word.bigEndian, toByteOffset: i &* byteWidth, as: UInt64.self)
                    }
                }
                unsafe target += partWidth
            }
            row = end
        }
    }

    func load(_ row: Int, into destination: UnsafeMutableRawPointer) throws(FormatError) {
        var target = unsafe destination
        for part in parts {
            let word = try part.word(at: row)
            switch kind {
            case .floats: unsafe target.storeBytes(of: UInt32(truncatingIfNeeded: word), as: UInt32.self)
            case .bigEndian: unsafe target.storeBytes(of: word.bigEndian, as: UInt64.self)
            }
            unsafe target += kind.shape.byteWidth
        }
    }

    // MARK: Encoding

    /// More parts than this are an embedding, whose parts are noise: not worth a look at each.
    private static let partLimit = 256
    private static let minimumCount = 16

    /// The node where it is smaller than plain by an eighth; nil where the first part, or all of them, save less.
    static func encode(_ input: FixedInput, depth: Int, options: EncodingOptions) -> EncodedNode? {
        let byteWidth = input.shape.byteWidth
        let kind: Kind = byteWidth == 16 && isUnlikeFloats(input) ? .bigEndian : .floats
        let partWidth = kind.shape.byteWidth
        let partCount = byteWidth / partWidth
        guard byteWidth % partWidth == 0, partCount <= partLimit, input.count >= minimumCount else { return nil }
        let limit = input.byteCount - input.byteCount / 8
        var writer = ByteWriter(reservingCapacity: limit)
        writer.append(code: .components)
        writer.append(kind.rawValue)
        var names: [String] = []
        var decodeCost = 0
        for part in 0..<partCount {
            let buffer = RawBuffer(byteCapacity: input.count * partWidth)
            for i in 0..<input.count {
                let source = unsafe input.base + (i &* byteWidth &+ part &* partWidth)
                switch kind {
                case .floats:
                    let word = unsafe source.loadUnaligned(as: UInt32.self)
                    unsafe buffer.base.storeBytes(of: word, toByteOffset: i &* 4, as: UInt32.self)
                case .bigEndian:
                    let word = unsafe UInt64(bigEndian: source.loadUnaligned(as: UInt64.self))
                    unsafe buffer.base.storeBytes(of: word, toByteOffset: i &* 8, as: UInt64.self)
                }
            }
            let partInput = FixedInput(buffer, count: input.count, shape: kind.shape)
            let node = withExtendedLifetime(buffer) {
                FixedEncoder.encode(partInput, depth: depth + 1, options: options)
            }
            // Of an embedding no part saves much: the first one stands for the others.
            if part == 0, partCount > 4, node.byteCount > partInput.byteCount - partInput.byteCount / 16 { return nil }
            writer.append(child: node)
            if writer.count > limit { return nil }
            names.append(node.name)
            decodeCost += node.decodeCost + 500
        }
        return EncodedNode(
            bytes: writer.bytes, name: "components(\(summary(names)))", decodeCost: decodeCost)
    }

    /// Whether blocks of 16 bytes look like uuids rather than like four floats: the shape does not say. The first byte of
    /// a float is noise, and the last one its sign and exponent, of which there are few; of a uuid it is noise.
    private static func isUnlikeFloats(_ input: FixedInput) -> Bool {
        var seen = Set<UInt8>()
        let sampled = min(input.count, 256)
        for i in 0..<sampled { unsafe seen.insert(input.base.load(fromByteOffset: i &* 16 &+ 15, as: UInt8.self)) }
        return seen.count > sampled / 4
    }
}
