import ColumnFormat

/// A file of the log, made or to be made.
final class LogTarget: Sendable {
    let number: UInt64
    let path: String
    let header: LogFileHeader
    let seed: UInt64

    var firstSequence: UInt64 { header.firstSequence }

    init(number: UInt64, firstSequence: UInt64, _ directory: String, _ fileSystem: any FileSystem) {
        self.number = number
        path = LogFile.path(directory, number)
        var id = UniqueID(high: fileSystem.randomUInt64(), low: fileSystem.randomUInt64())
        #if DRUMLIN_INJECTED_BUGS
            if InjectedBug.recycleUncleared.isOn { id = UniqueID(high: 1, low: 1) }
        #endif
        header = LogFileHeader(kind: .log, id: id, number: number, firstSequence: firstSequence)
        seed = header.seed
    }
}
