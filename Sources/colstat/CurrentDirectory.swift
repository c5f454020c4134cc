#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The directory from which relative paths count.
func currentDirectory() -> String {
    guard let pointer = unsafe getcwd(nil, 0) else { return "/" }
    defer { unsafe free(pointer) }
    return unsafe String(cString: pointer)
}

/// Lets some milliseconds pass.
func pauseBriefly() { _ = usleep(20_000) }
