/// What was found at the end of a log.
package struct LogEnd: Equatable, Sendable {
    /// Where the whole frames end, in bytes.
    package let validByteCount: Int
    /// The number after the last whole frame's.
    package let nextSequence: UInt64
    /// Something else than zeros follows: never append here, go on in a new file.
    package let isTorn: Bool
    /// Another process has written on: more frames can be read now.
    package let hasMore: Bool

    package init(validByteCount: Int, nextSequence: UInt64, isTorn: Bool, hasMore: Bool = false) {
        self.hasMore = hasMore
        self.validByteCount = validByteCount
        self.nextSequence = nextSequence
        self.isTorn = isTorn
    }
}
