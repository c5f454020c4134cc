/// A frame as read: its header, and the sections in its checked payload.
@safe
package struct LogFrame {
    package let header: LogFrameHeader
    /// Where the frame begins in its file, in bytes.
    package let offset: Int
    /// Valid until the reader goes on.
    package let payload: UnsafeRawBufferPointer

    package init(header: LogFrameHeader, offset: Int, payload: UnsafeRawBufferPointer) {
        self.header = header
        self.offset = offset
        unsafe self.payload = payload
    }

    /// The sections from the first on.
    package var sections: LogSectionCursor { LogSectionCursor(frame: self) }
}
