/// The numbers that every page obeys. They are part of the format.
package enum PageLimits {
    /// Rows of one page: a block of a segment.
    package static let maximumRowCount = 65_536
    /// Values that are decoded together and share parameters.
    package static let vectorRowCount = 1_024
    /// Nodes one within another, the leaf included.
    static let maximumDepth = 4

    @inline(__always)
    static func vectorCount(_ count: Int) -> Int { (count + vectorRowCount - 1) / vectorRowCount }

    /// Values in vector `vector` of `count` values: 1,024 but for the last.
    @inline(__always)
    static func valueCount(ofVector vector: Int, of count: Int) -> Int {
        min(vectorRowCount, count - vector * vectorRowCount)
    }
}
