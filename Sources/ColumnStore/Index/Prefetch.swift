internal import CDrumlinShims

/// Asks the processor for memory that will be needed in a moment: several waits for it then overlap.
package enum Prefetch {
    /// Begins to load the line at `address`, which need not be valid.
    @inline(__always)
    package static func line(at address: UnsafeRawPointer) { unsafe drumlin_prefetch(address) }
}
