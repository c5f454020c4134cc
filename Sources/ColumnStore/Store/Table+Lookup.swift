public import ColumnFormat

/// Finding rows by what an indexed column holds.
///
/// Every search goes through the index: the newest rows in memory, then the runs of the sealed ones, of which there are at
/// most log₂(rows ÷ rows of a memtable) + 2. What the index finds is compared in full, so that no answer rests on a hash. The
/// store's lock is held for the rows in memory alone.
///
/// All of these throw `.notFound` if the table was dropped, `.invalidInput` if the column has no index, `.closed` never, and
/// `.corrupt` where a file that they read is damaged: rather than an answer that could be wrong.
extension Table {
    /// The number of the newest row with this id: of the text in the first of the schema's `indexed` columns, which of a
    /// task's tables is `_id`. Nil where there is none.
    ///
    /// About a microsecond among ten million rows, half of one where there is no such id.
    public func lookup(_ id: String) throws(StoreError) -> UInt64? {
        var id = id
        return try id.withUTF8 { (utf8: UnsafeBufferPointer<UInt8>) -> Result<UInt64?, StoreError> in
            Result { () throws(StoreError) in
                let key = UnsafeRawBufferPointer(utf8)
                if let pinned {
                    return unsafe try pinned.newestRow(
                        key, column: idColumn(of: pinned.snapshot.schema, pinned.indexedColumns), in: store)
                }
                return try unsafe newestRow(key) { (table: TableState) throws(StoreError) in
                    try idColumn(of: table.schema, table.indexedColumns)
                }
            }
        }.get()
    }

    /// Whether there is a row with this id. Costs what ``lookup(_:)`` does.
    public func contains(_ id: String) throws(StoreError) -> Bool { try lookup(id) != nil }

    /// ``lookup(_:)`` for many ids, which wait for the memory together: the result has a place for each, in their order. An
    /// id may come several times. Each is looked up as of a moment within the call.
    public func lookupMany(_ ids: [String]) throws(StoreError) -> [UInt64?] {
        if pinned != nil { return try eachOf(ids.count) { (place: Int) throws(StoreError) in try lookup(ids[place]) } }
        var search = LookupMany(count: ids.count)
        while search.begin(upTo: ids.count) {
            for place in search.range {
                var id = ids[place]
                id.withUTF8 { unsafe search.add(UnsafeRawBufferPointer($0)) }
            }
            try find(&search) { (table: TableState) throws(StoreError) in
                try idColumn(of: table.schema, table.indexedColumns)
            }
        }
        return search.rows
    }

    /// The number of the newest row whose `column` holds `value`; nil where there is none. A null is nowhere.
    public func lookup(_ column: String, _ value: Value) throws(StoreError) -> UInt64? {
        guard let key = try key(value, of: column) else { return nil }
        if let pinned {
            let position = try indexedColumn(column, of: pinned.snapshot.schema, pinned.indexedColumns)
            return try withExtendedLifetime(key) { () throws(StoreError) in
                unsafe try pinned.newestRow(key.keyBytes(at: 0), column: position, in: store)
            }
        }
        return try withExtendedLifetime(key) { () throws(StoreError) in
            try unsafe newestRow(key.keyBytes(at: 0)) { (table: TableState) throws(StoreError) in
                try indexedColumn(column, of: table.schema, table.indexedColumns)
            }
        }
    }

    /// Whether a row's `column` holds `value`.
    public func contains(_ column: String, _ value: Value) throws(StoreError) -> Bool {
        try lookup(column, value) != nil
    }

    /// ``lookup(_:_:)`` for many values of one column; see ``lookupMany(_:)``.
    public func lookupMany(_ column: String, _ values: [Value]) throws(StoreError) -> [UInt64?] {
        if pinned != nil {
            return try eachOf(values.count) { (place: Int) throws(StoreError) in try lookup(column, values[place]) }
        }
        var search = LookupMany(count: values.count)
        while search.begin(upTo: values.count) {
            for place in search.range {
                guard let key = try key(values[place], of: column) else {
                    search.addNothing()
                    continue
                }
                withExtendedLifetime(key) { unsafe search.add(key.keyBytes(at: 0)) }
            }
            try find(&search) { (table: TableState) throws(StoreError) in
                try indexedColumn(column, of: table.schema, table.indexedColumns)
            }
        }
        return search.rows
    }

