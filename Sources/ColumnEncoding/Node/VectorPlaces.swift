internal import CDrumlinShims

/// A few rows of a vector, ascending, counted from its first: at most as many as a vector has. For as long as their memory
/// stays.
@safe
package struct VectorPlaces {
    package let vector: Int
    package let places: UnsafePointer<UInt32>
    package let count: Int

    package init(vector: Int, places: UnsafePointer<UInt32>, count: Int) {
        self.vector = vector
        unsafe self.places = places
        self.count = count
    }
}

extension VectorPlaces {
    /// The values at the places, of a vector of words.
    func pick(from words: UnsafeRawPointer, byteWidth: Int, into destination: UnsafeMutableRawPointer) {
        let count = UInt32(count)
        switch byteWidth {
        case 1: unsafe drumlin_gather_u8(places, count, words, destination)
        case 2: unsafe drumlin_gather_u16(places, count, words, destination)
        case 4: unsafe drumlin_gather_u32(places, count, words, destination)
        default: unsafe drumlin_gather_u64(places, count, words, destination)
        }
    }
}
