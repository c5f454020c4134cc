internal import ColumnFormat

extension Table {
    /// Removes the rows that meet `predicate`, for good; returns how many.
    ///
    /// When the call returns, the rows are in no scan and found by no look-up, whatever happens to the machine. Their values
    /// leave the disk with the next ``Store/compact(progress:)``. The numbers of other rows stay as they are; those of the
    /// rows that went are not used again.
    ///
    /// Throws `.readOnly` for the tables of a task, whose metrics have to follow (see the task's `erase(ids:)`),
    /// `.invalidInput` for a condition that the table does not have. O(rows), and a sync of the log.
    @discardableResult
    public func erase(where predicate: Predicate) throws(StoreError) -> Int {
        try checkIsCurrent()
        guard !name.contains("/") else {
            throw StoreError(
                .readOnly, "table '\(name)' belongs to a task",
                remedy: "erase predictions and feedback through the task")
        }
        return try eraseUnchecked(where: predicate)
    }

    package func eraseUnchecked(where predicate: Predicate) throws(StoreError) -> Int {
        let scan = try scan(columns: [], where: predicate)
        var rows: [UInt64] = []
        while let batch = try scan.next() { rows += batch.rowNumbers }
        guard !rows.isEmpty else { return 0 }
        let found = RowSet(rows)
        let count = try store.write { core throws(StoreError) in
            let table = try self.state(in: core)
            // Another thread may have erased some of them meanwhile.
            let live = found.subtracting(table.erased).intersection(table.firstRow..<UInt64.max)
            guard !live.isEmpty else { return 0 }
            core.add(RowRemoval(erased: live), to: table)
            try core.commit(arrival: core.lastArrival)
            return live.count
        }
        try store.sync()
        return count
    }
}
