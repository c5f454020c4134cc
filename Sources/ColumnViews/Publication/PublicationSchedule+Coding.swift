import ColumnFormat

extension PublicationSchedule {
    /// Everything that decides later publications: entries with their windows, watched windows in ascending order of
    /// their keys, changed panes, and the last look.
    func encode(to writer: inout ByteWriter) {
        writer.append(varint: UInt64(nextIdentifier))
        writer.append(varint: UInt64(entries.count))
        for entry in entries {
            writer.append(varint: UInt64(entry.identifier))
            writer.append(string: entry.window.description)
            writer.append(UInt8(entry.frontier == nil ? 0 : 1))
            writer.append(zigzag: entry.frontier ?? 0)
            writer.append(entry.nextTime)
            writer.append(entry.lastFingerprint)
            writer.append(varint: UInt64(entry.lastRevision))
            entry.revisions.encode(to: &writer)
        }
        writer.append(varint: UInt64(watched.count))
        for (key, state) in watched.sorted(by: { $0.key < $1.key }) {
            writer.append(varint: UInt64(key.identifier))
            writer.append(zigzag: key.ordinal)
            writer.append(state.fingerprint)
            writer.append(varint: UInt64(state.revision))
            writer.append(zigzag: state.since)
            writer.append(zigzag: state.due)
            writer.append(UInt8(state.wasFinal ? 1 : 0))
        }
        let changed = Set(changedPanes).sorted()
        writer.append(varint: UInt64(changed.count))
        for pane in changed { writer.append(zigzag: pane) }
        writer.append(closedPanes)
        writer.append(nextEdge)
    }

    init(width: PaneWidth, from reader: inout ByteReader) throws(FormatError) {
        self.init(width: width)
        nextIdentifier = UInt32(try reader.readCount(limit: Int(Int32.max), of: "registrations"))
        let entryCount = try reader.readCount(limit: reader.remaining, of: "windows")
        for _ in 0..<entryCount { entries.append(try readEntry(from: &reader)) }
        let watchedCount = try reader.readCount(limit: reader.remaining / 14, of: "watched windows")
        for _ in 0..<watchedCount {
            let start = reader.offset
            let identifier = UInt32(truncatingIfNeeded: try reader.readVarint())
            let key = WatchedWindow.Key(identifier: identifier, ordinal: try reader.readZigzag())
            let state = WatchedWindow(
                fingerprint: try reader.read(Int64.self),
                revision: try reader.readCount(limit: Int(UInt32.max), of: "publications"),
                since: try reader.readZigzag(), due: try reader.readZigzag(),
                wasFinal: try PublicationSchedule.readFlag(from: &reader))
            guard entries.contains(where: { $0.identifier == identifier && $0.grid != nil }), watched[key] == nil else {
                throw FormatError(.invalid, "a watched window that is not registered, or twice", at: start)
            }
            watched[key] = state
            heap.insert(DueHeap.Item(due: state.due, key: key))
        }
        let changedCount = try reader.readCount(limit: reader.remaining, of: "changed panes")
        for _ in 0..<changedCount { changedPanes.append(try reader.readZigzag()) }
        closedPanes = try reader.read(Int64.self)
        nextEdge = try reader.read(Int64.self)
        setWakeTime()
    }

    private func readEntry(from reader: inout ByteReader) throws(FormatError) -> PublicationEntry {
        let start = reader.offset
        let identifier = try reader.readCount(limit: Int(nextIdentifier), of: "registrations")
        let text = try reader.readString(limit: 256)
        guard identifier < Int(nextIdentifier), entries.last.map({ $0.identifier < identifier }) ?? true else {
            throw FormatError(.invalid, "the windows are out of order", at: start)
        }
        guard let window = Window(text), width.divides(window), !entries.contains(where: { $0.window == window }) else {
            throw FormatError(.invalid, "\"\(text)\" is no window of panes of \(width.microseconds) µs", at: start)
        }
        var entry = PublicationEntry(identifier: UInt32(identifier), window: window)
        let hasFrontier = try PublicationSchedule.readFlag(from: &reader)
        let frontier = try reader.readZigzag()
        entry.nextTime = try reader.read(Int64.self)
        entry.lastFingerprint = try reader.read(Int64.self)
        entry.lastRevision = try reader.readCount(limit: 65_535, of: "publications")
        entry.revisions = try RevisionTable(from: &reader)
        // A number of a window counts at least seconds: a greater one would be beyond the end of time.
        guard abs(frontier.saturatingAdd(1)) < 1 << 50 else {
            throw FormatError(.invalid, "a window beyond the end of time", at: start)
        }
        if hasFrontier { entry.frontier = frontier }
        return entry
    }

    private static func readFlag(from reader: inout ByteReader) throws(FormatError) -> Bool {
        let flag = try reader.read(UInt8.self)
        guard flag <= 1 else { throw FormatError(.invalid, "\(flag) as a flag", at: reader.offset - 1) }
        return flag == 1
    }
}
