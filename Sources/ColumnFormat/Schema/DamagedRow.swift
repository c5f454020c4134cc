/// Why rows cannot be read, and where in memory they are, as a number: the memory may be gone when somebody looks at this.
package struct DamagedRow: Error {
    package let error: FormatError
    /// The address of the row, or of what it is in; 0 where there is no byte of it.
    package let address: UInt

    package init(error: FormatError, at address: UnsafeRawPointer?) {
        self.error = error
        self.address = UInt(bitPattern: address)
    }
}
