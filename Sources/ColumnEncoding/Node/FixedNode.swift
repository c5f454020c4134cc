import ColumnFormat

/// A parsed node whose values have one width. Its header was checked when it was parsed; what can still be wrong is
/// found while decoding, and thrown.
protocol FixedNode: AnyObject, Sendable {
    var count: Int { get }
    /// The codec and its children, as `colstat` prints them: `decimal(bitPacked)`.
    var name: String { get }
    /// The codec alone.
    var codec: String { get }

    /// Writes values `rows`, which lie within the node, one after the other to `destination`. O(rows), rounded out
    /// to vectors. One call costs far more than one value: ask for vectors.
    func decode(_ rows: Range<Int>, into destination: UnsafeMutableRawPointer) throws(FormatError)

    /// Writes the one value of `row` to `destination`.
    func load(_ row: Int, into destination: UnsafeMutableRawPointer) throws(FormatError)

    /// Writes vector `vector`: 1,024 values, the last one the rest. `destination` has room for 1,024 in any case. Allocates
    /// nothing once `scratch` has grown. Without one of its own a node decodes the vector's rows.
    func decode(vector: Int, into destination: UnsafeMutableRawPointer, scratch: VectorScratch) throws(FormatError)

    /// Puts a vector into `buffer` in the form that is cheapest to make and to use, and says which. Without one of its
    /// own a node decodes it: ``VectorForm/words``. Only for nodes of words and bits.
    func load(vector: Int, into buffer: VectorBuffer) throws(FormatError) -> VectorForm

    /// Writes the values of a few rows of some vectors one after the other to `destination`, which has room for 1,024 in any
    /// case. Without one of its own a node decodes the vectors and picks them. Only for nodes of words and bits.
    func gather(
        _ places: FewRows, byteWidth: Int, into destination: UnsafeMutableRawPointer, scratch: VectorScratch
    ) throws(FormatError)

    /// Marks which values lie in `range`, see ``RowBits``, in their encoded form. False where the codec cannot, or not with
    /// these parameters: the bits then mean nothing. Bits beyond the last value mean nothing either way.
    func mark(_ range: SoughtRange, into bits: UnsafeMutablePointer<UInt32>) -> Bool

    /// Two numbers that all values of a vector lie between, as signed integers, where the header says such. Only for nodes
    /// of 8 bytes a value.
    func bounds(ofVector vector: Int) -> (low: Int64, high: Int64)?

    /// Asks for the memory in which the value of `row` lies, where that is known at once, so that it is near when it is wanted.
    func prefetch(_ row: Int)
}

extension FixedNode {
    var codec: String { String(name.prefix { $0 != "(" }) }

    /// The rows of a vector.
    @inline(__always)
    func rows(ofVector vector: Int) -> Range<Int> {
        let first = vector &* PageLimits.vectorRowCount
        return first..<min(first &+ PageLimits.vectorRowCount, count)
    }

    func decode(vector: Int, into destination: UnsafeMutableRawPointer, scratch: VectorScratch) throws(FormatError) {
        unsafe try decode(rows(ofVector: vector), into: destination)
    }

    func load(vector: Int, into buffer: VectorBuffer) throws(FormatError) -> VectorForm {
        unsafe try decode(vector: vector, into: buffer.words, scratch: buffer.scratch)
        return .words
    }
}

extension FixedNode {
    func prefetch(_ row: Int) {}

    func bounds(ofVector vector: Int) -> (low: Int64, high: Int64)? { nil }

    func mark(_ range: SoughtRange, into bits: UnsafeMutablePointer<UInt32>) -> Bool { false }

    func gather(
        _ places: FewRows, byteWidth: Int, into destination: UnsafeMutableRawPointer, scratch: VectorScratch
    ) throws(FormatError) {
        unsafe try scratch.withRoom { room throws(FormatError) in
            for vector in places.vectors {
                let found = places.range(ofVector: vector)
                if found.isEmpty { continue }
                unsafe try decode(vector: vector, into: room, scratch: scratch)
                unsafe FewRows.pick(
                    places.places + found.lowerBound, found.count, from: room, byteWidth: byteWidth,
                    into: destination + found.lowerBound * byteWidth)
            }
        }
    }

    /// The value of `row` of a node of at most 8 bytes a value, zero-extended.
    func word(at row: Int) throws(FormatError) -> UInt64 {
        var word: UInt64 = 0
        var failure: FormatError?
        unsafe withUnsafeMutableBytes(of: &word) { buffer in
            do throws(FormatError) { unsafe try load(row, into: buffer.baseAddress!) } catch { failure = error }
        }
        if let failure { throw failure }
        return UInt64(littleEndian: word)
    }
}
