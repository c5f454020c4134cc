#if DRUMLIN_INJECTED_BUGS
    import ColumnFormat
#endif

/// The loops around the calls of an operating system that may do a part of what they were asked for, or nothing because a
/// signal came: real ones and simulated ones.
package enum Transfer {
    /// Hands all of `bytes` to `call`, which gets what is left and where it belongs and returns how many bytes it took; nil
    /// where it is to be called again.
    package static func write(
        _ bytes: UnsafeRawBufferPointer, at offset: Int, path: String,
        _ call: (UnsafeRawBufferPointer, Int) throws(StoreError) -> Int?
    ) throws(StoreError) {
        var done = 0
        while done < bytes.count {
            let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[done...])
            guard let count = unsafe try call(rest, offset + done) else { continue }
            guard count > 0 else {
                throw StoreError(.io, "write: no byte was taken", path: path, offset: offset + done)
            }
            done += count
            #if DRUMLIN_INJECTED_BUGS
                if InjectedBug.ignoreShortWrite.isOn { return }
            #endif
        }
    }

    /// Fills `buffer` by `call`, which gets the rest of it and from where in the file; 0 is the end of the file. Returns how
    /// many bytes there were.
    package static func read(
        into buffer: UnsafeMutableRawBufferPointer, at offset: Int, path: String,
        _ call: (UnsafeMutableRawBufferPointer, Int) throws(StoreError) -> Int?
    ) throws(StoreError) -> Int {
        var done = 0
        while done < buffer.count {
            let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
            guard let count = unsafe try call(rest, offset + done) else { continue }
            if count == 0 { break }
            done += count
        }
        return done
    }
}
