import ColumnFormat

/// Turns untrusted bytes into nodes. Every length, count and parameter is checked here, once.
enum NodeParser {
    /// Parses a node of `count` values that takes all of `bytes`. Only the outermost one may be derived from `sources`.
    static func fixed(
        _ bytes: UnsafeRawBufferPointer, shape: FixedShape, count: Int, depth: Int,
        sources: [SiblingPage] = []
    ) throws(FormatError) -> any FixedNode {
        guard let trace = NodeTrace.current else {
            return unsafe try parseFixed(bytes, shape: shape, count: count, depth: depth, sources: sources)
        }
        trace.begin()
        let node = unsafe try parseFixed(bytes, shape: shape, count: count, depth: depth, sources: sources)
        trace.end(node.codec, count: count, byteCount: bytes.count)
        return node
    }

    private static func parseFixed(
        _ bytes: UnsafeRawBufferPointer, shape: FixedShape, count: Int, depth: Int, sources: [SiblingPage]
    ) throws(FormatError) -> any FixedNode {
        var reader = unsafe ByteReader(bytes)
        let code = try code(&reader, depth: depth)
        switch (code, shape.kind) {
        case (.plain, _) where shape.kind != .bit:
            return try PlainNode(&reader, shape: shape, count: count)
        case (.constant, _): return try ConstantNode(&reader, shape: shape, count: count)
        case (.bitmap, .bit): return try BitmapNode(&reader, count: count)
        case (.bitPacked, _) where shape.isWord:
            return try BitPackedNode(&reader, shape: shape, count: count)
        case (.delta, _) where shape.isWord: return try DeltaNode(&reader, shape: shape, count: count)
        case (.huffman, _) where shape.isWord: return try HuffmanNode(&reader, shape: shape, count: count)
        case (.ascending, _) where shape.isWord: return try AscendingNode(&reader, shape: shape, count: count)
        case (.runLength, _) where shape.isWord || shape.kind == .bit:
            return try RunLengthNode(&reader, shape: shape, count: count, depth: depth)
        case (.patched, _) where shape.isWord:
            return try PatchedNode(&reader, shape: shape, count: count, depth: depth)
        case (.scaled, _) where shape.isWord && shape.byteWidth >= 4:
            return try ScaledNode(&reader, shape: shape, count: count, depth: depth)
        case (.dictionary, _) where shape.isWord:
            return try DictionaryNode(&reader, shape: shape, count: count, depth: depth)
        case (.decimal, .float): return try DecimalNode(&reader, shape: shape, count: count, depth: depth)
        case (.narrowed, .float) where shape.byteWidth == 8:
            return try NarrowedNode(&reader, count: count, depth: depth)
        case (.printed, .float) where shape.byteWidth == 8:
            return try PrintedNode(&reader, count: count, depth: depth)
        case (.split, _) where shape.isWord && shape.byteWidth >= 4:
            return try SplitNode(&reader, shape: shape, count: count, depth: depth)
        case (.sparse, _) where shape.isWord || shape.kind == .bit:
            return try SparseNode(&reader, shape: shape, count: count, depth: depth)
        case (.sequence, _) where shape.isWord:
            return try SequenceNode(&reader, shape: shape, count: count, depth: depth)
        case (.differences, _) where shape.isWord:
            return try DifferencesNode(&reader, shape: shape, count: count, depth: depth)
        case (.components, .block):
            return try ComponentsNode(&reader, shape: shape, count: count, depth: depth)
        case (.derived, _) where depth == 0:
            return try DerivedNode(&reader, shape: shape, count: count, sources: sources)
        default:
            throw FormatError(.invalid, "codec \(code) does not hold \(shape.kind) values of \(shape.byteWidth) bytes")
        }
    }

