extension Array where Element == UInt8 {
    /// `withUnsafeBytes` for a body with a typed throw.
    package func withUnsafeBytesThrowing<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let result = unsafe withUnsafeBytes { raw in
            Swift.Result { () throws(Failure) -> Result in unsafe try body(raw) }
        }
        return try result.get()
    }
}
