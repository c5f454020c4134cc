internal import ColumnFormat

extension Store {
    /// Sets how much a table keeps, by its full name, for good; nil lets it keep everything, as at first.
    ///
    /// Of a task name its `predictions`: their labels go with them, and what the windows have counted stays. Its `metrics`
    /// can be given a retention of their own. Rows are dropped soon after they are sealed, and when the store is opened or
    /// compacted; ages count from the wall clock, in a replay from the greatest time of an event. The space is back at once.
    ///
    /// Throws `.notFound` if there is no such table, `.invalidInput` for limits that are not above zero, an age where the table
    /// has no times, and the tables of a task that do not stand alone, `.readOnly`.
    public func setRetention(_ retention: Retention?, for table: String) throws(StoreError) {
        guard let maintenance else { throw StoreError.openedForReading }
        let snapshot = try snapshot(of: table)
        guard let retention else { return try setMetadata([:], removing: [Retention.key(table)]) }
        guard retention.isValid else {
            throw StoreError(
                .invalidInput, "a retention without a limit above zero", remedy: "set an age, rows or bytes to keep")
        }
        if retention.age != nil, snapshot.schema.timeColumn == nil {
            throw StoreError(
                .invalidInput, "table '\(table)' has no column of times", remedy: "set rows or bytes to keep")
        }
        guard !table.hasSuffix("/labels"), !table.hasSuffix("/reference") else {
            throw StoreError(
                .invalidInput, "the rows of table '\(table)' go with others of its task",
                remedy: "set the retention of its predictions")
        }
        try setMetadata([Retention.key(table): retention.bytes])
        maintenance.begin(in: self)
    }

    /// Drops now what the tables need not keep any more; returns how many rows went. In the background that happens after
    /// each seal; call this where nothing is sealed for long and ages count.
    ///
    /// Throws `.readOnly`, `.closed`, `.noSpace`, `.io` or `.corrupt`. O(segments), and O(feedback that is stored by id) of a
    /// task whose predictions go.
    @discardableResult
    public func applyRetention() throws(StoreError) -> Int {
        guard let maintenance else { throw StoreError.openedForReading }
        return try maintenance.dropRows(in: self)
    }

    /// How much a table keeps; nil where that is everything.
    public func retention(of table: String) throws(StoreError) -> Retention? {
        guard let bytes = metadata(Retention.key(table)) else { return nil }
        do {
            return try Retention(reading: bytes)
        } catch {
            throw StoreError(error, path: path)
        }
    }

    /// Drops all rows of a table below `row`, where a segment begins or the sealed rows end, and seals that. Of a task that
    /// this process has not opened nothing is dropped: its windows could not follow.
    package func dropRows(of table: TableState, before row: UInt64) throws(StoreError) {
        if let slash = table.name.firstIndex(of: "/") {
            let predictions = table.name[..<slash] + "/predictions"
            guard let dropper = read({ $0.rowDroppers[String(predictions)] }) else { return }
            if table.name == predictions { return try dropper.dropRows(before: row, in: self) }
        }
        try write { core throws(StoreError) in
            guard core.tables[table.id] === table else { return }
            core.add(RowRemoval(droppedBefore: row), to: table)
            try core.commit(arrival: core.lastArrival)
        }
        try seal()
    }
}

extension Schema {
    /// The column that tells the time of a row: `_at`, `computed_at`, else the first one of times.
    package var timeColumn: Int? {
        for name in ["_at", "computed_at"] {
            if let place = position(of: name), columns[place].type == .timestamp { return place }
        }
        return columns.firstIndex { $0.type == .timestamp }
    }
}

extension SegmentReader {
    /// The smallest and greatest value of a column of times, in µs, from its zone maps; nil where a block has none.
    package func times(column: Int?) -> ClosedRange<Int64>? {
        guard let column else { return nil }
        var range: ClosedRange<Int64>?
        for page in footer.columns[column] {
            guard case .timestamp(let low)? = page.zone.minimum, case .timestamp(let high)? = page.zone.maximum,
                low <= high
            else { continue }
            let (first, last) = (low.microseconds, high.microseconds)
            range = min(range?.lowerBound ?? first, first)...max(range?.upperBound ?? last, last)
        }
        return range
    }
}
