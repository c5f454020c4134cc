internal import CDrumlinShims

/// A few rows of neighbouring vectors of a page: all together at most as many as a vector has. For as long as their memory
/// stays.
@safe
package struct FewRows {
    /// The vectors; some may have no row.
    package let vectors: Range<Int>
    /// Of one vector after the other the rows, ascending, counted from the vector's first.
    package let places: UnsafePointer<UInt32>
    package let count: Int
    /// Where those of each vector begin among ``places``, and where the last end.
    private let starts: UnsafePointer<UInt32>

    package init(vectors: Range<Int>, places: UnsafePointer<UInt32>, starts: UnsafePointer<UInt32>) {
        self.vectors = vectors
        unsafe self.places = places
        unsafe self.starts = starts
        unsafe count = Int(starts[vectors.count])
    }

    /// Where the rows of a vector are among ``places``.
    @inline(__always)
    package func range(ofVector vector: Int) -> Range<Int> {
        let place = vector &- vectors.lowerBound
        return unsafe Int(starts[place])..<Int(starts[place &+ 1])
    }

    /// The words of a table at `places`.
    static func pick(
        _ places: UnsafePointer<UInt32>, _ placeCount: Int, from table: UnsafeRawPointer, byteWidth: Int,
        into destination: UnsafeMutableRawPointer
    ) {
        let count = UInt32(placeCount)
        switch byteWidth {
        case 1: unsafe drumlin_gather_u8(places, count, table, destination)
        case 2: unsafe drumlin_gather_u16(places, count, table, destination)
        case 4: unsafe drumlin_gather_u32(places, count, table, destination)
        default: unsafe drumlin_gather_u64(places, count, table, destination)
        }
    }
}
