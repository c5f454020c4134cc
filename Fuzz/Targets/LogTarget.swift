import ColumnFormat
import ColumnStore
import TestSupport

/// A log, or a manifest: every frame, before and behind damage, with what is in it.
struct LogTarget: FuzzTarget {
    let kind: LogFileHeader.Kind

    func run(_ bytes: [UInt8]) {
        let file = MemoryFile(bytes, path: "log-000001")
        guard let reader = try? LogReader(file: file, kind: kind) else { return }
        var state = ManifestState()
        var attempts = 0
        while attempts < 50 {
            attempts += 1
            while let frame = try? reader.next() { look(at: frame, &state) }
            if let end = try? reader.finish() {
                require(end.validByteCount <= max(bytes.count, LogFileHeader.byteCount), "frames end behind the file")
            }
            guard (try? reader.skipDamage()) != nil else { break }
        }
        guard kind == .manifest else { return }
        // A snapshot makes the same state from nothing.
        var again = ManifestState()
        do throws(FormatError) {
            let edits = state.snapshotEdits
            require(try Self.decode(ManifestEdit.encode(edits)) == edits, "a snapshot is read as another one")
            try again.apply(edits)
        } catch {
            fatalError("a snapshot is refused: \(error)")
        }
        require(again == state, "a snapshot makes another state")
        for table in state.tables.values { _ = try? SchemaHistory(table) }
    }

    private static func decode(_ bytes: [UInt8]) throws(FormatError) -> [ManifestEdit] {
        try unsafe bytes.withUnsafeBytesThrowing { (raw) throws(FormatError) in unsafe try ManifestEdit.decode(raw) }
    }

    private static let layout = RowLayout(EveryType.schema)

    private func look(at frame: LogFrame, _ state: inout ManifestState) {
        var sections = frame.sections
        while let section = try? sections.next() {
            switch section.kind {
            case .manifestEdits:
                guard let edits = unsafe try? ManifestEdit.decode(section.bytes) else { continue }
                require((try? Self.decode(ManifestEdit.encode(edits))) == edits, "edits are read as others")
                try? state.apply(edits)
            case .removal:
                guard let removal = unsafe try? RowRemoval(reading: section.bytes) else { continue }
                require(!removal.rows.contains(UInt64.max), "a row beyond all is gone")
                let again = unsafe removal.bytes.withUnsafeBytes { unsafe try? RowRemoval(reading: $0) }
                require(again == removal, "a removal is read as another one")
            default:
                let builders = EveryType.schema.columns.map { ColumnBuilder(type: $0.type) }
                let isWhole =
                    unsafe (try? Self.layout.append(
                        rows: section.rowCount, from: section.bytes, to: builders.map(\.cursor))) != nil
                let counts = Set(builders.map(\.count))
                require(counts.count == 1, "columns of \(counts) rows")
                if isWhole { require(counts == [section.rowCount], "\(counts) rows of \(section.rowCount)") }
            }
        }
    }

    func repair(_ bytes: inout [UInt8], using choice: inout SplitMix) { ChecksumRepair.log(&bytes, kind: kind) }

    var seeds: [[UInt8]] {
        let files = StoreTarget.smallStore() + StoreTarget.smallStore(closes: false, isRich: true)
        return files.filter { $0.path.contains(kind == .log ? "log-" : "MANIFEST") }.map { file in
            Array(file.bytes.prefix((file.bytes.lastIndex { $0 != 0 } ?? 0) + 9))
        }
    }
}
