internal import ColumnFormat
internal import ColumnStore
internal import ColumnViews

extension TaskState {
    private static let checkpointVersion: UInt8 = 1

    /// The state after exactly the rows that the tables have now. Called under the lock when memtables are frozen.
    func checkpoint() throws(ViewError) -> [UInt8] {
        var writer = ByteWriter(reservingCapacity: 1 << 14)
        writer.append(Self.checkpointVersion)
        writer.append(varint: predictions.endRow)
        writer.append(varint: labels.endRow)
        writer.append(varint: UInt64(pendingCount))
        writer.append(UInt8(hasIDLabels ? 1 : 0))
        counters.write(to: &writer)
        layout.write(to: &writer)
        let bytes = try view.encode()
        writer.append(varint: UInt64(bytes.count))
        writer.append(bytes: bytes)
        return writer.bytes
    }

    /// Takes over a checkpoint if it is of exactly the sealed rows and of what is registered now; else changes nothing.
    /// A checkpoint is a copy of what the rows say, so one that cannot be used is not an error: the rows are read again.
    func restore(checkpoint bytes: [UInt8], byteLimit: Int) -> Bool {
        let decoded = unsafe bytes.withUnsafeBytes { raw in
            unsafe try? decode(raw, byteLimit: byteLimit)
        }
        guard let decoded, decoded.predictionRows == predictions.sealedEndRow,
            decoded.labelRows == labels.sealedEndRow, decoded.layout == layout,
            Set(decoded.view.windows) == Set(view.windows), decoded.view.paneWidth == view.paneWidth
        else { return false }
        view = decoded.view
        pendingCount = decoded.pendingCount
        hasIDLabels = decoded.hasIDLabels
        counters = decoded.counters
        return true
    }

    private struct Decoded {
        let predictionRows: UInt64
        let labelRows: UInt64
        let pendingCount: Int
        let hasIDLabels: Bool
        let counters: TaskCounters
        let layout: CellLayout
        let view: WindowedView
    }

    private func decode(_ bytes: UnsafeRawBufferPointer, byteLimit: Int) throws(FormatError) -> Decoded {
        var reader = unsafe ByteReader(bytes)
        guard try reader.read(UInt8.self) == Self.checkpointVersion else {
            throw FormatError(.unsupported, "a checkpoint of another version")
        }
        let (predictionRows, labelRows) = (try reader.readVarint(), try reader.readVarint())
        let pending = try reader.readCount(limit: .max, of: "pending labels")
        let hasIDLabels = try reader.read(UInt8.self) != 0
        let counters = try TaskCounters(from: &reader)
        let layout = try CellLayout(from: &reader)
        let byteCount = try reader.readCount(limit: reader.remaining, of: "bytes of a view")
        let view = unsafe try WindowedView(decoding: try reader.readBytes(byteCount), byteLimit: byteLimit)
        return Decoded(
            predictionRows: predictionRows, labelRows: labelRows, pendingCount: pending, hasIDLabels: hasIDLabels,
            counters: counters, layout: layout, view: view)
    }

    // MARK: Replay

    /// Repeats the calls that the logs hold, in their order, on a state that was restored from a checkpoint.
    ///
    /// What was published then is in the metrics table and is not published again; what a crash kept from being published
    /// is returned, with the number of the event that it comes from.
    func replay(_ journal: [JournalEntry]) throws(StoreError) -> [(due: [DueWindow], source: UInt64)] {
        var unpublished: [(due: [DueWindow], source: UInt64)] = []
        for entry in journal {
            switch entry.tableID {
            case predictions.id: try replayPredictions(entry)
            case labels.id: try replayLabels(entry)
            case metricsTable.id:
                unpublished.removeAll()
                continue
            default: continue
            }
            guard view.advance(to: entry.arrival) else { continue }
            while view.isDue {
                let due = try takeDue()
                if !due.isEmpty { unpublished.append((due, entry.sequence)) }
            }
        }
        return unpublished
    }

    private func replayPredictions(_ entry: JournalEntry) throws(StoreError) {
        for row in entry.firstRow..<(entry.firstRow + UInt64(entry.rowCount)) {
            let (facts, at) = try facts(ofRow: row)
            guard case .string(var id) = try predictions.value(row: row, column: tables.idColumn) else { continue }
            // Feedback that is in the store already but came later is counted when its own turn comes.
            let limit = replayedLabelRow
            unsafe try id.withUTF8Throwing { (bytes) throws(StoreError) in
                unsafe try countPrediction(row: row, at: at, facts: facts, id: bytes, labelsBelow: limit)
            }
        }
    }

    private func replayLabels(_ entry: JournalEntry) throws(StoreError) {
        for row in entry.firstRow..<(entry.firstRow + UInt64(entry.rowCount)) {
            replayedLabelRow = row + 1
            if let predictionRow = try labels.int64(row: row, column: tables.labelRowColumn) {
                let target = UInt64(bitPattern: predictionRow)
                guard target < predictions.endRow,
                    case .string(var id) = try predictions.value(row: target, column: tables.idColumn)
                else { continue }
                unsafe try id.withUTF8Throwing { (bytes) throws(StoreError) in
                    unsafe try countLabel(row: row, predictionRow: target, id: bytes)
                }
            } else if case .string(var id) = try labels.value(row: row, column: tables.labelIDColumn) {
                unsafe try id.withUTF8Throwing { (bytes) throws(StoreError) in
                    unsafe try countLabel(row: row, predictionRow: nil, id: bytes)
                }
            }
        }
    }
}
