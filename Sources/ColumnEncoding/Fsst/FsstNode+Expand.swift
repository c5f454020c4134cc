import ColumnFormat

/// From codes to text.
extension FsstNode {
    /// Bytes that the codes of `range` make.
    func byteCount(of range: Range<Int>) throws(FormatError) -> Int {
        var total = 0
        var position = range.lowerBound
        while position < range.upperBound {
            let code = unsafe codeBytes[position]
            total += code == SymbolTable.escape ? 1 : Int(lengths[Int(code)])
            position += code == SymbolTable.escape ? 2 : 1
        }
        guard position == range.upperBound else { throw lostByte() }
        return total
    }

    func lostByte() -> FormatError { FormatError(.invalid, "an escape without a byte behind it") }

    /// Writes what the codes of `range` stand for to `heap` from `position` on; where that ends, which is at or below
    /// `limit`. Up to ``TextDecoding/slack`` bytes more are written over.
    @inline(__always)
    func expand(
        _ range: Range<Int>, into heap: UnsafeMutableRawPointer, at position: Int, limit: Int
    ) throws(FormatError) -> Int {
        if position &+ range.count &* SymbolTable.maximumLength > limit {
            // The last texts of a vector: only these are measured before they are written.
            guard position + (try byteCount(of: range)) <= limit else {
                throw FormatError(.invalid, "texts longer than their vector's \(limit) bytes")
            }
        }
        let end = unsafe words.withUnsafeBufferPointer { words in
            unsafe lengths.withUnsafeBufferPointer { lengths in
                unsafe Self.expand(
                    codeBytes.baseAddress.map { unsafe $0 + range.lowerBound }, count: range.count, words.baseAddress!,
                    lengths.baseAddress!, into: heap + position)
            }
        }
        guard let end else { throw lostByte() }
        return position &+ end
    }

    /// How many bytes were written; nil where the last code is an escape.
    @inline(__always)
    private static func expand(
        _ codes: UnsafeRawPointer?, count: Int, _ words: UnsafePointer<UInt64>, _ lengths: UnsafePointer<UInt8>,
        into target: UnsafeMutableRawPointer
    ) -> Int? {
        guard let codes = unsafe codes else { return 0 }
        var i = 0
        var written = 0
        while i < count {
            if i &+ 4 <= count {
                var four = unsafe UInt32(littleEndian: codes.loadUnaligned(fromByteOffset: i, as: UInt32.self))
                // A byte of all ones carries into its top bit, and had it set.
                if ((four & 0x7F7F_7F7F) &+ 0x0101_0101) & four & 0x8080_8080 == 0 {
                    for _ in 0..<4 {
                        let code = Int(truncatingIfNeeded: four & 0xFF)
                        unsafe target.storeBytes(of: words[code], toByteOffset: written, as: UInt64.self)
                        unsafe written &+= Int(truncatingIfNeeded: lengths[code])
                        four &>>= 8
                    }
                    i &+= 4
                    continue
                }
            }
            let code = unsafe codes.load(fromByteOffset: i, as: UInt8.self)
            if code == SymbolTable.escape {
                guard i &+ 1 < count else { return nil }
                let byte = unsafe codes.load(fromByteOffset: i &+ 1, as: UInt8.self)
                unsafe target.storeBytes(of: byte, toByteOffset: written, as: UInt8.self)
                written &+= 1
                i &+= 2
            } else {
                unsafe target.storeBytes(of: words[Int(code)], toByteOffset: written, as: UInt64.self)
                unsafe written &+= Int(truncatingIfNeeded: lengths[Int(code)])
                i &+= 1
            }
        }
        return written
    }
}