    // MARK: Columns and keys

    private func eachOf(
        _ count: Int, _ find: (Int) throws(StoreError) -> UInt64?
    ) throws(StoreError) -> [UInt64?] {
        var rows: [UInt64?] = []
        rows.reserveCapacity(count)
        for place in 0..<count { rows.append(try find(place)) }
        return rows
    }

    private func idColumn(of schema: Schema, _ indexed: [Int]) throws(StoreError) -> Int {
        guard let column = indexed.first, schema.columns[column].type.isVariableLength else {
            throw StoreError(
                .invalidInput, "table '\(name)' has no index of ids",
                remedy: "name the column: lookup(column, value); or make the table with an indexed column of text")
        }
        return column
    }

    private func indexedColumn(_ column: String, of schema: Schema, _ indexed: [Int]) throws(StoreError) -> Int {
        guard let position = schema.position(of: column), indexed.contains(position) else {
            throw StoreError(
                .invalidInput, "column '\(column)' of table '\(name)' has no index",
                remedy: "scan it instead: scan(where: .equal(\"\(column)\", …))")
        }
        return position
    }

    /// A value as the column's type has it; nil where the column cannot hold it.
    private func key(_ value: Value, of column: String) throws(StoreError) -> ColumnSlice? {
        let type: ColumnType
        if let pinned {
            let schema = pinned.snapshot.schema
            type = schema.columns[try indexedColumn(column, of: schema, pinned.indexedColumns)].type
        } else {
            type = try store.read { core throws(StoreError) in
                let table = try self.state(in: core)
                return table.schema.columns[
                    try indexedColumn(column, of: table.schema, table.indexedColumns)
                ].type
            }
        }
        let key = ColumnBuilder(type: type, capacity: 1)
        guard key.append(value: value), value != .null else { return nil }
        return key.snapshot()
    }

    // MARK: Searching

    /// What the lock is left with.
    private struct Begun {
        var row: UInt64?
        var column: Int
        var hash: UInt32
        var sealed: SealedRows
    }

    private func newestRow(
        _ key: UnsafeRawBufferPointer, _ column: (TableState) throws(StoreError) -> Int
    ) throws(StoreError) -> UInt64? {
        let begun = try store.read { core throws(StoreError) in
            let table = try self.state(in: core)
            let column = try column(table)
            let hash = unsafe table.hash(key, column: column)
            table.index.prefetch(hash)
            let row = unsafe try table.newestRowInMemory(column: column, key: key, hash: hash)
            return Begun(row: row, column: column, hash: hash, sealed: table.sealedRows)
        }
        if let row = begun.row { return row }
        return try begun.sealed.index.newest(begun.hash) { (row: UInt64) throws(StoreError) -> Bool in
            guard begun.sealed.isLive(row) else { return false }
            return unsafe try begun.sealed.segments.holds(row, column: begun.column, key: key)
        }
    }

    /// Finds the keys that `search` was given last.
    private func find(
        _ search: inout LookupMany, _ column: (TableState) throws(StoreError) -> Int
    ) throws(StoreError) {
        var begun: Begun?
        while begun == nil {
            begun = try store.read { core throws(StoreError) -> Begun? in
                let table = try self.state(in: core)
                let column = try column(table)
                search.hash(table.hash, column: column)
                guard try search.findInMemory(of: table, column: column) else { return nil }
                return Begun(row: nil, column: column, hash: 0, sealed: table.sealedRows)
            }
        }
        guard let begun else { return }
        try search.findSealed(begun.sealed, column: begun.column)
    }
}

extension TableState {
    /// The newest row of those that are not sealed whose `column` holds `key`.
    func newestRowInMemory(
        column: Int, key: UnsafeRawBufferPointer, hash: UInt32
    ) throws(StoreError) -> UInt64? {
        var newest: UInt64?
        var place = frozen.count
        while place >= 0, newest == nil {
            let memtable = place == frozen.count ? active : frozen[place]
            _ = unsafe try find(in: memtable, column: column, key: key, hash: hash, false) { row in
                newest = max(newest ?? 0, row)
                return false
            }
            place -= 1
        }
        return newest
    }
}
