internal import CDrumlinShims
internal import ColumnFormat

/// One byte a row of a vector, 1 = taken. For one thread.
@safe
final class VectorMask {
    private let owner = RawBuffer(byteCapacity: SegmentFormat.vectorRowCount + 64)
    let bytes: UnsafeMutablePointer<UInt8>

    init() { unsafe bytes = owner.base.assumingMemoryBound(to: UInt8.self) }

    func fill(_ isTaken: Bool, count: Int) { unsafe bytes.update(repeating: isTaken ? 1 : 0, count: count) }

    /// Takes the rows at `places` alone.
    func fill(at places: UnsafePointer<UInt32>, placeCount: Int, count: Int) {
        fill(false, count: count)
        for i in 0..<placeCount { unsafe bytes[Int(places[i])] = 1 }
    }

    func formIntersection(_ other: UnsafePointer<UInt8>, count: Int) {
        unsafe drumlin_mask_and(bytes, other, UInt32(count))
    }

    func formUnion(_ other: UnsafePointer<UInt8>, count: Int) { unsafe drumlin_mask_or(bytes, other, UInt32(count)) }

    func copy(_ other: UnsafePointer<UInt8>, count: Int) { unsafe bytes.update(from: other, count: count) }

    func invert(count: Int) { unsafe drumlin_mask_not(bytes, UInt32(count)) }

    func takenCount(of count: Int) -> Int { unsafe Int(drumlin_mask_count(bytes, UInt32(count))) }
}
