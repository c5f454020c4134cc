import ColumnFormat

/// Frames that belong at one place of one file.
struct LogChunk: Sendable {
    let target: LogTarget
    let fileOffset: Int
    let buffer: LogBuffer
    let endSequence: UInt64
}
