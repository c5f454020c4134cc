/// A checkpoint of the views: a function of all events below `sequence`.
package struct CheckpointRecord: Hashable, Sendable {
    /// Relative to the store's directory.
    package var fileName: String
    package var sequence: UInt64
    package var byteCount: UInt64
    package var checksum: UInt64

    package init(fileName: String, sequence: UInt64, byteCount: UInt64, checksum: UInt64) {
        self.fileName = fileName
        self.sequence = sequence
        self.byteCount = byteCount
        self.checksum = checksum
    }
}