    /// Parses a node of `count` texts that takes all of `bytes`.
    static func text(_ bytes: UnsafeRawBufferPointer, count: Int, depth: Int) throws(FormatError) -> any TextNode {
        guard let trace = NodeTrace.current else { return unsafe try parseText(bytes, count: count, depth: depth) }
        trace.begin()
        let node = unsafe try parseText(bytes, count: count, depth: depth)
        trace.end(node.codec, count: count, byteCount: bytes.count)
        return node
    }

    private static func parseText(
        _ bytes: UnsafeRawBufferPointer, count: Int, depth: Int
    ) throws(FormatError) -> any TextNode {
        var reader = unsafe ByteReader(bytes)
        let code = try code(&reader, depth: depth)
        switch code {
        case .constant: return try ConstantTextNode(&reader, count: count)
        case .text: return try PlainTextNode(&reader, count: count, depth: depth)
        case .dictionary: return try DictionaryTextNode(&reader, count: count, depth: depth)
        case .alphabet: return try AlphabetNode(&reader, count: count, depth: depth)
        case .fsst: return try FsstNode(&reader, count: count, depth: depth)
        case .cased: return try CasedTextNode(&reader, count: count, depth: depth)
        case .patchedText: return try PatchedTextNode(&reader, count: count, depth: depth)
        default: throw FormatError(.invalid, "codec \(code) does not hold text")
        }
    }

    /// A child with its byte count before it.
    static func fixedChild(_ reader: inout ByteReader, shape: FixedShape, count: Int, depth: Int) throws(FormatError)
        -> any FixedNode
    {
        let (bytes, offset) = unsafe try childBytes(&reader)
        do throws(FormatError) {
            return unsafe try fixed(bytes, shape: shape, count: count, depth: depth + 1)
        } catch { throw error.shifted(by: offset) }
    }

    /// The last child, which takes the rest of its parent.
    static func lastFixedChild(_ reader: inout ByteReader, shape: FixedShape, count: Int, depth: Int)
        throws(FormatError) -> any FixedNode
    {
        let offset = reader.offset
        let bytes = unsafe try reader.readBytes(reader.remaining)
        do throws(FormatError) {
            return unsafe try fixed(bytes, shape: shape, count: count, depth: depth + 1)
        } catch { throw error.shifted(by: offset) }
    }

    static func textChild(_ reader: inout ByteReader, count: Int, depth: Int) throws(FormatError) -> any TextNode {
        let (bytes, offset) = unsafe try childBytes(&reader)
        do throws(FormatError) {
            return unsafe try text(bytes, count: count, depth: depth + 1)
        } catch { throw error.shifted(by: offset) }
    }

    /// The last child, which takes the rest of its parent.
    static func lastTextChild(_ reader: inout ByteReader, count: Int, depth: Int) throws(FormatError)
        -> any TextNode
    {
        let offset = reader.offset
        let bytes = unsafe try reader.readBytes(reader.remaining)
        do throws(FormatError) {
            return unsafe try text(bytes, count: count, depth: depth + 1)
        } catch { throw error.shifted(by: offset) }
    }

    private static func childBytes(_ reader: inout ByteReader) throws(FormatError) -> (UnsafeRawBufferPointer, Int) {
        let byteCount = try reader.readCount(limit: reader.remaining, of: "bytes of a child")
        let offset = reader.offset
        return unsafe (try reader.readBytes(byteCount), offset)
    }

    private static func code(_ reader: inout ByteReader, depth: Int) throws(FormatError) -> NodeCode {
        guard depth < PageLimits.maximumDepth else { throw FormatError(.invalid, "nodes nested too deep") }
        let raw = try reader.read(UInt8.self)
        guard let code = NodeCode(rawValue: raw) else { throw FormatError(.unsupported, "unknown codec \(raw)") }
        return code
    }

    /// A leaf has read all its bytes.
    static func expectEnd(_ reader: ByteReader) throws(FormatError) {
        guard reader.remaining == 0 else {
            throw FormatError(.invalid, "\(reader.remaining) bytes left over in a node", at: reader.offset)
        }
    }
}
