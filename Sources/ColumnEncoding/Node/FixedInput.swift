import ColumnFormat

/// Values of one width on their way into a page. The memory belongs to `owner` or, where that is nil, to the caller,
/// who keeps both alive while encoding.
@safe
struct FixedInput {
    let base: UnsafeRawPointer
    let count: Int
    let shape: FixedShape
    let owner: RawBuffer?

    init(base: UnsafeRawPointer, count: Int, shape: FixedShape, owner: RawBuffer? = nil) {
        unsafe self.base = base
        self.count = count
        self.shape = shape
        self.owner = owner
    }

    /// `count` values of memory made for an intermediate result.
    init(_ buffer: RawBuffer, count: Int, shape: FixedShape) {
        unsafe self.init(base: UnsafeRawPointer(buffer.base), count: count, shape: shape, owner: buffer)
    }

    var byteCount: Int { count * shape.byteWidth }
    var bytes: UnsafeRawBufferPointer { unsafe UnsafeRawBufferPointer(start: base, count: byteCount) }

    @inline(__always)
    func words<Word: BitwiseCopyable>(as _: Word.Type) -> UnsafePointer<Word> {
        unsafe base.assumingMemoryBound(to: Word.self)
    }
}

/// Integers of one, two, four or eight bytes as the codecs see them: signed values and floats by their bits.
typealias WordType = FixedWidthInteger & UnsignedInteger & BitwiseCopyable & SIMDScalar & Sendable
