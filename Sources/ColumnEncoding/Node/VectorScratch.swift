import ColumnFormat

/// Memory that nodes borrow while they decode one vector, last taken first returned. It grows to what one tree of nodes
/// needs and is then reused: no allocation a vector. For one thread.
@safe
package final class VectorScratch {
    /// What every vector of words fits in, and more than one read of a kernel beyond it.
    static let vectorByteCount = PageLimits.vectorRowCount * 8 + 64

    /// Other columns' vectors, where a node may find what it is made from.
    var loaded: LoadedVectors?
    private var pieces: [RawBuffer] = []
    private var taken = 0
    private var buffers: [VectorBuffer] = []
    private var takenBuffers = 0
    private let byteCount: Int

    /// Room for vectors.
    package convenience init() { self.init(byteCount: Self.vectorByteCount) }

    /// Room for fewer bytes, where it is known that no more are needed.
    init(byteCount: Int) { self.byteCount = byteCount }

    /// Calls `body` with room for a vector of words of at most 8 bytes.
    @inline(__always)
    func withRoom<R>(_ body: (UnsafeMutableRawPointer) throws(FormatError) -> R) throws(FormatError) -> R {
        if taken == pieces.count { pieces.append(RawBuffer(byteCapacity: byteCount)) }
        let piece = pieces[taken]
        taken += 1
        defer { taken -= 1 }
        return try unsafe body(piece.base)
    }

    /// Room for a vector of words until ``giveBack(_:)``, for nodes that need more than one at a time.
    func take() -> UnsafeMutableRawPointer {
        if taken == pieces.count { pieces.append(RawBuffer(byteCapacity: byteCount)) }
        taken += 1
        return unsafe pieces[taken - 1].base
    }

    /// Room for a vector in any form until ``giveBackBuffers(_:)``.
    func takeBuffer() -> VectorBuffer {
        if takenBuffers == buffers.count { buffers.append(VectorBuffer(byteWidth: 8)) }
        takenBuffers += 1
        return buffers[takenBuffers - 1]
    }

    /// Gives back the `count` buffers that were taken last.
    func giveBackBuffers(_ count: Int) { takenBuffers -= count }

    /// Gives back the `count` rooms that were taken last.
    func giveBack(_ count: Int) { taken -= count }
}
