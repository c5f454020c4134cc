/// How hard an encoder tries.
package struct EncodingOptions: Sendable {
    /// The part of its bytes that LZ4 must save to be used: it costs every reader.
    package var lz4MinimumSaving: Double
    /// Whether LZ4 looks for the best matches, at a tenth of the speed: what it writes is read no slower.
    package var usesHighCompression: Bool

    /// For rows that are sealed once and soon merged into a larger segment.
    package static let fresh = EncodingOptions(lz4MinimumSaving: 0.15, usesHighCompression: false)
    /// For rows that are written for long, in the background.
    package static let compacted = EncodingOptions(lz4MinimumSaving: 0.05, usesHighCompression: true)

    private init(lz4MinimumSaving: Double, usesHighCompression: Bool) {
        self.lz4MinimumSaving = lz4MinimumSaving
        self.usesHighCompression = usesHighCompression
    }

    /// The same, never with LZ4: for bytes that are packed already.
    var withoutCompression: EncodingOptions {
        var options = self
        options.lz4MinimumSaving = 1
        return options
    }

    /// ``fresh``.
    package init() { self = .fresh }
}
