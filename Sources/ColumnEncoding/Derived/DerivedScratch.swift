import ColumnFormat

/// Room for vectors of a few columns, each followed by as much as a kernel may read too much.
@safe
final class DerivedScratch {
    private let buffer: RawBuffer
    let pieces: [UnsafeMutableRawPointer]
    let readable: [UnsafeRawPointer]

    init(count: Int) {
        let buffer = RawBuffer(byteCapacity: count * VectorScratch.vectorByteCount)
        self.buffer = buffer
        unsafe pieces = (0..<count).map { unsafe buffer.base + $0 * VectorScratch.vectorByteCount }
        unsafe readable = pieces.map { UnsafeRawPointer($0) }
    }
}
