/// How hard an encoder tries.
package struct EncodingOptions: Sendable {
    /// The part of its bytes that LZ4 must save to be used: it costs every reader.
    package var lz4MinimumSaving = 0.15

    package init() {}
}
