internal import ColumnEncoding
internal import ColumnFormat

/// Collects the rows of vectors of which few are taken, so that a column is asked for those of many vectors at once. For one
/// thread.
@safe
final class RowCollector {
    /// More rows of a vector are not read alone: decoding it is then faster.
    static let vectorLimit = 32

    private let placeOwner = RawBuffer(byteCapacity: (SegmentFormat.vectorRowCount + 64) * 4)
    private let startOwner = RawBuffer(
        byteCapacity: (SegmentFormat.blockRowCount / SegmentFormat.vectorRowCount + 1) * 4)
    private let places: UnsafeMutablePointer<UInt32>
    private let starts: UnsafeMutablePointer<UInt32>
    private var firstVector = 0
    private var vectorCount = 0
    private var count = 0

    init() {
        unsafe places = placeOwner.base.assumingMemoryBound(to: UInt32.self)
        unsafe starts = startOwner.base.assumingMemoryBound(to: UInt32.self)
    }

    var isEmpty: Bool { count == 0 }
    /// Whether another vector's rows may not fit.
    var isFull: Bool { count > SegmentFormat.vectorRowCount - Self.vectorLimit }

    /// Where the places of the next vector's rows go before they are added.
    var room: UnsafeMutablePointer<UInt32> { unsafe places + count }

    /// Takes in the `taken` places in ``room``, which are of a vector behind the last one.
    func add(_ taken: Int, ofVector vector: Int) {
        if vectorCount == 0 { firstVector = vector }
        while vectorCount <= vector - firstVector {
            unsafe starts[vectorCount] = UInt32(count)
            vectorCount += 1
        }
        count += taken
        unsafe starts[vectorCount] = UInt32(count)
    }

    func removeAll() {
        vectorCount = 0
        count = 0
    }

    /// What was collected, which is not empty, until anything is added.
    var rows: FewRows {
        unsafe FewRows(vectors: firstVector..<firstVector + vectorCount, places: places, starts: starts)
    }
}
